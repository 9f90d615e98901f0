//! What is stored, on every engine, and what is not.

use std::io::Read;

use demo::Data;
use persistent::{Config, Kind, Persistent};
use unixfs_car::{Cid, Dir, Reader};

use crate::{place, sample};

#[test]
fn what_is_added_is_in_the_store_on_every_engine() {
    let bytes = Data::new(1).block(0, 3 << 20);
    for kind in Kind::ALL
        .into_iter()
        .filter(|kind| kind.is_built() && kind.is_on_disk())
    {
        let place = sample();
        place.file("d/large", &bytes);
        let args = ["add", "-Q", "-r", "-b", kind.name(), "--path", "store", "d"];
        let out = place.run(&args).good().out;
        let root: Cid = out.trim().parse().unwrap();
        let again = place.run(&args).good();
        assert_eq!((again.out, again.err), (out, String::new()), "{kind}");
        let config = Config::new(kind).with_path(place.path().join("store"));
        let store = Persistent::open(&config).unwrap();
        let blocks = store.blocks();
        let dir = Dir::open(&blocks, &root).unwrap();
        let large = dir.get(b"large").unwrap().unwrap();
        let mut read = Vec::new();
        Reader::open(&blocks, &large.cid)
            .unwrap()
            .read_to_end(&mut read)
            .unwrap();
        assert!(read == bytes, "{kind}");
        let sub = dir.get(b"sub").unwrap().unwrap();
        assert_eq!(Dir::open(&blocks, &sub.cid).unwrap().entries().count(), 3);
    }
}

#[test]
fn only_hash_makes_no_store() {
    let place = sample();
    let stored = place.run(&["add", "-r", "--path=store", "d"]).good().out;
    let hashed = place.run(&["add", "-r", "-n", "d"]).good();
    assert_eq!((hashed.out, hashed.err), (stored, String::new()));
    assert!(!place.path().join("data").exists());
}

#[test]
fn a_store_that_may_not_be_written_is_refused() {
    let place = place();
    place.file("f", b"x");
    place.run(&["add", "--path=store", "f"]).good();
    place
        .run(&["add", "--path=store", "--read-only", "f"])
        .bad(2, &["--read-only"]);
    let full = ["add", "--path=store", "--quota=1", "f"];
    place.file("f", b"something else");
    place.run(&full).bad(1, &["no space"]);
}
