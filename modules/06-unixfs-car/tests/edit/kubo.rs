//! `ipfs files write` on the same files: the same CIDs.

use block_cid::{Blockstore, codec, text};
use testkit::kubo::{Kubo, Repo};
use testkit::{Rng, Trial, run};
use unixfs_car::edit::Editor;
use unixfs_car::unixfs::{Data, Type};
use unixfs_car::{Chunker, Cid};

use crate::build::{self, Leaves, Store, file, pack, put};

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
