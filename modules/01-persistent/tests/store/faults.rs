//! Failing system calls, damaged files, what a crash left lying about, read-only media, and no
//! file handles left: each a typed error, nothing acknowledged lost, never wrong bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use persistent::{Durability, Error, Kind, Persistent};
use testkit::child::{arg, orders, say};
use testkit::mount::Mount;
use testkit::strace::{self, FLUSHES};
use testkit::{Child, Rng, or_skip, report, run};

use crate::history::{History, Rule, all};
use crate::writer::{self, Said};

const SEED: u64 = 77;

fn rule(kind: Kind) -> Rule {
    if kind.atomic_batches() {
        Rule::Atomic
    } else {
        Rule::EachKey
    }
}

/// Runs a writer of one thread under this wrapper to its end, whatever that is.
fn write_under(kind: Kind, dir: &Path, wrapper: &[String], from: u64, upto: u64) -> (Said, String) {
    let wrapper: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    let child = writer::plan(kind, dir, "each", SEED, &[from], upto)
        .under(&wrapper)
        .start();
    let (status, lines, noise) = child.end();
    (Said::new(&lines, &[from]), format!("{status}\n{noise}"))
}

/// Opens the store and compares it with what was said.
fn restart(kind: Kind, dir: &Path, said: &Said, upto: u64, place: &str) {
    let store = crate::open(&crate::config(kind, dir));
    let found = all(&store).unwrap_or_else(|why| panic!("{place}: {why}"));
    // After an error the child goes on to the next step: any of those may have been done.
    let reached = if said.errors.is_empty() {
        said.reached(upto)
    } else {
        vec![upto]
    };
    let rule = if said.errors.is_empty() {
        rule(kind)
    } else {
        Rule::AnyOrder
    };
    History::new(SEED, 1)
        .check(&found, &said.acked, &reached, rule)
        .unwrap_or_else(|why| panic!("{place}: {why}"));
}

#[test]
fn after_a_failed_flush_nothing_is_acknowledged_and_nothing_is_lost() {
    const STEPS: u64 = 30;
    if or_skip("failing flushes", strace::works()).is_none() {
        return;
    }
    let tries = run::count("CAIRN_FLUSHES", 12, 200);
    for kind in crate::kinds() {
        let (mut hits, mut acks, mut refused) = (0, 0, 0);
        let made = calls_made(kind, STEPS);
        let flushes: Vec<(&str, u64)> = made
            .iter()
            .filter(|(name, _)| FLUSHES.split(',').any(|flush| flush == name))
            .flat_map(|(name, times)| (1..=*times).map(move |when| (&name[..], when)))
            .collect();
        for n in 0..tries {
            // Once only: a flush that is tried again would succeed, and prove nothing.
            let (call, when) = flushes[n * flushes.len() / tries];
            let place = format!("{kind}, {call} {when} fails");
            let dir = tempfile::tempdir().unwrap();
            let wrapper = strace::inject(call, "error=EIO", &when.to_string());
            let (said, noise) = write_under(kind, dir.path(), &wrapper, 0, STEPS);
            if let Some(why) = &said.refused {
                assert!(is_eio(why), "{place}: {why}");
                refused += 1;
            } else if said.errors.is_empty() {
                assert!(said.done, "{place}: {said:?} {noise}");
            } else {
                hits += 1;
                assert!(is_eio(&said.errors[0]), "{place}: {:?}", said.errors);
                assert_eq!(said.acks_after_error, 0, "{place}: {said:?}");
                if !said.errors[0].starts_with("c ") {
                    let read = said
                        .reading
                        .as_deref()
                        .unwrap_or("it did not come to reading");
                    assert!(
                        read.ends_with("values are read"),
                        "{place}: {read}\n{noise}"
                    );
                }
                for later in said.errors.iter().skip(1).filter(|e| e.starts_with("e ")) {
                    assert!(
                        later.contains("is read-only: an earlier write failed"),
                        "{place}: {later}"
                    );
                }
            }
            acks += said.acks;
            restart(kind, dir.path(), &said, STEPS, &place);
        }
        report(&format!(
            "flush {kind}: {tries} runs with one failing flush; it hit {hits} writes and {refused} \
             openings; {acks} steps acknowledged, none after it, 0 lost"
        ));
        assert!(hits > 0, "{kind}: no write met a failing flush");
    }
}

/// As Rust has it, and as C++ has it.
fn is_eio(error: &str) -> bool {
    error.contains("error 5") || error.contains("Input/output error")
}

#[test]
fn a_writer_killed_at_any_system_call_loses_nothing() {
    const STEPS: u64 = 25;
    if or_skip("kills by system call", strace::works()).is_none() {
        return;
    }
    let tries = run::count("CAIRN_CALLS", 24, 400);
    let seed = run::seed("kill by system call");
    for kind in crate::kinds() {
        let mut rng = Rng::of(seed, &[kind as u64]);
        let (mut kills, mut acks) = (0, 0);
        let made = calls_made(kind, STEPS);
        for _ in 0..tries {
            // Each call alike, however often it is made: a rename is one in twenty writes.
            let (call, times) = &made[rng.below(made.len() as u64) as usize];
            let when = 1 + rng.below(*times);
            let place = format!("{kind}, seed {seed}, killed at {call} {when}");
            let dir = tempfile::tempdir().unwrap();
            let wrapper = strace::inject(call, "signal=KILL", &when.to_string());
            let (said, noise) = write_under(kind, dir.path(), &wrapper, 0, STEPS);
            assert!(
                said.refused.is_none() && said.errors.is_empty(),
                "{place}: {said:?} {noise}"
            );
            kills += usize::from(!said.done);
            acks += said.acks;
            restart(kind, dir.path(), &said, STEPS, &place);
        }
        report(&format!(
            "kill {kind} by system call: {kills} kills in {tries} runs, {acks} steps acknowledged, 0 lost"
        ));
        assert!(kills * 2 > tries, "{kind}: too few runs met their call");
    }
}

/// The calls that change or flush something in a run that nothing disturbs, and how often the
/// thread that makes each most makes it.
fn calls_made(kind: Kind, steps: u64) -> Vec<(String, u64)> {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("strace.log");
    let wrapper = strace::record(strace::CHANGES, &log);
    let (said, noise) = write_under(kind, dir.path(), &wrapper, 0, steps);
    assert!(said.done, "{kind}: {said:?} {noise}");
    let mut times: BTreeMap<(u32, String), u64> = BTreeMap::new();
    for call in strace::parse(&fs::read_to_string(&log).unwrap()) {
        *times.entry((call.thread, call.name)).or_default() += 1;
    }
    let mut most: BTreeMap<String, u64> = BTreeMap::new();
    for ((_, name), times) in times {
        let most = most.entry(name).or_default();
        *most = times.max(*most);
    }
    most.into_iter().collect()
}

/// A store that was not closed is known for one, wherever the next opening was killed.
#[test]
fn the_sign_of_an_unclean_end_outlives_a_killed_opening() {
    if or_skip("kills by system call", strace::works()).is_none() {
        return;
    }
    for kind in crate::kinds() {
        // The first writes are those of the test harness, so the one to the lock file is met by
        // the call before it.
        let calls = ["lseek", "write", "ftruncate", "fdatasync"];
        for (call, when) in calls
            .iter()
            .flat_map(|call| (1..=4).map(move |when| (call, when)))
        {
            let dir = tempfile::tempdir().unwrap();
            let config = crate::config(kind, dir.path());
            crate::open(&config).close().unwrap();
            let old = "pid 4711\nprogram with-quite-a-long-name-indeed\nsince then\n";
            fs::write(dir.path().join("store/lock"), old).unwrap();
            let wrapper = strace::inject(call, "signal=KILL", &when.to_string());
            // More steps than calls, so that none of those is made after the close.
            let (said, _) = write_under(kind, dir.path(), &wrapper, 0, 12);
            if said.done {
                // The call was never made.
                continue;
            }
            let store = crate::open(&config);
            assert!(
                store.found().unclean,
                "{kind}, killed at {call} {when}, is taken for a store that was closed"
            );
        }
    }
}

// Damage.

const BLOCKS: u64 = 60;

fn block(n: u64) -> Block {
    Block::raw(Rng::new(n).bytes(4096))
}

/// The child: flips bits in copies of a store, one at a time, and reads every block. One line for
/// each: `f FILE OFFSET BIT GOOD ABSENT REFUSED` with numbers of blocks, or `o …` if the store
/// was not opened.
pub fn flipper() {
    let _parent = orders();
    let kind: Kind = arg("kind").parse().unwrap();
    let dir = PathBuf::from(arg("dir"));
    let mut rng = Rng::new(arg("seed").parse().unwrap());
    let spots = spots(&dir.join("store"));
    say(&format!("ready {}", spots.len()));
    for _ in 0..arg("flips").parse::<u64>().unwrap() {
        let (file, offset) = &spots[rng.below(spots.len() as u64) as usize];
        let bit = rng.below(8);
        let copy = tempfile::tempdir_in(&dir).unwrap();
        testkit::mount::run(
            "cp",
            &[
                "-r".as_ref(),
                "--sparse=always".as_ref(),
                dir.join("store").as_os_str(),
                copy.path().as_os_str(),
            ],
        )
        .unwrap();
        let path = copy.path().join("store").join(file);
        flip(&path, *offset, bit);
        let spot = format!("{} {offset} {bit}", file.display());
        say(&format!("at {spot}"));
        match Persistent::open(&crate::config(kind, copy.path())) {
            Err(error) => say(&format!("o {spot} {}", crate::chain(&error))),
            Ok(store) => {
                let (mut good, mut absent, mut refused) = (0, 0, 0);
                for n in 0..BLOCKS {
                    match store.blocks().get(block(n).cid()) {
                        Ok(Some(found)) if found == block(n) => good += 1,
                        Ok(Some(_)) => return say(&format!("WRONG BYTES of block {n}: {spot}")),
                        Ok(None) => absent += 1,
                        Err(_) => refused += 1,
                    }
                }
                // That walking over the damage ends, with or without an error, is enough.
                let walked = store.blocks().cids().map(Iterator::count);
                say(&format!(
                    "f {spot} {good} {absent} {refused} {}",
                    walked.is_ok()
                ));
                let _ = store.close();
            }
        }
    }
    say("done");
}

/// Every place of the store's data that is not within a page of zeros, which is what was only
/// reserved.
fn spots(store: &Path) -> Vec<(PathBuf, u64)> {
    let mut spots = Vec::new();
    let mut left = vec![store.to_owned()];
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
                continue;
            }
            let name = path.strip_prefix(store).unwrap().to_owned();
            for (page, bytes) in fs::read(&path).unwrap().chunks(512).enumerate() {
                if bytes.iter().any(|byte| *byte != 0) {
                    let from = page as u64 * 512;
                    spots.extend((from..from + bytes.len() as u64).map(|at| (name.clone(), at)));
                }
            }
        }
    }
    spots.sort();
    spots
}

fn flip(path: &Path, offset: u64, bit: u64) {
    use std::os::unix::fs::FileExt;
    let file = fs::File::options()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    byte[0] ^= 1 << bit;
    file.write_all_at(&byte, offset).unwrap();
}

#[test]
fn a_flipped_bit_never_gives_wrong_bytes_and_never_ends_the_process() {
    let flips = run::count("CAIRN_FLIPS", 200, 10_000);
    let seed = run::seed("flips");
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::open(&crate::config(kind, dir.path()));
        let blocks: Vec<Block> = (0..BLOCKS).map(block).collect();
        blocks
            .chunks(7)
            .for_each(|some| store.blocks().put_many(some).unwrap());
        store.close().unwrap();
        drop(store);
        let child = Child::of("child", "flipper")
            .with("kind", kind)
            .with("dir", dir.path().display())
            .with("seed", seed)
            .with("flips", flips)
            .start();
        let ended = child.wait_for(|line| line == "done" || line.starts_with("WRONG"));
        let (lines, noise) = (child.heard(), child.noise());
        assert_eq!(
            ended.as_deref(),
            Some("done"),
            "{kind}, seed {seed}: the process ended at {:?}\n{noise}",
            lines.last()
        );
        let (mut whole, mut unopened, mut absent, mut refused) = (0, 0, 0, 0);
        for line in &lines {
            let words: Vec<&str> = line.split(' ').collect();
            match words[0] {
                "f" => {
                    let number = |n: usize| words[n].parse::<u64>().unwrap();
                    whole += u64::from(number(4) == BLOCKS);
                    absent += number(5);
                    refused += number(6);
                }
                "o" => unopened += 1,
                _ => {}
            }
        }
        let panics = noise.matches("panicked at").count();
        report(&format!(
            "flips {kind}: {flips} bits; {whole} without effect on any block, {unopened} stores \
             refused to open; of the blocks of the others {refused} gave an error, {absent} were \
             silently absent, 0 gave wrong bytes; {panics} panics caught"
        ));
        assert!(
            whole < flips as u64,
            "{kind}: no flip hit anything, so nothing was shown"
        );
    }
}

// What a crash left.

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
            let (said, noise) = write_under(kind, dir.path(), &wrapper, 0, STEPS);
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
            restart(kind, dir.path(), &said, STEPS, &place);
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
        assert_eq!(said.acks_after_error, 0, "{place}");
        if kind == Kind::File {
            assert!(
                !said.errors.is_empty(),
                "{place}: a file was made without a handle"
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
        restart(kind, dir.path(), &said, steps, &place);
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
