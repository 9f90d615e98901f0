//! What was saved from any engine is restored on any other.

use std::fs;

use block_cid::{Block, Blockstore, Cid, Hash, car};
use datastore::{Datastore, Key};
use persistent::Kind;
use persistent::ops::Error;
use testkit::mount::in_memory;
use testkit::run;

use crate::{
    backup, backup_noting, check, config, contents, contents_of, fill, kinds, names, on_disk, open,
    restore, saved,
};

#[test]
fn random_stores_come_back_on_every_engine() {
    let seed = run::seed("backup round");
    for from in kinds() {
        let dir = in_memory();
        let (path, file) = (dir.path().join("from"), dir.path().join("backup.car"));
        let store = open(from, &path);
        fill(&store, seed, 40);
        // A value that is longer than a page, and one that is nothing.
        let long = Key::new("/long").unwrap();
        store
            .put(&long, &testkit::Rng::new(seed).bytes(2_500_000))
            .unwrap();
        store.put(&Key::new("/empty").unwrap(), b"").unwrap();
        let done = backup(&store, &file).unwrap();
        let all = contents(&store);
        assert_eq!((done.blocks + done.keys) as usize, all.len());
        assert_eq!(done.len, fs::metadata(&file).unwrap().len());
        assert_eq!(
            names(dir.path())
                .iter()
                .filter(|n| n.contains("car"))
                .count(),
            1
        );
        assert_eq!(check(&file).unwrap().root, Some(done.root));
        for to in on_disk() {
            let path = dir.path().join(format!("to-{to}"));
            let restored = restore(&file, to, &path).unwrap();
            assert_eq!((restored.engine, restored.kept), (from.name().into(), None));
            assert!(contents_of(to, &path) == all, "{from} to {to}");
        }
    }
}

#[test]
fn an_empty_store_comes_back() {
    let dir = in_memory();
    let (file, all) = saved(dir.path(), 1, 0);
    assert!(all.is_empty());
    let restored = restore(&file, Kind::Redb, &dir.path().join("to")).unwrap();
    assert_eq!((restored.blocks, restored.keys), (0, 0));
    assert!(contents_of(Kind::Redb, &dir.path().join("to")).is_empty());
}

#[test]
fn the_old_store_is_kept_and_a_second_one_gets_another_name() {
    for kind in on_disk() {
        let dir = in_memory();
        let (file, new) = saved(dir.path(), 1, 10);
        let path = dir.path().join("store");
        let store = open(kind, &path);
        fill(&store, 2, 10);
        let old = contents(&store);
        store.close().unwrap();
        let first = restore(&file, kind, &path).unwrap();
        assert!(contents_of(kind, &path) == new);
        let kept = first.kept.unwrap();
        assert_eq!(kept, dir.path().join("store.before-restore"));
        assert!(contents_of(kind, &kept) == old);
        let second = restore(&file, kind, &path).unwrap();
        let again = dir.path().join("store.before-restore-2");
        assert_eq!(second.kept, Some(again.clone()));
        assert!(contents_of(kind, &again) == new);
        assert!(contents_of(kind, &kept) == old);
        let left = names(dir.path());
        assert_eq!(left.len(), 5, "{left:?}");
        assert!(!path.join("restore.json").exists());
    }
}

#[test]
fn any_car_reader_reads_a_backup() {
    let dir = in_memory();
    let (file, all) = saved(dir.path(), 3, 20);
    let bytes = fs::read(&file).unwrap();
    let mut reader = car::Reader::new(&bytes[..]).unwrap();
    let root = reader.roots()[0];
    let blocks: Vec<Block> = reader
        .by_ref()
        .map(|b| b.unwrap().prove().unwrap())
        .collect();
    assert_eq!(*blocks.last().unwrap().cid(), root);
    for block in blocks
        .iter()
        .filter(|b| b.cid().codec() == block_cid::codec::RAW)
    {
        let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
        assert_eq!(all.get(key.as_bytes()).unwrap(), block.data());
    }
    // From the root every block is reached by links alone.
    let links = |block: &Block| -> Vec<Cid> {
        let data = block.data();
        let tag = [0xd8, 0x2a, 0x58];
        let at = (0..data.len()).filter(|at| data[*at..].starts_with(&tag));
        at.map(|at| {
            let len = usize::from(data[at + 3]);
            block_cid::binary::decode(&data[at + 5..at + 4 + len]).unwrap()
        })
        .collect()
    };
    let (mut todo, mut reached) = (vec![root], 0);
    while let Some(cid) = todo.pop() {
        reached += 1;
        let block = blocks.iter().find(|b| *b.cid() == cid).unwrap();
        if cid.codec() == block_cid::codec::DAG_CBOR {
            todo.extend(links(block));
        }
    }
    assert_eq!(reached, blocks.len());
}

#[test]
fn a_damaged_block_is_named_and_the_others_are_saved() {
    for kind in on_disk() {
        let dir = in_memory();
        let (path, file) = (dir.path().join("from"), dir.path().join("backup.car"));
        let store = open(kind, &path);
        fill(&store, 5, 20);
        let all = contents(&store);
        let wrong = Block::raw("right");
        let key = Key::block(&wrong.cid().hash().to_bytes()).unwrap();
        store.put(&key, b"wrong").unwrap();
        // No multihash, and a hash that nobody knows.
        for odd in [&b"\xff\xff"[..], b"\x7f\x04abcd"] {
            store.put(&Key::block(odd).unwrap(), b"x").unwrap();
        }
        let mut named = Vec::new();
        let done = backup_noting(&store, &file, &mut |left| named.push(left)).unwrap();
        store.close().unwrap();
        assert_eq!(done.damaged, 3);
        assert!(
            named
                .iter()
                .any(|left| left.name == wrong.cid().to_string()),
            "{named:?}"
        );
        let restored = restore(&file, kind, &dir.path().join("to")).unwrap();
        assert_eq!(restored.damaged, 3);
        assert!(contents_of(kind, &dir.path().join("to")) == all);
    }
}

#[test]
fn files_that_are_there_are_kept_unless_forced() {
    let dir = in_memory();
    let file = dir.path().join("backup.car");
    let store = open(Kind::Memory, dir.path());
    fill(&store, 1, 3);
    fs::write(&file, "mine").unwrap();
    let error = backup(&store, &file).unwrap_err();
    assert!(error.to_string().contains("--force"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    let mut how = persistent::ops::Backup::of("memory");
    (how.force, how.min_free) = (true, 0);
    let watch = persistent::ops::Silent;
    persistent::ops::backup(&store, &file, &how, &watch, &mut |_| {}).unwrap();
    check(&file).unwrap();
    for odd in ["-", "nowhere/x.car"] {
        let error = backup(&store, std::path::Path::new(odd));
        assert!(matches!(error, Err(Error::Refused { .. })), "{error:?}");
    }
    let error = backup(&store, dir.path()).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    assert_eq!(names(dir.path()), ["backup.car"]);
}

#[test]
fn a_store_in_use_and_folders_of_others_are_not_replaced() {
    let dir = in_memory();
    let (file, _) = saved(dir.path(), 1, 3);
    let path = dir.path().join("store");
    let store = open(Kind::Redb, &path);
    let error = restore(&file, Kind::Redb, &path).unwrap_err();
    assert!(
        matches!(&error, Error::Open(persistent::Error::Locked { .. })),
        "{error}"
    );
    store.close().unwrap();
    let error = restore(&file, Kind::File, &path).unwrap_err();
    assert!(error.to_string().contains("is a redb store"), "{error}");
    // Kubo's, by its own marks, and somebody's letters.
    let kubo = dir.path().join("repo");
    fs::create_dir_all(kubo.join("blocks")).unwrap();
    fs::write(
        kubo.join("blocks/SHARDING"),
        "/repo/flatfs/shard/v1/next-to-last/2\n",
    )
    .unwrap();
    for place in [kubo.join("blocks"), kubo] {
        let error = restore(&file, Kind::File, &place).unwrap_err();
        assert!(error.to_string().contains("ipfs dag import"), "{error}");
    }
    let letters = dir.path().join("letters");
    fs::create_dir(&letters).unwrap();
    fs::write(letters.join("dear.txt"), "…").unwrap();
    let error = restore(&file, Kind::Redb, &letters).unwrap_err();
    assert!(error.to_string().contains("dear.txt"), "{error}");
    // Something else under the name that the new store is filled under.
    let fresh = dir.path().join("store.restoring");
    fs::create_dir(&fresh).unwrap();
    fs::write(fresh.join("dear.txt"), "…").unwrap();
    let error = restore(&file, Kind::Redb, &path).unwrap_err();
    assert!(error.to_string().contains("rename or remove"), "{error}");
    assert!(fresh.join("dear.txt").exists());
    let config = config(Kind::Memory, &path);
    let how = persistent::ops::Restore::default();
    persistent::ops::restore(&file, &config, how, &persistent::ops::Silent).unwrap_err();
}

/// What is damaged beyond opening is what a backup is for.
#[test]
fn a_ruined_store_is_replaced() {
    let dir = in_memory();
    let (file, all) = saved(dir.path(), 1, 3);
    let path = dir.path().join("store");
    for ruin in ["store.json", "redb/blocks.redb"] {
        let store = open(Kind::Redb, &path);
        fill(&store, 1, 1);
        store.close().unwrap();
        fs::write(path.join(ruin), "garbage").unwrap();
        persistent::Persistent::open(&config(Kind::Redb, &path)).unwrap_err();
        restore(&file, Kind::Redb, &path).unwrap();
        assert!(contents_of(Kind::Redb, &path) == all);
    }
}

#[test]
fn a_link_stays_a_link() {
    let dir = in_memory();
    let (file, all) = saved(dir.path(), 1, 3);
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    open(Kind::Redb, &real).close().unwrap();
    std::os::unix::fs::symlink("real", &link).unwrap();
    let restored = restore(&file, Kind::Redb, &link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(contents_of(Kind::Redb, &link) == all);
    let kept = restored.kept.unwrap();
    assert!(kept.ends_with("real.before-restore"), "{kept:?}");
}

#[test]
fn the_blocks_of_any_car_are_taken_if_asked_for() {
    let dir = in_memory();
    let file = dir.path().join("any.car");
    let blocks = [
        Block::raw("one"),
        Block::new(block_cid::codec::DAG_PB, Hash::SHA2_256, "two").unwrap(),
        Block::new(block_cid::codec::RAW, Hash::IDENTITY, "in the CID").unwrap(),
        Block::raw("one"),
    ];
    let mut writer = car::Writer::new(Vec::new(), &[*blocks[1].cid()]).unwrap();
    for block in &blocks {
        writer.put(block).unwrap();
    }
    fs::write(&file, writer.finish().unwrap()).unwrap();
    let path = dir.path().join("store");
    let error = restore(&file, Kind::Redb, &path).unwrap_err();
    assert!(error.to_string().contains("--plain"), "{error}");
    assert_eq!(names(dir.path()), ["any.car"]);
    let how = persistent::ops::Restore {
        plain: true,
        ..Default::default()
    };
    let watch = persistent::ops::Silent;
    persistent::ops::restore(&file, &config(Kind::Redb, &path), how, &watch).unwrap();
    let store = open(Kind::Redb, &path);
    assert_eq!(contents(&store).len(), 2);
    for block in &blocks {
        assert_eq!(
            store.blocks().get(block.cid()).unwrap().unwrap().data(),
            block.data()
        );
    }
}
