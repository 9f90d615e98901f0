//! What Kubo says of our CARs, and we of Kubo's.

use std::io::Cursor;

use block_cid::{Blocks, text};
use datastore::MemStore;
use persistent::ops::Silent;
use testkit::Rng;
use testkit::kubo::Kubo;
use unixfs_car::car::import::{Import, import};

use crate::export::exported;
use crate::made::{VERSIONS, blocks, car};

/// Files and folders from a seed, in an order that sorts otherwise than it was made.
fn tree(rng: &mut Rng, dir: &std::path::Path, depth: u32) {
    for n in 0..3 + rng.below(4) {
        let path = dir.join(format!("{:x}-{n}", rng.next() as u16));
        if depth > 0 && rng.once_in(3) {
            std::fs::create_dir(&path).unwrap();
            tree(rng, &path, depth - 1);
        } else {
            let len = [0, 10, 1000, 300_000][rng.below(4) as usize];
            std::fs::write(&path, rng.bytes(len)).unwrap();
        }
    }
}

/// `dag export` of Kubo's, imported here and exported again, is the same file; so is a DAG with every
/// codec that has links.
#[test]
fn exports_are_those_of_kubo_to_the_byte() {
    let Some(kubo) = Kubo::find("exports as Kubo writes them") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let repo = kubo.repo(&dir.path().join("ipfs"));
    let mut rng = Rng::new(testkit::run::seed("kubo, exports"));
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    let mut roots = Vec::new();
    for round in 0..testkit::run::count("CAIRN_TREES", 2, 20) {
        let path = dir.path().join(format!("tree{round}"));
        std::fs::create_dir(&path).unwrap();
        tree(&mut rng, &path, 2);
        for flags in [
            &["--cid-version=0"][..],
            &["--cid-version=1"],
            &["--trickle", "--inline"],
        ] {
            let add = ["add", "-rQ", "--pin=false"];
            let args = add.iter().chain(flags).map(ToString::to_string);
            let args: Vec<String> = args.chain([path.to_str().unwrap().to_owned()]).collect();
            roots.push(said(repo.run(&args)));
        }
    }
    let [first, second, ..] = &roots[..] else {
        panic!("there are no trees");
    };
    let put = |codec: &str, json: &str| {
        let store = format!("--store-codec={codec}");
        said(repo.give(["dag", "put", store.as_str()], json.as_bytes()))
    };
    let json = |a: &str, b: &str| {
        format!(
            r#"{{"z":{{"/":"{a}"}},"list":[{{"/":"{b}"}},1,{{"/":"{a}"}}],"a":{{"b":{{"/":"bafkqaaa"}}}}}}"#
        )
    };
    let cbor = put("dag-cbor", &json(first, second));
    let both = put("dag-json", &json(&cbor, second));
    roots.extend([cbor, both]);
    for root in &roots {
        let theirs = repo.run(["dag", "export", root]);
        let store = Blocks::new(MemStore::new());
        let done = import(
            Cursor::new(theirs.clone()),
            &store,
            Import::default(),
            &Silent,
        );
        assert_eq!(done.unwrap().roots[0].to_string(), *root);
        let ours = exported(&store, &text::parse(root).unwrap()).unwrap();
        assert!(
            ours == theirs,
            "{root} is exported otherwise by Kubo {}",
            kubo.version
        );
    }
    testkit::report(&format!(
        "{} DAGs exported as by Kubo {}",
        roots.len(),
        kubo.version
    ));
}

#[test]
fn kubo_imports_every_version_that_is_written() {
    let Some(kubo) = Kubo::find("our CARs as Kubo imports them") else {
        return;
    };
    // Each is asked for by a process of its own.
    let blocks = &blocks()[..7];
    for version in VERSIONS {
        let dir = tempfile::tempdir().unwrap();
        let repo = kubo.repo(&dir.path().join("ipfs"));
        let path = dir.path().join("ours.car");
        std::fs::write(&path, car(version, &[*blocks[0].cid()], blocks)).unwrap();
        let path = path.to_str().unwrap();
        let said = repo.run(["dag", "import", "--stats", "--pin-roots=false", path]);
        let said = String::from_utf8(said).unwrap();
        assert!(
            said.contains(&format!("Imported {} blocks", blocks.len())),
            "{said}"
        );
        for block in blocks {
            let given = repo.run(["block", "get", &block.cid().to_string()]);
            assert!(given == block.data()[..], "{} of {version:?}", block.cid());
        }
    }
}
