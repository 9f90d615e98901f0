//! Opening: what is made, what is found, and what is refused without being touched.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Key};
use persistent::{Compression, Config, Durability, Error, Kind, Persistent};

fn on_disk() -> impl Iterator<Item = Kind> {
    Kind::built().filter(|kind| kind.is_on_disk())
}

fn config(kind: Kind, path: &Path) -> Config {
    Config::new(kind).with_path(path)
}

/// Every file below `dir` with its bytes, to see that nothing changed.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(path) = todo.pop() {
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            todo.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            found.insert(path, None);
        } else {
            let bytes = fs::read(&path).unwrap();
            found.insert(path, Some(bytes));
        }
    }
    found
}

/// A store with one block, closed, and what its folder holds.
fn closed_store(kind: Kind) -> (tempfile::TempDir, BTreeMap<PathBuf, Option<Vec<u8>>>) {
    let dir = tempfile::tempdir().unwrap();
    let store = Persistent::open(&config(kind, dir.path())).unwrap();
    store.blocks().put(&Block::raw(&b"one"[..])).unwrap();
    store.close().unwrap();
    drop(store);
    let before = tree(dir.path());
    (dir, before)
}

#[test]
fn every_backend_creates_closes_and_finds_its_blocks_again() {
    for kind in on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(kind, &dir.path().join("a/b/store"));
        let block = Block::raw(&b"kept"[..]);
        let store = Persistent::open(&config).unwrap();
        assert!(store.found().created && !store.found().unclean, "{kind}");
        assert_eq!((store.kind(), store.durability()), (kind, Durability::Each));
        store.blocks().put(&block).unwrap();
        store.put(&Key::new("/pins/a").unwrap(), b"x").unwrap();
        store.sync().unwrap();
        assert!(
            store.disk_usage().unwrap() > 0,
            "{kind} takes no space on disk"
        );
        store.close().unwrap();
        store.close().unwrap();

        let store = Persistent::open(&config).unwrap();
        assert!(!store.found().created && !store.found().unclean, "{kind}");
        assert_eq!(
            store.blocks().get(block.cid()).unwrap(),
            Some(block),
            "{kind}"
        );
        assert_eq!(
            store.get(&Key::new("/pins/a").unwrap()).unwrap().unwrap(),
            "x"
        );
    }
}

#[test]
fn memory_is_gone_and_takes_no_space() {
    let key = Key::new("/a").unwrap();
    let store = Persistent::open(&Config::new(Kind::Memory)).unwrap();
    store.put(&key, b"x").unwrap();
    assert_eq!(store.disk_usage().unwrap(), 0);
    assert_eq!(store.path(), None);
    drop(store);
    let store = Persistent::open(&Config::new(Kind::Memory)).unwrap();
    assert_eq!(store.get(&key).unwrap(), None);
}

#[test]
fn a_store_that_was_not_closed_is_told() {
    for kind in on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(kind, dir.path());
        Persistent::open(&config).unwrap().close().unwrap();
        // What a killed holder leaves: its name in the lock file.
        fs::write(dir.path().join("lock"), "pid 1\nprogram gone\nsince then\n").unwrap();
        let store = Persistent::open(&config).unwrap();
        assert!(store.found().unclean, "{kind}");
        store.close().unwrap();
        assert!(
            !Persistent::open(&config).unwrap().found().unclean,
            "{kind}"
        );
    }
}

#[test]
fn another_kind_is_refused_and_nothing_is_changed() {
    for kind in on_disk() {
        let (dir, before) = closed_store(kind);
        for other in on_disk().filter(|other| *other != kind) {
            let error = Persistent::open(&config(other, dir.path())).unwrap_err();
            assert!(matches!(error, Error::WrongKind { .. }), "{error}");
            assert!(
                error.to_string().contains(&format!("is a {kind} store")),
                "{error}"
            );
        }
        assert_eq!(tree(dir.path()), before, "{kind}");
    }
}

#[test]
fn a_newer_version_and_a_damaged_manifest_are_refused_and_nothing_is_changed() {
    let (dir, _) = closed_store(Kind::Redb);
    let manifest = dir.path().join("store.json");
    for (text, newer) in [
        (
            r#"{"cairn":"store","version":3,"kind":"redb","shape":"unheard of"}"#,
            true,
        ),
        ("\u{0}\u{0}garbage", false),
        ("", false),
    ] {
        fs::write(&manifest, text).unwrap();
        let before = tree(dir.path());
        for config in [
            config(Kind::Redb, dir.path()),
            config(Kind::Redb, dir.path()).read_only(),
        ] {
            match Persistent::open(&config).unwrap_err() {
                Error::NewerVersion {
                    found: 3, known: 2, ..
                } => assert!(newer),
                Error::Manifest { path, .. } => assert!(!newer && path == manifest),
                other => unreachable!("{other}"),
            }
        }
        assert_eq!(tree(dir.path()), before);
    }
}

#[test]
fn a_folder_with_other_files_is_refused_and_nothing_is_changed() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.txt"), "years of work").unwrap();
    let before = tree(dir.path());
    for kind in on_disk() {
        let error = Persistent::open(&config(kind, dir.path())).unwrap_err();
        assert!(error.to_string().contains("thesis.txt"), "{error}");
    }
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn a_path_that_is_a_file_or_lies_below_one_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    for path in [file.clone(), file.join("store"), file.join("a/b")] {
        let error = Persistent::open(&config(Kind::Redb, &path)).unwrap_err();
        assert!(matches!(error, Error::NotAFolder { .. }), "{error}");
        assert!(error.to_string().contains("file"), "{error}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"x");
}

#[test]
fn a_store_whose_data_has_vanished_is_not_taken_for_a_new_one() {
    for kind in on_disk() {
        let (dir, _) = closed_store(kind);
        let data = dir.path().join(if matches!(kind, Kind::File | Kind::Pack) {
            "blocks"
        } else {
            kind.name()
        });
        fs::remove_dir_all(&data).unwrap();
        let error = Persistent::open(&config(kind, dir.path())).unwrap_err();
        assert!(
            error.to_string().contains("is there, and it is not"),
            "{error}"
        );
        assert!(!data.exists());
    }
}

#[test]
fn an_open_that_stopped_half_way_simply_opens() {
    for kind in on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = format!(r#"{{"cairn":"store","version":1,"kind":"{kind}","ready":false}}"#);
        fs::write(dir.path().join("store.json"), manifest).unwrap();
        fs::write(dir.path().join("store.json.new"), "{\"cai").unwrap();
        fs::write(dir.path().join("lock"), "pid 1\n").unwrap();
        let store = Persistent::open(&config(kind, dir.path())).unwrap();
        assert!(store.found().created && !store.found().unclean, "{kind}");
    }
}

#[test]
fn read_only_opens_what_is_there_and_refuses_writes() {
    let key = Key::new("/a").unwrap();
    for kind in on_disk().filter(|kind| kind.shares_readers()) {
        let absent = tempfile::tempdir().unwrap();
        let absent = absent.path().join("nothing");
        let nothing = Persistent::open(&config(kind, &absent).read_only()).unwrap_err();
        assert!(matches!(nothing, Error::NoStore { .. }), "{nothing}");
        assert!(!absent.exists());

        let (dir, before) = closed_store(kind);
        let read = config(kind, dir.path()).read_only();
        let (one, two) = (
            Persistent::open(&read).unwrap(),
            Persistent::open(&read).unwrap(),
        );
        let block = Block::raw(&b"one"[..]);
        for store in [&one, &two] {
            assert!(store.blocks().get(block.cid()).unwrap().is_some(), "{kind}");
            for refused in [store.put(&key, b"x"), store.delete(&key)] {
                assert!(
                    matches!(refused, Err(datastore::Error::ReadOnly { .. })),
                    "{refused:?}"
                );
            }
        }
        one.close().unwrap();
        drop((one, two));
        assert_eq!(
            tree(dir.path()),
            before,
            "reading {kind} changed its folder"
        );
    }
}

#[test]
fn an_option_that_the_engine_lacks_is_a_typed_error() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Config::new(Kind::Memory);
    let lacking = [
        memory.clone().with_path("x"),
        memory.clone().with_quota(1),
        memory.clone().with_durability(Durability::Each),
        memory.clone().with_compression(Compression::Lz4),
        memory.read_only(),
        config(Kind::Fjall, dir.path()).read_only(),
        config(Kind::Redb, dir.path()).with_compression(Compression::Lz4),
        config(Kind::File, dir.path()).with_compression(Compression::Lz4),
    ];
    for config in lacking {
        match Persistent::open(&config).unwrap_err() {
            Error::Store(datastore::Error::Unsupported { engine, .. }) => {
                assert_eq!(engine, config.kind.name());
            }
            other => unreachable!("{config:?}: {other}"),
        }
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[cfg(not(feature = "rocksdb"))]
#[test]
fn an_engine_that_is_not_built_says_what_to_run() {
    let error = Persistent::open(&Config::new(Kind::Rocksdb))
        .unwrap_err()
        .to_string();
    for part in [
        "apt install libclang-dev",
        "cargo run --features rocksdb --bin 01-persistent",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

/// A repository with one block where Kubo puts it: that of the empty UnixFS directory.
fn kubo_repository() -> (tempfile::TempDir, PathBuf) {
    let repo = tempfile::tempdir().unwrap();
    let blocks = repo.path().join("blocks");
    fs::create_dir_all(blocks.join("X3")).unwrap();
    fs::write(
        blocks.join("SHARDING"),
        "/repo/flatfs/shard/v1/next-to-last/2\n",
    )
    .unwrap();
    let name = "CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data";
    fs::write(blocks.join("X3").join(name), [0x0a, 0x02, 0x08, 0x01]).unwrap();
    fs::write(repo.path().join("repo.lock"), "").unwrap();
    (repo, blocks)
}

#[test]
fn kubos_folder_opens_in_place_and_its_repository_gets_a_hint() {
    let (repo, blocks) = kubo_repository();
    let before = tree(repo.path());
    let error = Persistent::open(&config(Kind::File, repo.path()))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Kubo repository") && error.contains("blocks"),
        "{error}"
    );
    let error = Persistent::open(&config(Kind::Redb, &blocks))
        .unwrap_err()
        .to_string();
    assert!(error.contains("open it as file"), "{error}");

    let cid = block_cid::text::parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn").unwrap();
    for config in [
        config(Kind::File, &blocks),
        config(Kind::File, &blocks).read_only(),
    ] {
        let store = Persistent::open(&config).unwrap();
        assert!(store.found().kubo);
        assert_eq!(store.blocks().get(&cid).unwrap().unwrap().data().len(), 4);
        assert_eq!(store.blocks().cids().unwrap().count(), 1);
        store.close().unwrap();
        assert_eq!(
            tree(repo.path()),
            before,
            "nothing of ours is put into Kubo's folder"
        );
    }
}

#[test]
fn two_writers_on_kubos_folder_keep_each_other_out() {
    let (_repo, blocks) = kubo_repository();
    let first = Persistent::open(&config(Kind::File, &blocks)).unwrap();
    let error = Persistent::open(&config(Kind::File, &blocks)).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    first.close().unwrap();
    Persistent::open(&config(Kind::File, &blocks)).unwrap();
}

/// What lies where a file belongs may be anything: none of it keeps an open waiting.
#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_file_is_an_error_and_no_wait() {
    for name in ["store.json", "lock"] {
        let (dir, _) = closed_store(Kind::Redb);
        let path = dir.path().join(name);
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap();
        assert!(made.success());
        let error = Persistent::open(&config(Kind::Redb, dir.path())).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let text = format!("{error} {source:?}");
        assert!(
            text.contains("it is no file") && text.contains(name),
            "{text}"
        );
    }
}

/// An enumeration that is alive when the store is closed says so, once, and ends.
#[test]
fn an_enumeration_of_a_closed_store_ends_in_closed() {
    for kind in Kind::built() {
        let dir = tempfile::tempdir().unwrap();
        let config = if kind.is_on_disk() {
            config(kind, dir.path())
        } else {
            Config::new(kind)
        };
        let store = Persistent::open(&config).unwrap();
        for n in 0..600u32 {
            store
                .put(&Key::block(&n.to_be_bytes()).unwrap(), b"x")
                .unwrap();
        }
        let mut entries = store.query(&Key::root()).unwrap();
        let mut keys = store.keys(&Key::root()).unwrap();
        assert!(entries.next().unwrap().is_ok() && keys.next().unwrap().is_ok());
        store.close().unwrap();
        assert!(
            matches!(entries.next(), Some(Err(datastore::Error::Closed))),
            "{kind}"
        );
        assert!(
            matches!(keys.next(), Some(Err(datastore::Error::Closed))),
            "{kind}"
        );
        assert!(entries.next().is_none() && keys.next().is_none(), "{kind}");
    }
}

/// A file system may hold anything under the name of a block.
#[cfg(unix)]
#[test]
fn what_is_no_file_of_a_block_is_absent_or_damaged_and_can_be_replaced() {
    let block = Block::raw(&b"one"[..]);
    let name = "blocks";
    let place = |dir: &Path| -> PathBuf {
        let mut files = tree(&dir.join(name)).into_keys();
        files
            .find(|path| path.extension().is_some_and(|e| e == "data"))
            .unwrap()
    };
    for what in ["pipe", "folder", "huge"] {
        let (dir, _) = closed_store(Kind::File);
        let path = place(dir.path());
        match what {
            "huge" => fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(1 << 43)
                .unwrap(),
            _ => {
                fs::remove_file(&path).unwrap();
                let program = if what == "pipe" { "mkfifo" } else { "mkdir" };
                std::process::Command::new(program)
                    .arg(&path)
                    .status()
                    .unwrap();
            }
        }
        let store = Persistent::open(&config(Kind::File, dir.path())).unwrap();
        let blocks = store.blocks();
        let got = blocks.get(block.cid());
        if what == "huge" {
            let error = got.unwrap_err().to_string();
            assert!(error.contains("no block has more than 1 GiB"), "{error}");
        } else {
            assert_eq!(got.unwrap(), None, "{what}");
            assert!(!blocks.has(block.cid()).unwrap(), "{what}");
            assert_eq!(blocks.cids().unwrap().count(), 0, "{what}");
        }
        if what != "folder" {
            blocks.put(&block).unwrap();
            assert_eq!(
                blocks.get(block.cid()).unwrap().as_ref(),
                Some(&block),
                "{what}"
            );
        }
    }
}

/// fjall by itself takes a lost journal for an empty one.
#[test]
fn a_lost_journal_is_damage() {
    let (dir, _) = closed_store(Kind::Fjall);
    for path in tree(&dir.path().join("fjall")).into_keys() {
        if path.extension().is_some_and(|ending| ending == "jnl") {
            fs::remove_file(&path).unwrap();
        }
    }
    let error = Persistent::open(&config(Kind::Fjall, dir.path())).unwrap_err();
    assert!(error.to_string().contains("journal"), "{error}");
}
