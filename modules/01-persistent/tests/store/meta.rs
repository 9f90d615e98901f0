//! Where other keys are in a file beside the blocks, and that is damaged, the blocks of a pack store are
//! there all the same; none is deleted that a key may name.

use std::fs;
use std::path::Path;

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Error, Key};
use persistent::ops::verify::Mend;
use persistent::ops::{Silent, verify};
use persistent::{Kind, Persistent};
use testkit::mount::in_memory;

fn pin() -> Key {
    Key::new("/pins/one").unwrap()
}

/// A store with some blocks and a key, whose file of other keys is damaged then.
fn damaged(dir: &Path) -> Vec<Block> {
    let store = crate::open(&crate::config(Kind::Pack, dir));
    let blocks: Vec<Block> = (0..30u32)
        .map(|n| Block::raw(n.to_be_bytes().to_vec()))
        .collect();
    store.blocks().put_many(&blocks).unwrap();
    store.put(&pin(), b"a value").unwrap();
    store.close().unwrap();
    let path = dir.join("store/meta.redb");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes
        .windows(7)
        .position(|part| part == b"a value")
        .unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
    blocks
}

/// All that an enumeration gives, and the error that ends it.
fn listed(store: &Persistent, prefix: &Key) -> (usize, Option<Error>) {
    let (mut there, mut end) = (0, None);
    for key in store.keys(prefix).unwrap() {
        match key {
            Ok(_) => there += 1,
            Err(error) => end = Some(error),
        }
    }
    (there, end)
}

#[test]
fn blocks_are_read_listed_and_put_though_the_other_keys_are_damaged() {
    for (read_only, unclean) in [(false, false), (true, false), (false, true)] {
        let dir = in_memory();
        let blocks = damaged(dir.path());
        if unclean {
            fs::write(dir.path().join("store/lock"), "pid 1\n").unwrap();
        }
        let mut config = crate::config(Kind::Pack, dir.path());
        config.read_only = read_only;
        let store = crate::open(&config);
        let is_damage = |error: &Error| matches!(error, Error::Corrupt { path, .. } if path.ends_with("meta.redb"));
        assert!(is_damage(&store.get(&pin()).unwrap_err()));
        for block in &blocks {
            assert_eq!(
                store.blocks().get(block.cid()).unwrap().as_ref(),
                Some(block)
            );
            assert!(store.blocks().has(block.cid()).unwrap());
        }
        for prefix in [Key::root(), Key::blocks()] {
            let (there, end) = listed(&store, &prefix);
            assert_eq!(there, blocks.len(), "{prefix}");
            assert!(is_damage(&end.unwrap()), "{prefix}");
            let entries = store.query(&prefix).unwrap().filter(Result::is_ok);
            assert_eq!(entries.count(), blocks.len());
        }
        assert!(
            store
                .keys(&Key::new("/pins").unwrap())
                .is_err_and(|error| is_damage(&error))
        );
        if !read_only {
            // Nothing is written by what is refused, and the store takes what it can after it.
            for refused in [
                store
                    .blocks()
                    .delete(blocks[0].cid())
                    .unwrap_err()
                    .to_string(),
                store.put(&pin(), b"another").unwrap_err().to_string(),
                store.delete(&pin()).unwrap_err().to_string(),
            ] {
                assert!(refused.contains("meta.redb"), "{refused}");
                assert!(refused.contains("restore a backup"), "{refused}");
            }
            store.blocks().put(&Block::raw("new")).unwrap();
            assert!(store.blocks().has(blocks[0].cid()).unwrap());
        }
        let report = verify(&store, &Mend::default(), &Silent, &mut |_| Ok(())).unwrap();
        assert_eq!((report.damaged, report.missing), (0, 0));
        assert!(
            report.store.iter().any(|line| line.contains("meta.redb")),
            "{report:?}"
        );
        store.close().unwrap();
    }
}

#[test]
fn who_gives_the_damaged_keys_up_deletes_again() {
    let dir = in_memory();
    let blocks = damaged(dir.path());
    fs::remove_file(dir.path().join("store/meta.redb")).unwrap();
    let store = crate::open(&crate::config(Kind::Pack, dir.path()));
    store.blocks().delete(blocks[0].cid()).unwrap();
    assert!(!store.blocks().has(blocks[0].cid()).unwrap());
    assert_eq!(listed(&store, &Key::root()).0, blocks.len() - 1);
    store.put(&pin(), b"again").unwrap();
}
