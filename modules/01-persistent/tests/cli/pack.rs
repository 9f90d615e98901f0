//! Files of a pack store that are gone, or are something else.

use std::fs;

use persistent::Kind;

use crate::run::{Ended, Place, files_with};

/// Runs the program on the store in `data/pack`.
fn on_pack(place: &Place, args: &[&str]) -> Ended {
    place.run(&[&["-b", "pack"], args].concat())
}

#[test]
fn a_block_whose_segment_is_gone_is_damaged_until_it_is_given_up_or_put_again() {
    let place = Place::new();
    let path = place.fill(Kind::Pack, 3);
    let data = demo::Data::new(7).block(0, 100);
    let cid = block_cid::Block::raw(data.clone()).cid().to_string();
    place.file("0.bin", &data);
    let segments = files_with(&path, "car");
    assert_eq!(segments.len(), 1);
    fs::remove_file(&segments[0]).unwrap();

    on_pack(&place, &["get", &cid]).bad(1, &["000001.car", "is damaged", "put the block again"]);
    let verify = on_pack(&place, &["verify"]).bad(1, &[]);
    assert!(verify.out.contains("3 damaged"), "{verify:?}");
    assert!(
        verify
            .out
            .contains("the file is gone, and 3 blocks were in it")
    );
    // A put brings back its own.
    on_pack(&place, &["put", "0.bin"]).good();
    assert_eq!(on_pack(&place, &["get", &cid]).good().bytes, data[..]);

    let verify = on_pack(&place, &["verify", "--quarantine"]).bad(1, &[]);
    assert_eq!(
        verify.out.matches("removed, and missing").count(),
        2,
        "{verify:?}"
    );
    let verify = on_pack(&place, &["verify", "--json"]).bad(1, &[]);
    assert_eq!(verify.json().pop().unwrap()["missing"], 2, "{verify:?}");
    on_pack(&place, &["verify", "--forget"]).good();
    assert_eq!(on_pack(&place, &["ls"]).good().out, format!("{cid}\n"));
    let verify = on_pack(&place, &["verify"]).good();
    assert!(
        verify.out.contains("1 block, 100 B: all good"),
        "{verify:?}"
    );
}

#[test]
fn what_is_gone_or_something_else_is_named_with_what_to_do() {
    let place = Place::new();
    let path = place.fill(Kind::Pack, 3);
    let blocks = path.join("blocks");
    fs::create_dir(blocks.join("000009.car")).unwrap();
    let said = ["000009.car", "it is a folder", "move it away"];
    for args in [&["ls"][..], &["put", "x"], &["verify"]] {
        place.file("x", b"x");
        on_pack(&place, args).bad(1, &said);
    }
    fs::remove_dir(blocks.join("000009.car")).unwrap();
    on_pack(&place, &["ls"]).good();
    let away = path.join("away");
    fs::rename(&blocks, &away).unwrap();
    let ended = on_pack(&place, &["ls"]).bad(1, &["data/pack/blocks is damaged", "bring it back"]);
    assert!(!ended.err.contains("ready"), "{ended:?}");
    fs::rename(&away, &blocks).unwrap();
    on_pack(&place, &["verify"]).good();
}

#[test]
fn a_compaction_that_finds_the_other_keys_damaged_leaves_a_closed_store() {
    for kind in [Kind::File, Kind::Pack] {
        let place = Place::new();
        let path = place.fill(kind, 3);
        fs::write(path.join("meta.redb"), demo::Data::new(3).block(0, 50_000)).unwrap();
        let run = |args: &[&str]| place.run(&[&["-b", kind.name()], args].concat());
        run(&["compact"]).bad(1, &["meta.redb", "move the file away"]);
        fs::remove_file(path.join("meta.redb")).unwrap();
        let ls = run(&["ls"]).good();
        assert_eq!(ls.out.lines().count(), 3, "{kind}");
        assert!(!ls.err.contains("did not close"), "{kind}: {ls:?}");
    }
}
