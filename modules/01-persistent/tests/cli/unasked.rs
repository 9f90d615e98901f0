//! What nobody asked for: files of others that are lost, a second way into a store, and what a
//! command that failed or only reads leaves.

use std::fs;
use std::os::unix::fs::symlink;

use persistent::Kind;

use crate::run::{HELLO, Place};

/// A place with a store of one block.
fn stored(kind: Kind) -> Place {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    place.run(&["-b", kind.name(), "put", "hello.txt"]).good();
    place
}

#[test]
fn a_salvage_removes_only_what_a_salvage_left() {
    let place = stored(Kind::Redb);
    let copy = place.path().join(".fresh.salvage");
    fs::create_dir(&copy).unwrap();
    place.file(".fresh.salvage/x", b"precious");
    let salvage = ["-b", "redb", "salvage", "fresh"];
    place
        .run(&salvage)
        .bad(1, &[".fresh.salvage: ", "rename or remove it"]);
    assert_eq!(fs::read(copy.join("x")).unwrap(), b"precious");
    // A killed one leaves its mark, perhaps half of it.
    place.file(".fresh.salvage/salvage-copy", b"a copy of a dam");
    place.run(&salvage).good();
    assert!(!copy.exists());
    fs::create_dir(&copy).unwrap();
    place.run(&salvage).good();
    assert!(!copy.exists());
}

#[test]
fn a_salvage_leaves_the_room_that_it_is_told_to() {
    let place = stored(Kind::Redb);
    place.run(&["-b", "redb", "salvage", "fresh"]).good();
    let salvage = ["-b", "redb", "--min-free", "100TiB", "salvage", "fresh"];
    place.run(&salvage).bad(1, &["fresh"]);
    assert!(!place.path().join(".fresh.salvage").exists());
}

#[test]
fn a_salvage_follows_the_link_to_the_data_and_names_others() {
    let place = stored(Kind::File);
    let data = place.path().join("data/file");
    fs::rename(data.join("blocks"), place.path().join("elsewhere")).unwrap();
    symlink(place.path().join("elsewhere"), data.join("blocks")).unwrap();
    let good = place.run(&["-b", "file", "salvage", "fresh"]).good();
    assert!(good.out.contains("fresh has 1 block, 11 B"), "{good:?}");
    assert!(!good.err.contains("link"), "{good:?}");
    symlink("/", data.join("other")).unwrap();
    let good = place.run(&["-b", "file", "salvage", "more"]).good();
    assert!(
        good.err.contains("other cannot be used: it is a link"),
        "{good:?}"
    );
    // Nor is it a place for other files.
    let get = ["-b", "file", "get", "-o", "elsewhere/x", HELLO];
    place.run(&get).bad(1, &["in the folder of the store"]);
}

#[test]
fn a_backup_overwrites_nothing_beside_it() {
    let place = stored(Kind::Redb);
    let at = |name: &str| place.path().join(name);
    let backup = |file: &str| place.run(&["-b", "redb", "backup", file]).good();
    place.file("a.car.new", b"precious");
    backup("a.car");
    assert_eq!(fs::read(at("a.car.new")).unwrap(), b"precious");
    assert!(!at("a.car.new-2").exists());

    place.file("target", b"precious");
    symlink(at("target"), at("b.car.new")).unwrap();
    backup("b.car");
    assert_eq!(fs::read(at("target")).unwrap(), b"precious");
    assert!(at("b.car.new").is_symlink() && !at("b.car").is_symlink());
    place.run(&["restore", "--check", "b.car"]).good();

    // What a killed one leaves goes: nothing yet, or a header without a root.
    place.file("c.car.new", b"");
    backup("c.car");
    assert!(!at("c.car.new").exists());
    // A whole backup is somebody's, also under such a name.
    backup("d.car.new");
    backup("d.car");
    place.run(&["restore", "--check", "d.car.new"]).good();
}

#[test]
fn a_link_that_leads_nowhere_stays_one() {
    let place = stored(Kind::Redb);
    let at = |name: &str| place.path().join(name);
    symlink("target", at("l")).unwrap();
    place.run(&["-b", "redb", "get", "-o", "l", HELLO]).good();
    assert!(at("l").is_symlink());
    assert_eq!(fs::read(at("target")).unwrap(), b"Hello IPFS!");
    symlink("saved", at("b.car")).unwrap();
    place.run(&["-b", "redb", "backup", "b.car"]).good();
    assert!(at("b.car").is_symlink());
    place.run(&["restore", "--check", "saved"]).good();
    symlink("data/redb/x", at("within")).unwrap();
    place
        .run(&["-b", "redb", "get", "-o", "within", HELLO])
        .bad(1, &["in the folder of the store"]);
    symlink("round", at("round")).unwrap();
    let get = ["-b", "redb", "get", "-o", "round", HELLO];
    place.run(&get).bad(1, &["round"]);
}

#[test]
fn a_store_is_opened_by_its_own_folder_alone() {
    let place = stored(Kind::File);
    for path in ["data/file/blocks", "link"] {
        let _ = symlink("data/file/blocks", place.path().join("link"));
        place
            .run(&["-b", "file", "--path", path, "rm", HELLO])
            .bad(1, &["a part of the store in", "data/file; open that"]);
    }
    fs::remove_file(place.path().join("data/file/store.json")).unwrap();
    place
        .run(&["-b", "file", "--path", "data/file/blocks", "rm", HELLO])
        .bad(1, &["a part of the store in"]);
    let gone = ["store.json is damaged: it is gone", "\"kind\":\"NAME\""];
    place.run(&["-b", "file", "ls"]).bad(1, &gone);
    let place = stored(Kind::Redb);
    fs::remove_file(place.path().join("data/redb/store.json")).unwrap();
    fs::remove_file(place.path().join("data/redb/acks")).unwrap();
    place.run(&["-b", "redb", "put", "hello.txt"]).bad(1, &gone);
}

#[test]
fn a_backup_with_a_big_block_is_not_called_damaged() {
    let place = Place::new();
    place.file("big", &vec![7; 5 << 20]);
    place
        .run(&["-b", "redb", "put", "--allow-big-block", "big"])
        .good();
    place.run(&["-b", "redb", "backup", "b.car"]).good();
    for args in [
        &["restore", "b.car"][..],
        &["restore", "--check", "b.car"],
        &["restore", "--plain", "b.car"],
    ] {
        let end = place
            .run(args)
            .bad(1, &["--allow-big-block", "nothing was replaced"]);
        assert!(!end.err.contains("damaged"), "{end:?}");
    }
    place
        .run(&["restore", "--check", "--allow-big-block", "b.car"])
        .good();
}

#[test]
fn read_only_repairs_nothing() {
    let place = stored(Kind::Redb);
    place.file("data/redb/lock", b"pid 1\nprogram killed\n");
    let before = place.tree("data");
    let ls = ["-b", "redb", "--read-only", "ls"];
    place.run(&ls).bad(1, &["any command without --read-only"]);
    assert!(place.tree("data") == before);
    place.run(&["-b", "redb", "ls"]).good();
    place.run(&ls).good();
}

#[test]
fn a_put_that_is_refused_makes_no_folder() {
    let place = Place::new();
    place.file("f", b"f");
    fs::create_dir_all(place.path().join("there/empty")).unwrap();
    for path in ["k/a/b/c", "there/empty"] {
        place
            .run(&["--path", path, "--min-free", "100TiB", "put", "f"])
            .bad(1, &["no space for"]);
    }
    assert!(!place.path().join("k").exists());
    let mut left = fs::read_dir(place.path().join("there/empty")).unwrap();
    assert!(left.next().is_none());
}

#[test]
fn a_ballast_that_is_a_link_is_left_alone() {
    let place = stored(Kind::Redb);
    let ballast = place.path().join("data/redb/ballast");
    let elsewhere = place.path().join("elsewhere");
    assert!(ballast.is_dir(), "an open takes some");
    fs::remove_dir_all(&ballast).unwrap();
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, &ballast).unwrap();
    place.run(&["-b", "redb", "put", "hello.txt"]).good();
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn a_block_that_is_a_byte_too_long_is_told_in_bytes() {
    let place = Place::new();
    place.file("long", &vec![7; (2 << 20) + 1]);
    let said = "it has 2,097,153 bytes, and a block 2,097,152 bytes at most";
    place.run(&["-b", "redb", "put", "long"]).bad(1, &[said]);
}

/// What the child says is told, without its advice, which would be on another store.
#[test]
fn a_salvage_does_not_repeat_the_advice_of_its_child() {
    let place = stored(Kind::Redb);
    fs::rename(place.path().join("data/redb"), place.path().join("other")).unwrap();
    let file = place.path().join("other/redb/blocks.redb");
    fs::write(&file, vec![7; 5000]).unwrap();
    let end = place.run(&["-b", "redb", "--path", "other", "salvage", "fresh"]);
    assert!(end.err.contains("other/redb cannot be used"), "{end:?}");
    assert!(!end.err.contains("data/redb"), "{end:?}");
}

#[test]
fn help_that_cannot_be_written_is_an_error() {
    let place = Place::new();
    for flag in ["--help", "--version"] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = place.command(&[flag]);
        let status = command.stdout(full).stderr(std::process::Stdio::null());
        assert_eq!(status.status().unwrap().code(), Some(1), "{flag}");
    }
}
