//! `ipfs files write`, `cp` and `rm` on the same files and folders: the same CIDs.

use block_cid::{Blockstore, codec, text};
use testkit::kubo::{Kubo, Repo};
use testkit::{Rng, Trial, run};
use unixfs_car::edit::Editor;
use unixfs_car::folder::{Estimate, Sharding};
use unixfs_car::hamt::Fanout;
use unixfs_car::unixfs::{Data, Type};
use unixfs_car::{Chunker, Cid, Root};

use crate::build::{self, Leaves, Store, file, folder, pack, put};
use crate::folders::child;

/// What `ipfs files write` makes of the file in its place.
fn write(repo: &Repo, offset: u64, bytes: &[u8]) -> Cid {
    let offset = offset.to_string();
    repo.give(["files", "write", "--offset", &offset, "/file"], bytes);
    let hash = repo.run(["files", "stat", "--hash", "/file"]);
    text::parse(String::from_utf8(hash).unwrap().trim()).unwrap()
}

fn beginnings(store: &Store) -> Vec<(&'static str, Cid)> {
    let empty = Data::leaf(Type::File, "").block();
    let v1 = put(store, codec::DAG_PB, empty);
    let v0 = |cid: Cid| block_cid::to_v0(&cid).unwrap();
    let bytes = Rng::new(8).bytes(30_000);
    let large = file(store, Leaves::Raw, &bytes, 100, 174);
    let old = file(store, Leaves::Pb(Type::File), &bytes, 100, 20);
    vec![
        ("nothing", v1),
        ("nothing, CIDv0", v0(v1)),
        (
            "a raw leaf",
            build::leaf(store, Leaves::Raw, &bytes[..50]).cid,
        ),
        ("raw leaves", large),
        ("leaves of dag-pb", v0(old)),
    ]
}

#[test]
fn files_are_changed_block_by_block_as_kubo_changes_them() {
    let Some(kubo) = Kubo::find("edits against Kubo") else {
        return;
    };
    let rounds = run::count("CAIRN_KUBO_EDITS", 6, 60);
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let beginnings = beginnings(&store);
    let car = place.path().join("all.car");
    pack(&store, beginnings[0].1, &car);
    let repo = kubo.repo(&place.path().join("repo"));
    repo.run(["dag", "import", "--pin-roots=false", car.to_str().unwrap()]);
    repo.run(["config", "Import.UnixFSChunker", "size-100"]);
    let editor = Editor::new(&store).with_chunker(Chunker::Size(100));
    let mut trial = Trial::new("kubo", "files write", 4);
    let mut rng = Rng::new(4);
    for (name, begin) in beginnings {
        repo.run(["files", "cp", &format!("/ipfs/{begin}"), "/file"]);
        let (mut cid, mut size) = (
            begin,
            unixfs_car::Reader::open(&store, &begin).unwrap().size(),
        );
        for round in 0..rounds {
            trial.one();
            let offset = match rng.below(4) {
                0 => size,
                1 => size + rng.below(9000),
                _ => rng.below(size + 1),
            };
            // More than 174 leaves, so that the tree grows deeper; less than Kubo writes at once.
            let most = if round % 3 == 0 { 30_000 } else { 500 };
            let len = 1 + rng.below(most);
            let bytes = rng.bytes(len as usize);
            let theirs = write(&repo, offset, &bytes);
            cid = editor.write(&cid, offset, &bytes).unwrap();
            size = size.max(offset + len);
            assert_eq!(
                cid, theirs,
                "{name}, round {round}: {len} bytes at {offset} of {size}"
            );
        }
        repo.run(["files", "rm", "/file"]);
        assert!(store.get(&cid).unwrap().is_some());
    }
    trial.end("offsets within, at and behind the end");
}

#[test]
fn folders_are_changed_as_kubo_changes_them() {
    let Some(kubo) = Kubo::find("folders against Kubo") else {
        return;
    };
    let rounds = run::count("CAIRN_KUBO_EDITS", 6, 60) * 6;
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let mut rng = Rng::new(12);
    let children: Vec<Root> = (0..10).map(|_| child(&store, &mut rng)).collect();
    let empty = folder(&store, &[]);
    let car = place.path().join("all.car");
    pack(&store, empty, &car);
    let repo = kubo.repo(&place.path().join("repo"));
    repo.run(["dag", "import", "--pin-roots=false", car.to_str().unwrap()]);
    let mut trial = Trial::new("kubo", "files cp, write and rm", 12);
    for (text, estimate, fanout) in [
        ("links", Estimate::Links, 8),
        ("block", Estimate::Block, 256),
    ] {
        let key = "Import.UnixFSHAMTDirectory";
        repo.run(["config", &format!("{key}SizeThreshold"), "500B"]);
        repo.run(["config", &format!("{key}SizeEstimation"), text]);
        repo.run([
            "config",
            "--json",
            &format!("{key}MaxFanout"),
            &fanout.to_string(),
        ]);
        let sharding = Sharding {
            threshold: 500,
            estimate,
            fanout: Fanout::new(fanout).unwrap(),
            ..Sharding::default()
        };
        let editor = Editor::new(&store).with_sharding(sharding);
        repo.run(["files", "mkdir", "--cid-version=1", "/folder"]);
        let (mut cid, mut there) = (empty, Vec::new());
        for round in 0..rounds {
            trial.one();
            let name = format!("name {}", rng.below(16));
            let path = format!("/folder/{name}");
            if there.contains(&name) && rng.once_in(2) {
                let text = format!("text {}", rng.below(1000));
                repo.give(["files", "write", "--truncate", &path], text.as_bytes());
                let told = repo.run(["files", "stat", "--format=<hash> <cumulsize>", &path]);
                let told = String::from_utf8(told).unwrap();
                let (written, dag) = told.trim().split_once(' ').unwrap();
                let child = Root {
                    cid: written.parse().unwrap(),
                    bytes: 0,
                    dag: dag.parse().unwrap(),
                };
                cid = editor.insert(&cid, name.as_bytes(), &child).unwrap().cid;
            } else if there.contains(&name) {
                there.retain(|other| *other != name);
                repo.run(["files", "rm", &path]);
                cid = editor.remove(&cid, name.as_bytes()).unwrap().unwrap().cid;
            } else {
                let child = children[rng.below(10) as usize];
                repo.run(["files", "cp", &format!("/ipfs/{}", child.cid), &path]);
                cid = editor.insert(&cid, name.as_bytes(), &child).unwrap().cid;
                there.push(name);
            }
            let hash = repo.run(["files", "stat", "--hash", "/folder"]);
            let theirs = String::from_utf8(hash).unwrap();
            assert_eq!(
                cid.to_string(),
                theirs.trim(),
                "{text}, round {round}: {there:?}"
            );
        }
        repo.run(["files", "rm", "-r", "/folder"]);
    }
    trial.end("entries put in and taken out, on both sides of the limit");
}
