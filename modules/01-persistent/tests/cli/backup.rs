//! `backup` and `restore` from outside.

use std::fs;

use persistent::Kind;

use crate::run::{HELLO, Place, on_disk};

/// A place with a store of one block, and a backup of it.
fn saved(kind: Kind) -> Place {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    place.run(&["-b", kind.name(), "put", "hello.txt"]).good();
    place.run(&["-b", kind.name(), "backup", "b.car"]).good();
    place
}

#[test]
fn a_store_moves_from_any_engine_to_any_other() {
    for from in on_disk() {
        let place = saved(from);
        for to in on_disk() {
            let name = to.name();
            let restored = place.run(&["-b", name, "restore", "b.car"]).good();
            assert!(restored.out.contains("1 block (11 B)"), "{restored:?}");
            let get = place.run(&["-b", name, "get", HELLO]).good();
            assert_eq!(get.bytes, b"Hello IPFS!");
        }
    }
}

#[test]
fn what_was_saved_and_restored_is_said_and_the_old_store_is_named() {
    let place = saved(Kind::Redb);
    let again = place.run(&["-b", "redb", "backup", "b.car"]);
    again.bad(1, &["b.car: it is there already", "--force"]);
    let saved = place
        .run(&["-b", "redb", "backup", "-f", "--json", "b.car"])
        .good();
    let json = &saved.json()[0];
    assert_eq!(json["blocks"], 1);
    assert_eq!(json["bytes"], 11);
    assert_eq!(json["damaged"], 0);
    assert_eq!(
        json["size"],
        fs::metadata(place.path().join("b.car")).unwrap().len()
    );
    let checked = place.run(&["restore", "--check", "--json", "b.car"]).good();
    assert_eq!(checked.json()[0]["root"], json["root"]);
    assert!(checked.err.is_empty(), "nothing is opened: {checked:?}");
    let restored = place.run(&["-b", "redb", "restore", "b.car"]).good();
    let kept = "the old store is kept in data/redb.before-restore";
    assert!(restored.out.contains(kept), "{restored:?}");
    let restored = place
        .run(&["-b", "redb", "restore", "--remove-old", "--json", "b.car"])
        .good();
    assert_eq!(restored.json()[0]["kept"], serde_json::Value::Null);
    let left = fs::read_dir(place.path().join("data")).unwrap().count();
    assert_eq!(left, 2, "the new one, and that of the first restore");
}

#[test]
fn a_damaged_backup_replaces_nothing() {
    let place = saved(Kind::Redb);
    let mut bytes = fs::read(place.path().join("b.car")).unwrap();
    let at = bytes.windows(11).position(|w| w == b"Hello IPFS!").unwrap();
    bytes[at] ^= 1;
    place.file("b.car", &bytes);
    let before = place.tree("data/redb");
    let restore = place.run(&["-b", "redb", "restore", "b.car"]);
    restore.bad(1, &["b.car is damaged", HELLO, "nothing was replaced"]);
    let check = place.run(&["restore", "--check", "b.car"]);
    check.bad(1, &["b.car is damaged"]);
    assert!(place.tree("data/redb") == before);
    assert!(!place.path().join("data/redb.restoring").exists());
}

#[test]
fn a_damaged_block_is_named_and_left_out() {
    let place = saved(Kind::File);
    let path = crate::run::files_with(&place.path().join("data/file"), "data").remove(0);
    fs::write(path, "Jello IPFS!").unwrap();
    let backup = place.run(&["-b", "file", "backup", "c.car"]);
    assert!(
        backup.out.contains(&format!("{HELLO}  left out")),
        "{backup:?}"
    );
    assert!(backup.out.contains("1 left out"), "{backup:?}");
    backup.bad(1, &[]);
    let restored = place.run(&["-b", "redb", "restore", "c.car"]).good();
    assert!(
        restored
            .out
            .contains("1 left out when the backup was made, as damaged or missing"),
        "{restored:?}"
    );
}

#[test]
fn what_cannot_be_done_is_said_with_a_way_out() {
    let place = saved(Kind::Redb);
    place.file("any.txt", b"no CAR");
    for (args, said) in [
        (&["-b", "redb", "backup", "-"][..], "name a file"),
        (&["-b", "redb", "backup", "no/b.car"], "no such folder"),
        (&["-b", "redb", "backup", "data"], "no file"),
        (&["-b", "memory", "restore", "b.car"], "--backend"),
        (
            &["-b", "file", "--path", "data/redb", "restore", "b.car"],
            "is a redb store",
        ),
        (&["-b", "redb", "restore", "data"], "no file"),
        (
            &["-b", "redb", "restore", "none.car"],
            "cannot open none.car",
        ),
        (&["-b", "redb", "restore", "any.txt"], "any.txt is damaged"),
    ] {
        place.run(args).bad(1, &[said]);
    }
    place
        .run(&["--read-only", "restore", "b.car"])
        .bad(2, &["--read-only"]);
    // No store is made to be saved.
    let backup = place.run(&["-b", "file", "backup", "c.car"]);
    backup.bad(1, &["there is no store in data/file"]);
    assert!(!place.path().join("c.car").exists());
}

/// A reader finds a store, the old one or the new one, and writes nothing; a writer ends the swap.
#[test]
fn a_reader_leaves_an_interrupted_swap_as_it_is() {
    let journal = r#"{"cairn":"restore","version":1,"ready":true,"keep":"redb.before-restore"}"#;
    for (with_journal, new_is_there) in [("redb.restoring", false), ("redb", true)] {
        let place = saved(Kind::Redb);
        let data = place.path().join("data");
        let put = ["-b", "redb", "--path", "data/redb.restoring", "put", "-"];
        place.feed(b"other", &put).good();
        if new_is_there {
            fs::rename(data.join("redb"), data.join("old")).unwrap();
            fs::rename(data.join("redb.restoring"), data.join("redb")).unwrap();
            fs::rename(data.join("old"), data.join("redb.restoring")).unwrap();
        }
        fs::write(data.join(with_journal).join("restore.json"), journal).unwrap();
        let before = place.tree("data");
        for args in [
            &["-b", "redb", "ls"][..],
            &["-b", "redb", "--read-only", "stat"],
        ] {
            place.run(args).good();
        }
        let ls = place.run(&["-b", "redb", "ls"]).good().out;
        assert_eq!(ls == format!("{HELLO}\n"), !new_is_there, "{ls}");
        assert!(place.tree("data") == before, "{with_journal}");
        place.run(&["-b", "redb", "compact"]).good();
        assert!(!data.join("redb.restoring").exists());
        assert!(data.join("redb.before-restore").exists());
        let ls = place.run(&["-b", "redb", "ls"]).good().out;
        assert!(!ls.contains(HELLO), "{ls}");
    }
}

/// A crash between the two renames leaves no folder of that name; the next command finds it.
#[test]
fn any_command_finishes_an_interrupted_swap() {
    let place = saved(Kind::Redb);
    let data = place.path().join("data");
    fs::rename(data.join("redb"), data.join("redb.restoring")).unwrap();
    fs::create_dir(data.join("redb.before-restore")).unwrap();
    let journal = r#"{"cairn":"restore","version":1,"ready":true,"keep":"redb.before-restore"}"#;
    fs::write(data.join("redb.restoring/restore.json"), journal).unwrap();
    let ls = place.run(&["-b", "redb", "ls"]).good();
    assert_eq!(ls.out, format!("{HELLO}\n"));
    assert!(!data.join("redb.restoring").exists());
    assert!(!data.join("redb/restore.json").exists());
    // Between two renames there is nothing to read, and a reader makes the step, too.
    fs::rename(data.join("redb"), data.join("redb.restoring")).unwrap();
    fs::write(data.join("redb.restoring/restore.json"), journal).unwrap();
    place.run(&["-b", "redb", "--read-only", "ls"]).good();
    assert!(data.join("redb").exists());
    fs::write(data.join("redb/restore.json"), "torn").unwrap();
    let ls = place.run(&["-b", "redb", "ls"]);
    ls.bad(1, &["a restore was interrupted", "restore.json"]);
}

#[test]
fn a_block_that_has_vanished_is_missed_and_the_database_is_no_place_for_a_backup() {
    let place = saved(Kind::File);
    let path = crate::run::files_with(&place.path().join("data/file"), "data").remove(0);
    fs::remove_file(path).unwrap();
    let backup = place.run(&["-b", "file", "backup", "c.car"]).bad(1, &[]);
    let named = format!("{HELLO}  left out: missing");
    assert!(backup.out.contains(&named), "{backup:?}");
    assert!(
        backup.out.contains("1 left out, as they are missing"),
        "{backup:?}"
    );
    let json = place.run(&["-b", "file", "backup", "--json", "-f", "c.car"]);
    assert_eq!(json.bad(1, &[]).json()[1]["missing"], 1);

    place.run(&["-b", "redb", "put", "hello.txt"]).good();
    let before = fs::read(place.path().join("data/redb/redb/blocks.redb")).unwrap();
    let backup = [
        "-b",
        "redb",
        "backup",
        "--force",
        "data/redb/redb/blocks.redb",
    ];
    place.run(&backup).bad(1, &["folder of the store"]);
    let after = fs::read(place.path().join("data/redb/redb/blocks.redb")).unwrap();
    assert!(after == before);
}
