//! Who has a store is named; readers share it where the engine can; a holder that is gone leaves
//! nothing to clean up.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use persistent::lock::Holders;
use persistent::{Config, Error, Kind, Persistent};
use testkit::child::{arg, orders, say};
use testkit::mount::Mount;
use testkit::{Child, or_skip};

/// The child: opens, puts a block if it may, and does what it is told.
pub fn holder() {
    let kind: Kind = arg("kind").parse().unwrap();
    let config = crate::config(kind, Path::new(&arg("dir")));
    let orders = orders();
    let store = if arg("mode") == "read" {
        crate::open(&config.read_only())
    } else {
        let store = crate::open(&config);
        store.blocks().put(&block()).unwrap();
        store
    };
    say("holding");
    // Nobody waits for them: they are to outlive this process.
    let mut idles = Vec::new();
    for order in orders {
        if order == "spawn" {
            let idle = Command::new("tail")
                .args(["-f", "/dev/null"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // A child has its name once it has let go of what it does not inherit; spawning it
            // returns a moment earlier.
            let comm = format!("/proc/{}/comm", idle.id());
            while fs::read_to_string(&comm).unwrap().trim() != "tail" {
                std::thread::yield_now();
            }
            say(&format!("spawned {}", idle.id()));
            idles.push(idle);
        } else {
            store.close().unwrap();
            say("closed");
        }
    }
}

fn block() -> Block {
    Block::raw(&b"put by the child"[..])
}

pub fn hold(kind: Kind, dir: &Path, mode: &str) -> Child {
    let child = Child::of("child", "holder")
        .with("kind", kind)
        .with("dir", dir.display())
        .with("mode", mode)
        .start();
    if child.wait_for(|line| line == "holding").is_none() {
        panic!("{kind}: no holder: {}", child.noise());
    }
    child
}

fn refused(config: &Config) -> Holders {
    match Persistent::open(config) {
        Err(Error::Locked { path, holders }) => {
            assert_eq!(Some(path), config.path);
            holders
        }
        Err(error) => panic!("{}", crate::chain(&error)),
        Ok(_) => panic!("two processes hold {:?}", config.path),
    }
}

/// A store with one block, closed.
fn closed(kind: Kind) -> (tempfile::TempDir, Config) {
    let dir = tempfile::tempdir().unwrap();
    let config = crate::config(kind, dir.path());
    let store = crate::open(&config);
    store.blocks().put(&block()).unwrap();
    store.close().unwrap();
    (dir, config)
}

fn has_it(store: &Persistent) -> bool {
    store.blocks().get(block().cid()).unwrap() == Some(block())
}

#[test]
fn the_second_process_gets_the_holders_name() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let config = crate::config(kind, dir.path());
        let mut child = hold(kind, dir.path(), "write");
        let holders = refused(&config);
        let pids: Vec<u32> = holders.processes.iter().map(|holder| holder.pid).collect();
        assert_eq!(pids, [child.id()], "{kind}: {holders}");
        assert!(!holders.reading, "{kind}: {holders}");
        let own = std::env::current_exe().unwrap();
        let own = own.file_name().unwrap().to_str().unwrap();
        assert_eq!(holders.processes[0].program, own, "{kind}");
        assert!(
            holders.processes[0].since.ends_with('Z'),
            "{kind}: {holders}"
        );
        let text = Persistent::open(&config).unwrap_err().to_string();
        assert!(
            text.contains(own) && text.contains(&child.id().to_string()),
            "{kind}: {text}"
        );
        child.tell("close");
        child.wait_for(|line| line == "closed").unwrap();
        let store = crate::open(&config);
        assert!(!store.found().unclean && has_it(&store), "{kind}");
    }
}

/// A killed holder leaves nothing to clean up, however often.
#[test]
fn a_killed_holder_never_has_to_be_cleaned_up_after() {
    let rounds = testkit::run::count("CAIRN_HOLDERS", 1000, 1000);
    let dir = tempfile::tempdir().unwrap();
    // The lock is the same for every kind; this one opens fastest.
    let kind = if crate::kinds().contains(&Kind::File) {
        Kind::File
    } else {
        crate::kinds()[0]
    };
    let config = crate::config(kind, dir.path());
    let mut slowest = std::time::Duration::ZERO;
    for round in 0..rounds {
        hold(kind, dir.path(), "write").kill();
        let since = std::time::Instant::now();
        let lock = Persistent::open(&config);
        slowest = slowest.max(since.elapsed());
        let store = lock.unwrap_or_else(|error| panic!("round {round}: {}", crate::chain(&error)));
        assert!(store.found().unclean, "round {round}");
        store.close().unwrap();
    }
    testkit::report(&format!(
        "locking {kind}: {rounds} holders killed, 0 left in the way; slowest open {slowest:?}"
    ));
}

#[test]
fn readers_share_a_store_and_keep_writers_out() {
    for kind in crate::kinds() {
        let (dir, config) = closed(kind);
        if !kind.shares_readers() {
            let error = Persistent::open(&config.clone().read_only()).unwrap_err();
            assert!(
                matches!(&error, Error::Store(datastore::Error::Unsupported { engine, .. })
                    if *engine == kind.name()),
                "{kind}: {error}"
            );
            continue;
        }
        let children = [
            hold(kind, dir.path(), "read"),
            hold(kind, dir.path(), "read"),
        ];
        let third = crate::open(&config.clone().read_only());
        assert!(has_it(&third), "{kind}");
        let error = third.blocks().put(&Block::raw(&b"more"[..])).unwrap_err();
        assert!(error.to_string().contains("read-only"), "{kind}: {error}");

        let holders = refused(&config);
        assert!(holders.reading, "{kind}: {holders}");
        for pid in children.iter().map(Child::id).chain([std::process::id()]) {
            assert!(
                holders.processes.iter().any(|holder| holder.pid == pid),
                "{kind}: {pid} is not among {holders}"
            );
        }
        third.close().unwrap();
        for child in children {
            child.kill();
        }
        assert!(has_it(&crate::open(&config)), "{kind}");
    }
}

#[test]
fn a_writer_keeps_readers_out() {
    for kind in crate::kinds()
        .into_iter()
        .filter(|kind| kind.shares_readers())
    {
        let dir = tempfile::tempdir().unwrap();
        let child = hold(kind, dir.path(), "write");
        let holders = refused(&crate::config(kind, dir.path()).read_only());
        assert_eq!(holders.processes[0].pid, child.id(), "{kind}");
        assert!(!holders.reading, "{kind}");
    }
}

#[test]
fn a_removed_lock_file_lets_nobody_in() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let config = crate::config(kind, dir.path());
        let child = hold(kind, dir.path(), "write");
        let lock = dir.path().join("store/lock");
        fs::remove_file(&lock).unwrap();
        let holders = refused(&config);
        assert_eq!(holders.processes[0].pid, child.id(), "{kind}: {holders}");
        fs::write(&lock, "").unwrap();
        refused(&config);
        child.kill();
        assert!(has_it(&crate::open(&config)), "{kind}");
    }
}

#[test]
fn a_child_of_the_holder_does_not_keep_the_lock() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let mut child = hold(kind, dir.path(), "write");
        child.tell("spawn");
        let said = child.wait_for(|line| line.starts_with("spawned")).unwrap();
        let idle = said.split_once(' ').unwrap().1;
        child.kill();
        let opened = Persistent::open(&crate::config(kind, dir.path()));
        let alive = Path::new("/proc").join(idle).exists();
        Command::new("kill").args(["-9", idle]).status().unwrap();
        assert!(
            alive,
            "{kind}: the child of the holder was gone too early to show anything"
        );
        let store = opened.unwrap();
        assert!(store.found().unclean && has_it(&store), "{kind}");
    }
}

#[test]
fn a_network_file_system_is_refused_unless_allowed() {
    let below = tempfile::tempdir().unwrap();
    let Some(mount) = or_skip("network file system", Mount::fuse(below.path())) else {
        return;
    };
    for kind in crate::kinds() {
        let config = Config::new(kind)
            .with_path(mount.path().join(kind.name()))
            .with_min_free(0);
        match Persistent::open(&config) {
            Err(Error::NetworkFs { path, fs }) => {
                assert_eq!((Some(path), fs), (config.path.clone(), "fuse"), "{kind}");
            }
            Err(error) => panic!("{kind}: {}", crate::chain(&error)),
            Ok(_) => panic!("{kind}: a store on FUSE was opened unasked"),
        }
        let store = crate::open(&config.clone().allow_network_fs());
        store.blocks().put(&block()).unwrap();
        assert!(has_it(&store), "{kind}");
        store.close().unwrap();
    }
}

/// Length, mode, time, inode and bytes of each file.
type Tree = BTreeMap<PathBuf, (u64, u32, i64, i64, u64, Vec<u8>)>;

/// Everything that can be seen of a folder.
fn tree(dir: &Path) -> Tree {
    let mut seen = BTreeMap::new();
    let mut left = vec![dir.to_owned()];
    while let Some(path) = left.pop() {
        let meta = fs::symlink_metadata(&path).unwrap();
        let mut bytes = Vec::new();
        if meta.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            bytes = fs::read(&path).unwrap();
        }
        let facts = (
            meta.len(),
            meta.mode(),
            meta.mtime(),
            meta.mtime_nsec(),
            meta.ino(),
            bytes,
        );
        seen.insert(path, facts);
    }
    seen
}

fn same_tree(kind: Kind, dir: &Path, before: &Tree) {
    let after = tree(dir);
    for path in before.keys().chain(after.keys()) {
        assert!(
            before.get(path) == after.get(path),
            "{kind}: reading changed {}",
            path.display()
        );
    }
}

#[test]
fn reading_changes_nothing() {
    for kind in crate::kinds()
        .into_iter()
        .filter(|kind| kind.shares_readers())
    {
        let (dir, config) = closed(kind);
        let store = crate::open(&config);
        store
            .put(&datastore::Key::new("/name").unwrap(), b"value")
            .unwrap();
        store.close().unwrap();
        let before = tree(dir.path());
        let reader = crate::open(&config.clone().read_only());
        assert!(has_it(&reader), "{kind}");
        assert_eq!(crate::history::all(&reader).unwrap().len(), 2, "{kind}");
        assert!(reader.disk_usage().unwrap() > 0, "{kind}");
        reader.sync().unwrap();
        same_tree(kind, dir.path(), &before);
        reader.close().unwrap();
        same_tree(kind, dir.path(), &before);
    }
}

#[test]
fn a_reader_finds_what_a_killed_writer_left() {
    for kind in crate::kinds()
        .into_iter()
        .filter(|kind| kind.shares_readers())
    {
        let dir = tempfile::tempdir().unwrap();
        hold(kind, dir.path(), "write").kill();
        let config = crate::config(kind, dir.path()).read_only();
        let reader = crate::open(&config);
        assert!(has_it(&reader), "{kind}");
        assert!(reader.found().unclean, "{kind}: it says how it was found");
        reader.close().unwrap();
        let before = tree(dir.path());
        assert!(has_it(&crate::open(&config)), "{kind}");
        same_tree(kind, dir.path(), &before);
    }
}
