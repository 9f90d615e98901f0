//! `cat`.

use std::fs;

use block_cid::Blockstore;
use testkit::Rng;
use unixfs_car::unixfs::Data;

use crate::build::{self, Leaves, file, folder, leaf, node};
use crate::samples::{keep, place};

#[test]
fn files_are_written_one_after_the_other_and_counted_as_one() {
    let (place, store) = (place(), build::store());
    let bytes = Rng::new(1).bytes(3000);
    let large = file(&store, Leaves::Raw, &bytes, 100, 5);
    let small = leaf(&store, Leaves::Raw, b"0123456789").cid;
    let root = folder(&store, &[("large", large), ("small", small)]);
    keep(&place, &store);
    let (large, small) = (&format!("/ipfs/{root}/large"), &format!("{root}/small/"));
    let cat = |args: &[&str]| place.run(&[&["cat"], args].concat()).good().bytes;
    let both = [&bytes[..], b"0123456789"].concat();
    assert_eq!(cat(&[large]), bytes);
    assert_eq!(cat(&[&format!("ipfs://{root}/small")]), b"0123456789");
    assert_eq!(cat(&[large, small]), both);
    for (offset, length) in [
        (0, 5),
        (2998, 7),
        (3000, 4),
        (3005, 3),
        (1, 3008),
        (3009, 9),
        (3011, 1),
        (7, 0),
    ] {
        let (from, most) = (offset.to_string(), length.to_string());
        let found = cat(&["--offset", &from, "--length", &most, large, small]);
        let end = (offset + length).min(both.len());
        let expected = both.get(offset..end).unwrap_or_default();
        assert_eq!(found, expected, "{offset}, {length}");
        let rest = cat(&["-o", &from, large, small]);
        assert_eq!(rest, both.get(offset..).unwrap_or_default(), "{offset}");
    }
}

#[test]
fn what_cannot_be_written_says_why() {
    let (place, store) = (place(), build::store());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let symlink = node(&store, &Data::symlink("text"), &[]);
    let root = folder(&store, &[("text", text), ("link", symlink)]);
    let gone = leaf(&store, Leaves::Raw, b"gone");
    let parts = build::branch(&store, &[leaf(&store, Leaves::Raw, b"here "), gone]);
    store.delete(&gone.cid).unwrap();
    keep(&place, &store);
    let cat = |path: &str| place.run(&["cat", path]);
    let root = root.to_string();
    cat(&root).bad(1, &[&root, "is a folder", "`ls` lists it"]);
    cat(&format!("{root}/nothing")).bad(1, &["no \"nothing\" in", &root]);
    cat(&format!("{root}/link/x")).bad(1, &[&symlink.to_string(), "is a symlink"]);
    cat(&gone.cid.to_string()).bad(1, &[&gone.cid.to_string(), "is not in the store"]);
    let part = cat(&parts.cid.to_string()).bad(1, &[&gone.cid.to_string(), "byte 5"]);
    assert_eq!(part.bytes, b"here ", "what is before it is written");
    cat("/ipns/example.com").bad(1, &["IPNS"]);
    cat("nothing").bad(1, &["\"nothing\" is no path: it begins with 'n'"]);
    cat("nothing/a").bad(1, &["is no path: \"nothing\" is no CID"]);
    cat(&format!("{root}/\x1b[2J")).bad(1, &["\\u{1b}[2J"]);
    place.run(&["cat"]).bad(2, &["PATH"]);
    place.run(&["cat", "-o", "-1", &root]).bad(2, &[]);
    // As in Kubo, of a symlink its target is written.
    assert_eq!(cat(&format!("{root}/link")).good().bytes, b"text");
    assert_eq!(
        place
            .run(&["cat", "-o", "1", "-l", "2", &format!("{root}/link")])
            .good()
            .out,
        "ex"
    );
    assert!(!place.path().join("data/redb").exists());
    fs::remove_dir_all(place.path().join("data")).unwrap();
    cat(&root).bad(1, &["data/pack"]);
}
