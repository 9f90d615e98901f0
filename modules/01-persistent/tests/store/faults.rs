//! What a crash left lying about, read-only media, and no file handles left: each a typed error,
//! nothing acknowledged lost.

use std::fs;
use std::path::PathBuf;

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use persistent::{Durability, Error, Kind, Persistent};
use testkit::mount::Mount;
use testkit::{Rng, or_skip, report, run, strace};

use crate::history::all;
use crate::restart::{SEED, restart, write_under};
use crate::writer::{self, Said};

fn block(n: u64) -> Block {
    Block::raw(Rng::new(n).bytes(4096))
}

#[test]
fn temporary_files_are_removed_only_under_the_lock() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let config = crate::config(kind, dir.path());
        let store = crate::open(&config);
        store.blocks().put(&block(0)).unwrap();
        let data = dir.path().join("store");
        let left: Vec<PathBuf> = match kind {
            Kind::File => vec![
                data.join("blocks/.temp/temp-4711-0"),
                data.join("blocks/.temp/folder/x"),
            ],
            // Made when the store is made, and renamed.
            Kind::Redb => vec![],
            _ => vec![],
        };
        for path in &left {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "half of a block").unwrap();
        }
        // The manifest's own.
        let manifest = data.join("store.json.new");
        fs::write(&manifest, "{").unwrap();
        assert!(
            matches!(Persistent::open(&config), Err(Error::Locked { .. })),
            "{kind}"
        );
        for path in &left {
            assert!(
                path.exists(),
                "{kind}: {} was taken from its owner",
                path.display()
            );
        }
        store.close().unwrap();
        let store = crate::open(&config);
        for path in &left {
            assert!(!path.exists(), "{kind}: {} is still there", path.display());
        }
        assert_eq!(all(&store).unwrap().len(), 1, "{kind}");
    }
}

// Media and limits.

#[test]
fn read_only_media_are_read_and_refuse_writers_with_a_typed_error() {
    for kind in crate::kinds() {
        let Some(mount) = or_skip("read-only media", Mount::tmpfs("size=300m")) else {
            return;
        };
        let config = crate::config(kind, mount.path());
        let store = crate::open(&config);
        store.blocks().put(&block(0)).unwrap();
        store.close().unwrap();
        drop(store);
        mount.remount("ro").unwrap();
        match Persistent::open(&config) {
            Err(Error::Store(datastore::Error::Io { path, source, .. })) => {
                assert!(path.starts_with(mount.path()), "{kind}: {}", path.display());
                assert_eq!(
                    source.kind(),
                    std::io::ErrorKind::ReadOnlyFilesystem,
                    "{kind}"
                );
            }
            Err(error) => panic!("{kind}: {}", crate::chain(&error)),
            Ok(_) => panic!("{kind}: read-only media were opened for writing"),
        }
        let new = crate::config(kind, &mount.path().join("new"));
        assert!(
            matches!(Persistent::open(&new), Err(Error::Store(_))),
            "{kind}: a new store"
        );
        if kind.shares_readers() {
            let reader = crate::open(&config.clone().read_only());
            assert_eq!(
                reader.blocks().get(block(0).cid()).unwrap(),
                Some(block(0)),
                "{kind}"
            );
            reader.close().unwrap();
        }
        mount.remount("rw").unwrap();
        let store = crate::open(&config);
        assert_eq!(all(&store).unwrap().len(), 1, "{kind}");
    }
}

#[test]
fn without_file_handles_there_are_typed_errors_and_no_loss() {
    const STEPS: u64 = 12;
    for kind in crate::kinds() {
        let (mut refused, mut failed, mut fine) = (0, 0, 0);
        // The pipes take three of them.
        for handles in (5..=16).chain([18, 20, 24, 32, 64]) {
            let place = format!("{kind}, {handles} file handles");
            let dir = tempfile::tempdir().unwrap();
            let wrapper = ["prlimit".to_owned(), format!("--nofile={handles}")];
            let (said, noise) = write_under(kind, dir.path(), &wrapper, STEPS);
            match (&said.refused, &said.errors[..]) {
                (Some(why), _) => {
                    assert!(why.contains("Too many open files"), "{place}: {why}");
                    refused += 1;
                }
                (None, []) => {
                    assert!(said.done, "{place}: {said:?}\n{noise}");
                    fine += 1;
                }
                (None, errors) => {
                    assert!(
                        errors.iter().all(|e| without_handles(e)),
                        "{place}: {errors:?}"
                    );
                    failed += 1;
                }
            }
            restart(kind, dir.path(), &said, STEPS).unwrap_or_else(|why| panic!("{place}: {why}"));
        }
        report(&format!(
            "handles {kind}: {refused} limits refused at opening, {failed} at writing, {fine} were \
             enough"
        ));
        assert!(
            refused + failed > 0 && fine > 0,
            "{kind}: the limits show nothing"
        );
    }
}

fn without_handles(error: &str) -> bool {
    error.contains("Too many open files")
}

/// The handles run out while the store is in use, as they do in a program that has a leak.
#[test]
fn handles_that_run_out_later_lose_nothing() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let steps = 400;
        let child = writer::plan(kind, dir.path(), "each", SEED, &[0], steps).start();
        child.wait_for(|line| line.starts_with("a 0")).unwrap();
        let id = child.id().to_string();
        testkit::mount::run("prlimit", &["--pid", &id, "--nofile=4:"]).unwrap();
        child.wait_for(|line| line.starts_with("e ") || line == "done");
        testkit::mount::run("prlimit", &["--pid", &id, "--nofile=1024:"]).unwrap();
        let (_, lines, noise) = child.end();
        let said = Said::new(&lines, &[0]);
        let place = format!("{kind}, no more file handles");
        assert!(
            said.errors.iter().all(|e| without_handles(e)),
            "{place}: {:?}",
            said.errors
        );
        if kind == Kind::File {
            assert!(
                !said.errors.is_empty(),
                "{place}: a file was made without a handle"
            );
            assert!(
                said.acks_after_error > 0 && said.done,
                "{place}: writing does not go on"
            );
        }
        if said.errors.iter().any(|error| error.starts_with("e ")) {
            let read = said
                .reading
                .as_deref()
                .unwrap_or("it did not come to reading");
            assert!(
                read.ends_with("values are read"),
                "{place}: {read}\n{noise}"
            );
        }
        restart(kind, dir.path(), &said, steps).unwrap_or_else(|why| panic!("{place}: {why}"));
    }
}

/// Every durability on a store that was made under another: the promise is of the opening.
#[test]
fn a_store_is_opened_under_any_promise() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        for (n, durability) in (0..).zip([Durability::None, Durability::Each, Durability::Batch]) {
            let store = crate::open(&crate::config(kind, dir.path()).with_durability(durability));
            assert_eq!(store.durability(), durability);
            store.blocks().put(&block(n)).unwrap();
            assert_eq!(all(&store).unwrap().len(), n as usize + 1, "{kind}");
            store.close().unwrap();
        }
    }
}

/// What another process is about to name is not taken from it, and goes with its lock.
#[test]
fn the_temps_of_another_process_stay_until_it_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let holder = crate::locking::hold(Kind::File, dir.path(), "write");
    let temp = dir.path().join("store/blocks/.temp/temp-4711-0");
    fs::write(&temp, "half of a block").unwrap();
    let config = crate::config(Kind::File, dir.path());
    let refused = Persistent::open(&config);
    assert!(matches!(refused, Err(Error::Locked { .. })), "{refused:?}");
    assert!(temp.exists(), "it was taken from its owner");
    holder.kill();
    let store = crate::open(&config);
    assert!(!temp.exists(), "it is still there");
    assert_eq!(all(&store).unwrap().len(), 1);
}

/// A call that a signal interrupts is made again, or is a typed error; nothing is lost and nothing
/// waits for ever.
#[test]
fn an_interrupted_call_loses_nothing() {
    const STEPS: u64 = 12;
    if or_skip("interrupted calls", strace::works()).is_none() {
        return;
    }
    let whens = run::count("CAIRN_EINTR", 2, 40) as u64;
    for kind in crate::kinds() {
        let (mut fine, mut failed) = (0, 0);
        for (call, when) in ["pwrite64", "fsync", "fdatasync", "syncfs", "openat"]
            .into_iter()
            .flat_map(|call| (0..whens).map(move |n| (call, 1 + n * 7)))
        {
            let place = format!("{kind}, {call} {when} is interrupted");
            let dir = tempfile::tempdir().unwrap();
            let wrapper = strace::inject(call, "error=EINTR", &when.to_string());
            let (said, noise) = write_under(kind, dir.path(), &wrapper, STEPS);
            let ended = said.done || said.refused.is_some() || !said.errors.is_empty();
            assert!(ended, "{place}: {said:?}\n{noise}");
            match said.done && said.errors.is_empty() {
                true => fine += 1,
                false => failed += 1,
            }
            restart(kind, dir.path(), &said, STEPS).unwrap_or_else(|why| panic!("{place}: {why}"));
        }
        report(&format!(
            "interrupted {kind}: {fine} runs went on, {failed} ended in an error, 0 lost"
        ));
    }
}
