//! Every target, over every seed and some thousand inputs made of them.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::OnceLock;
use std::time::Duration;

use fuzz::{Seeds, TARGETS, Target, run};
use testkit::run::{count, seed};

/// An input that takes so long has no end.
const PATIENCE: Duration = Duration::from_secs(60);

fn seeds() -> &'static Result<Seeds, String> {
    static SEEDS: OnceLock<Result<Seeds, String>> = OnceLock::new();
    SEEDS.get_or_init(Seeds::gather)
}

fn bounded(name: &str) {
    let target = Target::named(name).unwrap();
    let Some(seeds) = testkit::or_skip(
        &format!("fuzz {name}"),
        seeds().as_ref().map_err(String::clone),
    ) else {
        return;
    };
    let seeds = seeds.of(name);
    assert!(seeds.len() >= 5, "{} seeds are no beginning", seeds.len());
    let made = count("CAIRN_FUZZ", 5000, 1_000_000);
    let seed = seed(&format!("fuzz {name}"));
    let ran = run(*target, &seeds, made, seed, PATIENCE)
        .unwrap_or_else(|found| panic!("{name}: {found:?}"));
    assert_eq!(ran.inputs, seeds.len() + made);
    testkit::report(&format!(
        "fuzz {name}: {} seeds, {made} made of them, the longest took {:?}",
        seeds.len(),
        ran.longest
    ));
}

macro_rules! bounded {
    ($($test:ident $name:literal)*) => {
        $(
            #[test]
            fn $test() {
                bounded($name);
            }
        )*

        #[test]
        fn every_target_is_here() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$($name),*]);
        }
    };
}

bounded! {
    varint "varint"
    multihash "multihash"
    cid "cid"
    text "text"
    path "path"
    protobuf "protobuf"
    dag_pb "dag-pb"
    dag_cbor "dag-cbor"
    cbor "cbor"
    dag_json "dag-json"
    json "json"
    fields "fields"
    unixfs "unixfs"
    file "file"
    dir "dir"
    carv1 "carv1"
    carv2 "carv2"
    car_index "car-index"
}
