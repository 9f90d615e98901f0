//! A store moved to another engine: everything comes over, however often it is begun; nothing is
//! removed before that.

pub mod lab;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Key};
use persistent::ops::{self, Copied, Error, Migrated, Silent};
use persistent::{Config, Durability, Kind, Persistent};
use testkit::mount::{Mount, in_memory};
use testkit::{Rng, or_skip};

const BLOCKS: u64 = 40;
const OTHERS: u64 = 5;

/// With large ones behind the others, so that they are written in two batches.
const MANY: u64 = BLOCKS + 10;

/// Made once: it is chance that takes the time.
fn block(n: u64) -> Block {
    static ALL: LazyLock<Vec<Block>> = LazyLock::new(|| (0..=MANY).map(make).collect());
    ALL[n as usize].clone()
}

/// Of every size that an engine treats in a way of its own.
fn make(n: u64) -> Block {
    let sizes = [0, 1, 100, 1023, 1024, 4050, 4096, 5000, 65_536, 100_000];
    let len = match n {
        BLOCKS..MANY => 1 << 20,
        _ => sizes[n as usize % sizes.len()],
    };
    Block::raw([&n.to_be_bytes()[..], &Rng::new(n).bytes(len)].concat())
}

fn key(block: &Block) -> Key {
    Key::block(&block.cid().hash().to_bytes()).unwrap()
}

fn other(n: u64) -> Key {
    Key::new(&format!("/pins/{n}")).unwrap()
}

fn at(kind: Kind, path: &Path) -> Config {
    Config::new(kind).with_path(path).with_min_free(0)
}

fn fill(config: &Config, blocks: u64) {
    let store = crate::open(&config.clone().with_durability(Durability::Batch));
    let all: Vec<Block> = (0..blocks).map(block).collect();
    store.blocks().put_many(&all).unwrap();
    for n in 0..OTHERS {
        store.put(&other(n), &n.to_be_bytes()).unwrap();
    }
    store.close().unwrap();
}

fn check_all(config: &Config, place: &str) {
    check(config, BLOCKS, place);
}

fn check(config: &Config, blocks: u64, place: &str) {
    let store = crate::open(config);
    for n in 0..blocks {
        let found = store.blocks().get(block(n).cid()).unwrap();
        assert!(found == Some(block(n)), "{place}: block {n}");
    }
    for n in 0..OTHERS {
        let found = store.get(&other(n)).unwrap();
        assert!(found.unwrap() == n.to_be_bytes()[..], "{place}: other {n}");
    }
    store.close().unwrap();
}

fn migrate(from: &Config, to: &Config) -> Result<Migrated, Error> {
    ops::migrate(from, to, false, &Silent)
}

/// Every pair of engines, the same engine twice included.
fn pairs() -> Vec<(Kind, Kind)> {
    let kinds = crate::kinds();
    let with = |from: &Kind| kinds.iter().map(|to| (*from, *to)).collect::<Vec<_>>();
    kinds.iter().flat_map(with).collect()
}

struct Two {
    _dir: tempfile::TempDir,
    from: Config,
    to: Config,
    place: String,
}

fn two(from: Kind, to: Kind) -> Two {
    with(from, to, BLOCKS)
}

fn with(from: Kind, to: Kind, blocks: u64) -> Two {
    let dir = in_memory();
    let two = Two {
        from: at(from, &dir.path().join("from")),
        to: at(to, &dir.path().join("to")),
        place: format!("{from} to {to}"),
        _dir: dir,
    };
    fill(&two.from, blocks);
    two
}

#[test]
fn everything_comes_over_and_twice_is_once() {
    for (from, to) in pairs() {
        let Two {
            from,
            to,
            place,
            _dir,
        } = &two(from, to);
        let done = migrate(from, to).unwrap();
        assert!(done.is_whole(), "{place}: {done:?}");
        assert_eq!((done.blocks, done.others), (BLOCKS, OTHERS), "{place}");
        let copied = done.copied;
        assert_eq!((copied.blocks, copied.others), (BLOCKS, OTHERS), "{place}");
        check_all(to, place);
        check_all(from, place);
        let again = migrate(from, to).unwrap();
        assert_eq!(again.copied, Copied::default(), "{place}");
        assert_eq!((again.blocks, again.others), (BLOCKS, OTHERS), "{place}");
        // What is missing is copied, what is damaged is mended, and nothing else is written.
        let store = crate::open(to);
        for n in 0..7 {
            store.delete(&key(&block(n))).unwrap();
        }
        store.put(&key(&block(8)), b"other bytes").unwrap();
        store.close().unwrap();
        let again = migrate(from, to).unwrap();
        assert_eq!((again.blocks, again.copied.blocks), (BLOCKS, 8), "{place}");
        check_all(to, place);
    }
}

#[test]
fn the_source_is_removed_after_everything_is_elsewhere_and_only_then() {
    for (from, to) in pairs() {
        let Two {
            from,
            to,
            place,
            _dir,
        } = &two(from, to);
        let path = from.path.clone().unwrap();
        let store = crate::open(from);
        store.put(&key(&block(3)), b"other bytes").unwrap();
        store.close().unwrap();
        let store = crate::open(to);
        store.put(&other(1), b"mine").unwrap();
        store.put(&Key::new("/own").unwrap(), b"own").unwrap();
        store.blocks().put(&block(BLOCKS)).unwrap();
        store.close().unwrap();
        let remove = || ops::migrate(from, to, true, &Silent);
        let done = remove().unwrap();
        assert!(!done.is_whole() && !done.removed, "{place}: {done:?}");
        assert_eq!(done.different, [other(1)], "{place}");
        assert_eq!(done.damaged.len(), 1, "{place}");
        let (cid, why) = &done.damaged[0];
        assert_eq!(*cid, block(3).cid().to_string(), "{place}");
        assert!(why.contains("its bytes make"), "{place}: {why}");
        assert_eq!((done.blocks, done.others), (BLOCKS - 1, OTHERS - 1));

        let store = crate::open(to);
        assert_eq!(store.get(&other(1)).unwrap().unwrap(), "mine", "{place}");
        store.delete(&other(1)).unwrap();
        store.blocks().put(&block(3)).unwrap();
        store.close().unwrap();
        fs::write(path.join("letter"), "to Ann").unwrap();
        let refused = remove().unwrap_err().to_string();
        assert!(refused.contains("letter"), "{place}: {refused}");
        fs::remove_file(path.join("letter")).unwrap();
        // A good block in the destination makes up for a damaged one in the source.
        let done = remove().unwrap();
        assert!(done.removed && done.is_whole(), "{place}: {done:?}");
        assert!(!path.exists(), "{place}");
        check_all(to, place);
        let again = remove().unwrap();
        assert!(again.removed && again.already, "{place}: {again:?}");
        // Another store that is not there was never moved.
        let never = at(from.kind, &path.with_file_name("never"));
        let error = ops::migrate(&never, to, true, &Silent).unwrap_err();
        assert!(matches!(
            error,
            Error::Open(persistent::Error::NoStore { .. })
        ));

        // A crash in the middle of the removal.
        let left = path.with_file_name(".from.removed");
        let target = to.path.as_ref().unwrap().canonicalize().unwrap();
        fs::create_dir_all(left.join("blocks")).unwrap();
        let journal = serde_json::json!({
            "cairn": "migrate", "version": 1, "to": target, "kind": to.kind.name(),
            "removing": true,
        });
        fs::write(left.join("migrate.json"), journal.to_string()).unwrap();
        assert!(remove().unwrap().removed, "{place}");
        assert!(!left.exists(), "{place}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_made() {
    for kind in crate::kinds() {
        let Two { from, _dir, .. } = &two(kind, kind);
        let path = from.path.clone().unwrap();
        let link = path.with_file_name("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let refused = |from: &Config, to: &Config, why: &str| {
            let error = migrate(from, to).unwrap_err();
            assert!(error.to_string().contains(why), "{kind}: {error}");
        };
        refused(from, from, "where it is");
        refused(from, &at(kind, &link), "where it is");
        refused(from, &at(kind, &path.join("in/it")), "one within the other");
        refused(from, &at(kind, path.parent().unwrap()), "one within");
        refused(from, &Config::new(Kind::Memory), "goes with its process");
        refused(&Config::new(Kind::Memory), from, "goes with its process");
        let absent = at(kind, &path.with_file_name("absent"));
        refused(&absent, &at(kind, &path.with_file_name("new")), "no store");
        assert_eq!(fs::read_dir(_dir.path()).unwrap().count(), 2, "{kind}");
        check_all(from, kind.name());
    }
}

/// Blocks that are good in the destination; 0 if it is not there.
fn good(to: &Config) -> u64 {
    if !to.path.as_ref().unwrap().exists() {
        return 0;
    }
    let store = crate::open(to);
    let is_good = |n: &u64| matches!(store.blocks().get(block(*n).cid()), Ok(Some(_)));
    let good = (0..MANY).filter(is_good).count() as u64;
    store.close().unwrap();
    good
}

#[test]
fn a_full_disk_stops_it_and_the_source_stays() {
    for (from, to) in pairs() {
        let Some(mount) = or_skip("a full destination", Mount::tmpfs("size=4m")) else {
            return;
        };
        let two = two(from, to);
        let to = at(to, &mount.path().join("to"));
        let place = &two.place;
        // Nothing fits: told before anything is copied.
        let filler: PathBuf = mount.path().join("filler");
        // What pack takes is hardly more than the blocks.
        let room = if to.kind == Kind::Pack {
            512 << 10
        } else {
            1 << 20
        };
        fs::write(&filler, vec![7; (4 << 20) - room]).unwrap();
        let error = migrate(&two.from, &to).unwrap_err();
        let Error::Store(store) = &error else {
            // The engine itself had no room to begin.
            let Error::Open(persistent::Error::Store(store)) = &error else {
                panic!("{place}: {error:?}");
            };
            assert!(store.is_out_of_space(), "{place}: {error:?}");
            continue;
        };
        assert!(store.is_out_of_space(), "{place}: {error:?}");
        check_all(&two.from, place);
        fs::remove_file(&filler).unwrap();
        mount.remount("size=200m").unwrap();
        assert_eq!(good(&to), 0, "{place}: something was copied");
        assert!(migrate(&two.from, &to).unwrap().is_whole(), "{place}");
        check_all(&to, place);
    }
}

#[test]
fn a_source_that_is_read_elsewhere_can_be_moved_and_one_that_is_written_cannot() {
    for kind in crate::kinds() {
        let two = two(kind, Kind::File);
        if kind.shares_readers() {
            let reader = crate::open(&two.from.clone().read_only());
            assert!(migrate(&two.from, &two.to).unwrap().is_whole(), "{kind}");
            let error = ops::migrate(&two.from, &two.to, true, &Silent).unwrap_err();
            assert!(matches!(
                error,
                Error::Open(persistent::Error::Locked { .. })
            ));
            reader.close().unwrap();
        }
        let writer = Persistent::open(&two.from).unwrap();
        let error = migrate(&two.from, &two.to).unwrap_err();
        assert!(matches!(
            error,
            Error::Open(persistent::Error::Locked { .. })
        ));
        drop(writer);
        check_all(&two.from, kind.name());
    }
}
