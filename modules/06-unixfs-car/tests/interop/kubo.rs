//! Kubo's word is the last one.

use std::fs;

use testkit::kubo::Kubo;
use testkit::{Rng, run};

use crate::ours::{Ours, last};
use crate::{rounds, tree};

/// What `ipfs add` can be told that changes a CID.
const FLAGS: &[&[&str]] = &[
    &[],
    &["--cid-version=1"],
    &["--cid-version=1", "--raw-leaves=false"],
    &["--raw-leaves"],
    &["--trickle"],
    &["--trickle", "--raw-leaves"],
    &["--chunker=size-1000"],
    &["--chunker=rabin"],
    &["--chunker=rabin-4096-8192-16384", "--cid-version=1"],
    &["--chunker=buzhash"],
    &["--hash=blake2b-256"],
    &["--hash=blake3", "--raw-leaves"],
    &["--hash=sha2-512"],
    &["--inline"],
    &["--inline", "--inline-limit=100", "--cid-version=1"],
    &["-H"],
    &["-w"],
    &["-H", "--preserve-mode"],
    &["-H", "--preserve-mtime", "--cid-version=1"],
    &["--mode=0640", "--mtime=1700000000"],
    &["--max-file-links=7", "--chunker=size-1000"],
];

#[test]
fn add_gives_the_cids_of_ipfs_add() {
    let Some(kubo) = Kubo::find("the CIDs of ipfs add") else {
        return;
    };
    let seed = run::seed("interop::kubo::add");
    for round in 0..rounds() {
        let place = tempfile::tempdir().unwrap();
        let repo = kubo.repo(&place.path().join("ipfs"));
        let folder = place.path().join("folder");
        tree::make(&folder, &mut Rng::of(seed, &[round]), 12);
        let ours = Ours::new("memory", &place.path().join("ours"));
        for flags in FLAGS {
            let args = |own: &'static str| {
                let mut args = vec!["add", "-r", own];
                args.extend(*flags);
                args.push(folder.to_str().unwrap());
                args
            };
            // Kubo's own --only-hash does not find a sharded folder again whose mode is kept.
            let theirs = String::from_utf8(repo.run(args("--pin=false"))).unwrap();
            let ours = String::from_utf8(ours.run(args("--only-hash"))).unwrap();
            assert_eq!(
                ours, theirs,
                "Kubo {}, {flags:?}, round {round}",
                kubo.version
            );
        }
    }
    let tried = rounds() as usize * FLAGS.len();
    run::report(&format!(
        "ipfs add {}: {tried} folders, the same lines",
        kubo.version
    ));
}

#[test]
fn a_dag_goes_to_kubo_and_back_as_the_same_car() {
    let Some(kubo) = Kubo::find("CARs to Kubo and back") else {
        return;
    };
    let seed = run::seed("interop::kubo::cars");
    for round in 0..rounds() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let repo = kubo.repo(&at("ipfs"));
        tree::make(&at("folder"), &mut Rng::of(seed, &[round]), 12);
        let ours = Ours::new("pack", &at("ours"));
        let folder = at("folder");
        let root = ours.last(["add", "-r", "-H", "-Q", folder.to_str().unwrap()]);

        ours.export(&root, &at("ours.car"));
        repo.run(["dag", "import", at("ours.car").to_str().unwrap()]);
        repo.run(["get", &root, "-o", at("theirs").to_str().unwrap()]);
        assert_eq!(
            tree::read(&at("theirs")),
            tree::read(&folder),
            "Kubo reads us"
        );

        let car = repo.run(["dag", "export", "--progress=false", &root]);
        assert!(
            car == fs::read(at("ours.car")).unwrap(),
            "round {round}: the CARs differ"
        );

        let fresh = Ours::new("redb", &at("fresh"));
        fs::write(at("theirs.car"), &car).unwrap();
        assert_eq!(
            last(&fresh.run(["import", at("theirs.car").to_str().unwrap()])),
            root
        );
        fresh.run(["get", &root, "-o", at("back").to_str().unwrap()]);
        assert_eq!(tree::read(&at("back")), tree::read(&folder), "we read Kubo");
    }
}

#[test]
fn a_folder_of_blocks_is_read_by_the_other_side() {
    let Some(kubo) = Kubo::find("a folder of blocks for both") else {
        return;
    };
    let seed = run::seed("interop::kubo::flatfs");
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let folder = at("folder");
    tree::make(&folder, &mut Rng::of(seed, &[0]), 20);
    let path = folder.to_str().unwrap();

    let repo = kubo.repo(&at("ipfs"));
    let theirs = last(&repo.run(["add", "-r", "-H", "-Q", path]));
    let ours = Ours::new("file", &repo.dir().join("blocks"));
    ours.run(["get", &theirs, "-o", at("from theirs").to_str().unwrap()]);
    assert_eq!(tree::read(&at("from theirs")), tree::read(&folder));

    let ours = Ours::new("file", &at("ours"));
    let root = ours.last(["add", "-r", "-H", "-Q", path]);
    let repo = kubo.repo(&at("empty"));
    fs::remove_dir_all(repo.dir().join("blocks")).unwrap();
    fs::rename(at("ours/blocks"), repo.dir().join("blocks")).unwrap();
    repo.run(["get", &root, "-o", at("from ours").to_str().unwrap()]);
    assert_eq!(tree::read(&at("from ours")), tree::read(&folder));
}
