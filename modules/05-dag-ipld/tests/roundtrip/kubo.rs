//! Kubo puts the same values, and takes no block that is not taken here.

use std::path::Path;

use block_cid::hash;
use bytes::Bytes;
use dag_ipld::{Cid, Codec, Ipld};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use testkit::Trial;
use testkit::kubo::{Kubo, Repo};
use testkit::run::count;

use crate::values::{mutated, value};

/// Makes values, the same ones from the same seed.
fn runner(seed: u64) -> TestRunner {
    let seed = hash::sha2_256(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, seed.digest());
    TestRunner::new_with_rng(ProptestConfig::default(), rng)
}

fn made<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Whether Kubo has the value: its integers end at 64 bits with a sign, and so does what it reads
/// before a point.
fn known(value: &Ipld, whole: bool) -> bool {
    match value {
        Ipld::Integer(n) => i64::try_from(*n).is_ok(),
        Ipld::Float(n) if n.fract() == 0.0 => whole && !(2f64.powi(63)..1e21).contains(&n.abs()),
        Ipld::List(items) => items.iter().all(|item| known(item, whole)),
        Ipld::Map(map) => map.values().all(|item| known(item, whole)),
        _ => true,
    }
}

/// The CIDs of what `ipfs dag put` reads from these files.
fn put(repo: &Repo, dir: &Path, input: Codec, store: Codec, blocks: &[Bytes]) -> Vec<String> {
    let mut args = vec!["dag".to_owned(), "put".to_owned()];
    args.extend(["--input-codec".to_owned(), input.to_string()]);
    args.extend(["--store-codec".to_owned(), store.to_string()]);
    for (n, block) in blocks.iter().enumerate() {
        // Kubo puts files in the order of their names.
        let file = dir.join(format!("{input}-{store}-{n:05}"));
        std::fs::write(&file, block).unwrap();
        args.push(file.to_str().unwrap().to_owned());
    }
    let printed = String::from_utf8(repo.run(&args)).unwrap();
    printed.lines().map(str::to_owned).collect()
}

fn cid(codec: Codec, block: &[u8]) -> String {
    Cid::new_v1(codec.code(), hash::sha2_256(block)).to_string()
}

#[test]
fn values_have_the_cids_of_kubo() {
    let Some(kubo) = Kubo::find("values against Kubo") else {
        return;
    };
    let seed = testkit::run::seed("values against Kubo");
    let mut trial = Trial::new("kubo", "values", seed);
    let dir = tempfile::tempdir().unwrap();
    let repo = kubo.repo(&dir.path().join("repo"));
    let mut runner = runner(seed);
    for (input, store) in [
        (Codec::DagJson, Codec::DagCbor),
        (Codec::DagJson, Codec::DagJson),
        (Codec::DagCbor, Codec::DagCbor),
        (Codec::DagCbor, Codec::DagJson),
        (Codec::Json, Codec::Json),
        (Codec::Json, Codec::Cbor),
    ] {
        // Kubo writes whole floats of dag-json as integers.
        let whole = store != Codec::DagJson;
        let plain = input == Codec::Json;
        let (mut given, mut expected) = (Vec::new(), Vec::new());
        while given.len() < count("CAIRN_KUBO_VALUES", 50, 1000) as usize {
            let value = made(&mut runner, &value(plain));
            // A map that looks like a link is refused here.
            let (true, Ok(block)) = (known(&value, whole), input.encode(&value)) else {
                continue;
            };
            let block = Bytes::from(block);
            let value = input.decode_relaxed(&block).unwrap();
            if known(&value, whole) {
                expected.push(cid(store, &store.encode(&value).unwrap()));
                given.push(block);
            }
        }
        let printed = put(&repo, dir.path(), input, store, &given);
        assert_eq!(printed, expected, "{input} to {store}");
        trial.many(printed.len() as u64);
    }
    trial.end("put by six pairs of codecs");
}

/// Why blocks of dag-cbor are refused that Kubo takes: it lets through text that is none, drops
/// tags of what is not bytes, and gives zero a sign.
const REFUSED: [&str; 3] = ["not UTF-8", "zero has no sign", "has no place in dag-cbor"];

#[test]
fn blocks_that_kubo_takes_are_taken() {
    let Some(kubo) = Kubo::find("blocks against Kubo") else {
        return;
    };
    let seed = testkit::run::seed("blocks against Kubo");
    let mut trial = Trial::new("kubo", "blocks", seed);
    let dir = tempfile::tempdir().unwrap();
    let repo = kubo.repo(&dir.path().join("repo"));
    let mut runner = runner(seed);
    let mut taken = 0;
    for _ in 0..count("CAIRN_KUBO_BLOCKS", 10, 500) {
        let block = Codec::DagCbor.encode(&made(&mut runner, &value(false)));
        let (at, byte, how) = made(&mut runner, &any::<(prop::sample::Index, u8, u8)>());
        let block = mutated(block.unwrap(), at, byte, how);
        let theirs = repo.output(&["dag", "put", "--input-codec", "dag-cbor"], &block);
        trial.one();
        if !theirs.status.success() {
            continue;
        }
        taken += 1;
        let theirs = String::from_utf8(theirs.stdout).unwrap();
        let value = Codec::DagCbor.decode_relaxed(&block);
        // Kubo makes another number of an integer below -2^63.
        if value.as_ref().is_ok_and(|value| !known(value, true)) {
            continue;
        }
        match value.and_then(|value| Codec::DagCbor.encode(&value)) {
            Ok(ours) => assert_eq!(cid(Codec::DagCbor, &ours), theirs.trim(), "{block:?}"),
            Err(error) => {
                let error = error.to_string();
                let known = REFUSED.iter().any(|reason| error.contains(reason));
                assert!(known, "{error}: {block:?}");
            }
        }
    }
    trial.end(&format!(
        "blocks with a byte changed, {taken} taken by Kubo"
    ));
}
