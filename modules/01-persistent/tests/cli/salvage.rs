//! `salvage`, as a user meets it.

use std::fs;

use datastore::{Datastore, Key};
use persistent::{Config, Kind, Persistent};

use crate::run::{Place, on_disk};

/// Flips a bit in the middle of a block of 100 bytes that `fill` wrote.
fn damage(path: &std::path::Path, kind: Kind) {
    let file = match kind {
        Kind::Redb => path.join("redb/blocks.redb"),
        _ => path.join("fjall/0.jnl"),
    };
    let mut bytes = fs::read(&file).unwrap();
    let block = demo::Data::new(7).block(3, 100);
    let found = bytes
        .windows(100)
        .enumerate()
        .filter(|(_, window)| *window == &block[..]);
    let places: Vec<usize> = found.map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + 50] ^= 1;
    }
    fs::write(&file, bytes).unwrap();
}

#[test]
fn what_is_lost_is_named_and_the_rest_is_there() {
    for (kind, to) in [(Kind::Redb, "fresh"), (Kind::Fjall, "redb:fresh")] {
        let place = Place::new();
        let path = place.fill(kind, 20);
        damage(&path, kind);
        let lost = *block_cid::Block::raw(demo::Data::new(7).block(3, 100)).cid();
        let end = place.run(&["-b", kind.name(), "salvage", to]);
        let end = end.bad(1, &[]);
        let out = end
            .out
            .replace(" (20 past the index)", "")
            .replace(" (19 past the index)", "");
        assert_eq!(
            out,
            format!(
                "{lost}  lost\nfresh has 19 blocks, 1.9 KiB, and 0 other keys\n1 block and 0 other \
                 keys are lost: get them from a backup, or from whoever has them\n"
            ),
            "{kind}"
        );
        let ls = place.run(&["-b", "redb", "--path", "fresh", "ls"]).good();
        assert_eq!(ls.out.lines().count(), 19, "{kind}");
        let json = place
            .run(&["-b", kind.name(), "salvage", "--json", to])
            .bad(1, &[]);
        let lines = json.json();
        assert_eq!(lines[0]["cid"], lost.to_string(), "{kind}");
        assert_eq!(lines[1]["lost"], 1, "{kind}");
    }
}

#[test]
fn of_a_good_store_nothing_is_lost() {
    let place = Place::new();
    place.fill(Kind::File, 5);
    let end = place.run(&["-b", "file", "salvage", "file:a:b"]).good();
    assert_eq!(
        end.out,
        "a:b has 5 blocks, 500 B, and 0 other keys\nnothing is known to be lost\n"
    );
    place
        .run(&["-b", "file", "salvage", "data/file"])
        .bad(1, &["where it is"]);
    place
        .run(&["-b", "file", "salvage", "x:y"])
        .bad(2, &["no backend \"x\""]);
    place
        .run(&["-b", "redb", "salvage", "y"])
        .bad(1, &["no store"]);
    assert!(!place.path().join("y").exists());
}

/// What would be made of it is an empty store, of which nothing is known to be lost.
#[test]
fn what_is_no_store_is_refused_and_nothing_is_made() {
    let place = Place::new();
    fs::create_dir_all(place.path().join("photos/blocks")).unwrap();
    place.file("photos/cat.jpg", b"meow");
    fs::create_dir(place.path().join("empty")).unwrap();
    fs::create_dir(place.path().join("begun")).unwrap();
    place.file("begun/lock", b"");
    place.fill(Kind::Redb, 1);
    for kind in on_disk().map(|kind| kind.name()) {
        for (from, said) in [
            ("none", "no store in none"),
            ("empty", "no store in empty"),
            ("begun", "no store in begun"),
            ("photos", "photos holds files but no store: there is"),
            ("data/redb", "is a redb store"),
        ] {
            if from == "data/redb" && kind == "redb" {
                continue;
            }
            let args = ["-b", kind, "--path", from, "salvage", "fresh"];
            place.run(&args).bad(1, &[said]);
        }
    }
    let mut left: Vec<_> = fs::read_dir(place.path()).unwrap().flatten().collect();
    left.retain(|entry| entry.file_name() != "data");
    assert_eq!(left.len(), 3, "{left:?}");
    assert_eq!(place.tree("photos").len(), 3);
}

/// Blocks of a folder that lost its `SHARDING`, its manifest, and its order.
#[test]
fn a_block_in_another_folder_is_past_the_index() {
    let place = Place::new();
    let path = place.fill(Kind::File, 3);
    let file = crate::run::files_with(&path, "data").remove(0);
    let other = path.join("blocks/other");
    fs::create_dir(&other).unwrap();
    fs::rename(&file, other.join(file.file_name().unwrap())).unwrap();
    fs::remove_file(path.join("blocks/SHARDING")).unwrap();
    fs::remove_file(path.join("store.json")).unwrap();
    let json = place.run(&["-b", "file", "salvage", "--json", "fresh"]);
    let line = &json.good().json()[0];
    assert_eq!(
        (&line["blocks"], &line["past_the_index"]),
        (&3.into(), &1.into())
    );
}

#[test]
fn a_store_that_holds_anything_else_is_left_alone() {
    let place = Place::new();
    let key = Key::new("/demo/runs").unwrap();
    let open = |folder: &str| {
        let config = Config::new(Kind::Redb).with_path(place.path().join(folder));
        Persistent::open(&config).unwrap()
    };
    let runs = |folder: &str| open(folder).get(&key).unwrap().unwrap()[0];
    for (folder, runs) in [("one", 2), ("two", 1)] {
        open(folder).put(&key, &[runs]).unwrap();
    }
    let salvage = |from: &str, to: &str| {
        let args = ["-b", "redb", "--path", from, "salvage", "--json", to];
        place.run(&args)
    };
    salvage("one", "two").bad(1, &["two: it holds something"]);
    assert_eq!(runs("two"), 1);

    // The same again goes on; from another source it does not.
    salvage("one", "fresh").good();
    salvage("one", "fresh").good();
    salvage("two", "fresh").bad(1, &["fresh: it was salvaged from", "one"]);
    // What was changed there since stays.
    open("fresh").put(&key, &[7]).unwrap();
    let end = salvage("one", "fresh").bad(1, &[]);
    assert_eq!(end.json()[0]["different"], "/demo/runs", "{end:?}");
    assert_eq!(runs("fresh"), 7);
    // The mark of a salvage is the store's own.
    let away = ["migrate", "--remove-source", "redb:fresh", "redb:away"];
    place.run(&away).good();
    assert!(!place.path().join("fresh").exists());
}

#[test]
fn without_the_record_nobody_knows_what_is_lost() {
    for kind in [Kind::File, Kind::Redb] {
        let place = Place::new();
        let path = place.fill(kind, 5);
        let acks = fs::read(path.join("acks")).unwrap();
        let mut flipped = acks.clone();
        flipped[acks.len() / 2] ^= 1;
        fs::write(path.join("acks"), flipped).unwrap();
        let end = place.run(&["-b", kind.name(), "salvage", "fresh"]);
        let out = end.bad(1, &[]).out;
        assert!(out.contains("nobody knows"), "{kind}: {out}");
        fs::remove_file(path.join("acks")).unwrap();
        let end = place.run(&["-b", kind.name(), "salvage", "fresh"]);
        let out = end.bad(1, &[]).out;
        assert!(out.contains("acks is gone: nobody knows"), "{kind}: {out}");
        assert!(!out.contains("nothing is known"), "{kind}: {out}");
    }
}

#[test]
fn what_was_damaged_in_the_fresh_store_is_brought_again() {
    let place = Place::new();
    let path = place.fill(Kind::File, 5);
    let salvage = ["-b", "file", "salvage", "fresh"];
    place.run(&salvage).good();
    let fresh = crate::run::files_with(&place.path().join("fresh"), "data");
    fs::write(&fresh[0], "other bytes").unwrap();
    place.run(&salvage).good();
    assert_eq!(fs::read(&fresh[0]).unwrap().len(), 100);
    // And if the source has lost it meanwhile, it is lost.
    fs::write(&fresh[0], "other bytes").unwrap();
    let source = crate::run::files_with(&path, "data");
    fs::remove_file(&source[0]).unwrap();
    let out = place.run(&salvage).bad(1, &[]).out;
    assert!(out.contains("fresh has 4 blocks"), "{out}");
    assert!(out.contains("1 block and 0 other keys are lost"), "{out}");
}

/// Their file is one of its own, and a store of good blocks may have a damaged one.
#[test]
fn other_keys_that_cannot_be_read_are_lost_and_told() {
    for kind in [Kind::File, Kind::Pack] {
        let place = Place::new();
        let path = place.fill(kind, 3);
        let config = Config::new(kind).with_path(&path);
        let store = Persistent::open(&config).unwrap();
        store
            .put(&Key::new("/demo/runs").unwrap(), b"some value")
            .unwrap();
        store.close().unwrap();
        let meta = path.join("meta.redb");
        let good = fs::read(&meta).unwrap();
        let mut fresh = 0;
        let mut salvage = |bytes: &[u8]| {
            fs::write(&meta, bytes).unwrap();
            fresh += 1;
            let to = format!("fresh{fresh}");
            place.run(&["-b", kind.name(), "salvage", &to])
        };
        let all = salvage(&good).good().out;
        assert!(
            all.contains("3 blocks") && all.contains("1 other key\n"),
            "{kind}: {all}"
        );
        let is_value = |part: &[u8]| part == b"some value";
        let value = good.windows(10).position(is_value).unwrap();
        for at in [0, value] {
            let mut flipped = good.clone();
            flipped[at] ^= 1;
            let out = salvage(&flipped).bad(1, &[]).out;
            assert!(out.contains("/demo/runs  lost"), "{kind}, byte {at}: {out}");
            assert!(
                out.contains("3 blocks") && out.contains("0 other keys\n"),
                "{kind}: {out}"
            );
        }
        // Not even the names.
        let noise = demo::Data::new(3).block(0, good.len());
        for bytes in [&noise[..], &[]] {
            let out = salvage(bytes).bad(1, &[]).out;
            assert!(
                out.contains("meta.redb: it is damaged, and keys"),
                "{kind}: {out}"
            );
            assert!(!out.contains("nothing is known"), "{kind}: {out}");
        }
        // Without the blocks they are there all the same.
        fs::remove_dir_all(path.join("blocks")).unwrap();
        let out = salvage(&good).bad(1, &[]).out;
        assert!(
            out.contains("0 blocks") && out.contains("1 other key\n"),
            "{kind}: {out}"
        );
    }
}
