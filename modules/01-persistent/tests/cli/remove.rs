//! What is removed when an old store goes, and what keeps it.

use std::fs;
use std::path::Path;

use persistent::{Config, Kind, Persistent};

use crate::run::{Place, files_with, on_disk};

#[test]
fn a_source_that_lost_a_block_is_not_removed_and_the_block_is_named() {
    let place = Place::new();
    let path = place.fill(Kind::File, 5);
    let lost = files_with(&path, "data").remove(2);
    let bytes = fs::read(&lost).unwrap();
    fs::remove_file(&lost).unwrap();
    let run =
        |more: &[&str]| place.run(&[&["migrate", "file:data/file", "redb:s2"], more].concat());
    for more in [&[][..], &["--remove-source"]] {
        let end = run(more);
        assert!(end.out.contains("missing: data/file"), "{end:?}");
        assert!(end.out.contains("4 blocks and 0 other keys"), "{end:?}");
        assert_eq!(end.out.contains("was not removed"), !more.is_empty());
        end.bad(1, &[]);
        assert!(path.join("acks").exists());
    }
    let line = run(&["--json"]).json();
    assert_eq!(line[0]["damage"], "missing");
    assert_eq!(line[1]["missing"], 1);
    // Once the other store has it, nothing is missing.
    place.file("lost", &bytes);
    place
        .run(&["-b", "redb", "--path", "s2", "put", "lost"])
        .good();
    assert!(
        run(&["--remove-source"])
            .good()
            .out
            .contains("removed data/file")
    );
    assert!(!path.exists());
    let again = run(&["--remove-source"]).good();
    assert!(again.out.contains("nothing was left to do"), "{again:?}");
}

#[test]
fn a_source_whose_record_is_gone_or_damaged_stays() {
    for kind in on_disk() {
        for damage in [&b"torn"[..], b""] {
            let place = Place::new();
            let acks = place.fill(kind, 5).join("acks");
            match damage {
                b"" => fs::remove_file(&acks).unwrap(),
                _ => fs::write(&acks, damage).unwrap(),
            }
            let from = format!("{kind}:data/{kind}");
            let end = place.run(&["migrate", &from, "file:s2", "--remove-source"]);
            assert!(end.out.contains("record of acknowledgements"), "{end:?}");
            assert!(end.out.contains("5 blocks"), "{end:?}");
            end.bad(1, &[]);
            assert!(acks.exists(), "{kind}");
        }
    }
}

/// Files that are not the store's, where they are not seen at first sight.
fn foreign(kind: Kind) -> Vec<&'static str> {
    let mut all = vec![
        "lockbox.kdbx",
        "acks-of-mine/p",
        "acks.damaged-",
        "store.json~",
        "quarantine/CIQA.damaged",
        "acks.damaged-7/mine",
        "ballast/mine.txt",
        "thesis.tex",
    ];
    all.extend(match kind {
        Kind::File => ["blocks/notes.txt", "blocks/AA/notes.data", "blocks/AA/b/c"],
        Kind::Redb => ["redb/notes.txt", "redb/my/p", "redb/blocks.redb~"],
        Kind::Pack => ["blocks/1.car", "blocks/a-b-c-d.run", "blocks/torn/mine"],
        Kind::Fjall => ["fjall/0.txt", "fjall/my/p", "fjall/keyspaces/1/v1.txt"],
        _ => ["rocksdb/1.txt", "rocksdb/my/p", "rocksdb/MANIFEST-1.txt"],
    });
    all
}

fn write(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "mine").unwrap();
}

#[test]
fn nothing_is_removed_with_the_source_that_is_not_its_own() {
    for kind in on_disk() {
        let place = Place::new();
        let path = place.fill(kind, 5);
        let from = format!("{kind}:data/{kind}");
        let run = || place.run(&["migrate", &from, "file:s2", "--remove-source"]);
        for name in foreign(kind) {
            write(&path.join(name));
            let first = name.trim_start_matches("./").split("/p").next().unwrap();
            let first = first.strip_suffix("/c").unwrap_or(first);
            run().bad(1, &[first]);
            assert_eq!(
                fs::read(path.join(name)).unwrap(),
                b"mine",
                "{kind}: {name}"
            );
            fs::remove_file(path.join(name)).unwrap();
            let my = format!("{kind}/my");
            for dir in [
                "acks-of-mine",
                "acks.damaged-7",
                "blocks/AA/b",
                "quarantine",
                &my,
            ] {
                let _ = fs::remove_dir(path.join(dir));
            }
        }
        // What a store does make does not keep it.
        write(&path.join("acks.damaged-1"));
        write(&path.join("acks.new"));
        fs::create_dir(path.join("quarantine")).unwrap();
        run().good();
        assert!(!path.exists(), "{kind}");
    }
}

#[test]
fn nothing_is_removed_with_the_replaced_store_that_is_not_its_own() {
    for kind in on_disk() {
        let place = Place::new();
        let path = place.fill(kind, 5);
        place.run(&["-b", kind.name(), "backup", "b.car"]).good();
        let restore = || {
            let _ = fs::remove_dir_all(path.with_extension("before-restore"));
            place.run(&["-b", kind.name(), "restore", "b.car", "--remove-old"])
        };
        for name in ["thesis.tex", "quarantine/CIQA.damaged"] {
            write(&path.join(name));
            let end = restore();
            assert!(end.out.contains("the old store is kept in"), "{end:?}");
            end.bad(1, &[name]);
            let kept = path.with_extension("before-restore");
            assert_eq!(fs::read(kept.join(name)).unwrap(), b"mine");
            let store = Persistent::open(&Config::new(kind).with_path(&path)).unwrap();
            drop(store);
        }
        restore().good();
        assert!(!path.with_extension("before-restore").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_the_source_goes_with_it() {
    let place = Place::new();
    let path = place.fill(Kind::Redb, 5);
    let link = place.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let run = || {
        place
            .run(&["migrate", "redb:link", "file:s2", "--remove-source"])
            .good()
    };
    run();
    assert!(link.symlink_metadata().is_err() && !path.exists());
    assert!(run().out.contains("nothing was left to do"));
    // A crash before the link was removed.
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(run().out.contains("nothing was left to do"));
    assert!(link.symlink_metadata().is_err());
}
