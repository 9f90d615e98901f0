//! How a run ends early: a reader that goes away, Ctrl-C, SIGTERM, kill.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use persistent::Kind;
use testkit::mount::Mount;
use testkit::or_skip;

use crate::run::{HELLO, Place, ended};

fn piped(mut command: Command) -> Child {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let kill = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(pid)
        .status();
    assert!(kill.unwrap().success());
}

#[test]
fn a_reader_that_goes_away_ends_the_listing_quietly() {
    let place = Place::new();
    // More than a pipe holds, so that the program cannot be done before the reader goes.
    place.fill(Kind::Redb, 5000);
    let mut child = piped(place.command(&["-b", "redb", "ls"]));
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    assert!(first.starts_with("bafkrei"), "{first}");
    drop(out);
    let end = ended(child.wait_with_output().unwrap());
    assert_eq!((end.code, end.err.as_str()), (Some(0), ""));
    let next = place.run(&["-b", "redb", "stat"]).good();
    assert_eq!(next.err, "", "the store was closed");
}

#[test]
fn a_signal_leaves_a_good_store_and_what_was_said_is_kept() {
    for (name, code, said) in [
        ("INT", 130, "stopped by Ctrl-C; the store is closed"),
        ("TERM", 143, "stopped by SIGTERM; the store is closed"),
    ] {
        let place = Place::new();
        place.file("hello.txt", b"Hello IPFS!");
        // It waits for stdin, which does not end.
        let mut child = piped(place.command(&["-b", "redb", "put", "hello.txt", "-"]));
        let mut told = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut told).unwrap();
        assert_eq!(told, format!("{HELLO}  hello.txt\n"));
        let stdin = child.stdin.take();
        signal(&child, name);
        let end = ended(child.wait_with_output().unwrap());
        drop(stdin);
        end.bad(code, &[said]);
        let next = place.run(&["-b", "redb", "has", "-q", HELLO]).good();
        assert_eq!(next.err, "", "the store was closed");
    }
}

#[test]
fn ctrl_c_while_a_store_is_made_or_opened_leaves_it_closed() {
    for kind in ["redb", "fjall"] {
        for made_before in [false, true] {
            for _ in 0..2 {
                let place = Place::new();
                let lock = place.path().join("data").join(kind).join("lock");
                if made_before {
                    place.run(&["-b", kind, "put", "-"]).good();
                }
                let held = || std::fs::read(&lock).is_ok_and(|lock| !lock.is_empty());
                // It waits for stdin, which does not end.
                let mut child = piped(place.command(&["-b", kind, "put", "-"]));
                let stdin = child.stdin.take();
                while !held() {
                    assert_eq!(child.try_wait().unwrap(), None, "{kind}");
                }
                signal(&child, "INT");
                let end = ended(child.wait_with_output().unwrap());
                drop(stdin);
                end.bad(130, &["stopped by Ctrl-C"]);
                let next = place.run(&["-b", kind, "verify"]).good();
                assert_eq!(next.err, "", "{kind}: the store was closed");
            }
        }
    }
}

/// redb holds what it did not sync in memory, and drops it when it meets a full disk.
#[test]
fn what_was_printed_and_is_not_on_disk_is_told() {
    let Some(disk) = or_skip("printed", Mount::tmpfs("size=24m")) else {
        return;
    };
    let place = Place::new();
    place.file("large", &[7; 1 << 20]);
    let store = disk.path().join("store");
    let mut put = place.command(&["-b", "redb", "--min-free", "0", "--durability", "batch"]);
    put.arg("--path").arg(&store);
    put.args(["put", "-Q", "large", "-"]);
    let mut child = piped(put);
    let mut said = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut said).unwrap();
    // Another process eats the disk before the sync.
    let mut other = std::fs::File::create(disk.path().join("other")).unwrap();
    while other.write(&[1; 1 << 12]).is_ok_and(|len| len > 0) {}
    let last = [8; 1 << 20];
    child.stdin.take().unwrap().write_all(&last).unwrap();
    out.read_line(&mut said).unwrap();
    assert_eq!(said.lines().count(), 2, "{said}");
    let end = ended(child.wait_with_output().unwrap());
    let told = "the 2 blocks printed above may not be on disk: put them again";
    end.bad(1, &[told, "no space"]);
}

#[test]
fn a_second_signal_ends_what_hangs() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let place = Place::new();
        place.fill(Kind::Redb, 5000);
        let mut child = piped(place.command(&["-b", "redb", "ls"]));
        // It has begun to write, and nobody reads on: it hangs, in the listing or at its end.
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0]).unwrap();
        signal(&child, name);
        let mut tries = 0;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            // Two signals that come at once count for one.
            signal(&child, name);
            tries += 1;
            assert!(tries < 10_000, "it does not end");
        };
        assert_eq!(status.code(), Some(code));
        place.run(&["-b", "redb", "verify"]).good();
    }
}

/// Whether the process handles SIGINT, by the system's word.
#[cfg(target_os = "linux")]
fn handles_sigint(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.map_or(0, |hex| u64::from_str_radix(hex.trim(), 16).unwrap());
    mask & (1 << (2 - 1)) != 0
}

/// Whether it waits for whoever reads what it writes.
#[cfg(target_os = "linux")]
fn has_output_thread(child: &Child) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    tasks.flatten().any(|task| {
        // A thread may have ended since it was listed.
        let name = std::fs::read_to_string(task.path().join("comm"));
        name.is_ok_and(|name| name == "output\n")
    })
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_the_wait_for_the_reader_of_a_pipe() {
    let place = Place::new();
    place.feed(b"Hello IPFS!", &["put", "-"]).good();
    let made = Command::new("mkfifo")
        .arg(place.path().join("fifo"))
        .status();
    assert!(made.unwrap().success());
    let get = ["-b", "pack", "get", "-o", "fifo", HELLO];
    let mut child = piped(place.command(&get));
    while !has_output_thread(&child) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before");
    }
    signal(&child, "INT");
    let end = ended(child.wait_with_output().unwrap());
    end.bad(130, &["stopped by Ctrl-C; the store is closed"]);
    // A reader gets it all.
    let child = piped(place.command(&get));
    let read = std::fs::read(place.path().join("fifo")).unwrap();
    assert_eq!(read, b"Hello IPFS!");
    ended(child.wait_with_output().unwrap()).good();
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_waits_for_a_compaction_and_closes_the_store() {
    for kind in crate::run::on_disk() {
        let place = Place::new();
        place.fill(kind, 2000);
        // One that ends before the signal comes is made again.
        let compact = || {
            let mut child = piped(place.command(&["-b", kind.name(), "compact"]));
            while child.try_wait().unwrap().is_none() {
                if handles_sigint(&child) {
                    signal(&child, "INT");
                    break;
                }
            }
            ended(child.wait_with_output().unwrap())
        };
        let mut ends = (0..100).map(|_| compact());
        let end = ends.find(|end| end.code != Some(0)).unwrap();
        end.bad(130, &["stopped by Ctrl-C; the store is closed"]);
        let next = place.run(&["-b", kind.name(), "verify"]).good();
        assert_eq!(next.err, "", "{kind}: the store was closed");
    }
}

/// A migration goes on where it was stopped, a backup does not.
#[cfg(target_os = "linux")]
#[test]
fn what_is_stopped_says_what_the_same_command_does() {
    let place = Place::new();
    place.fill(Kind::File, 5000);
    for (args, said) in [
        (
            &["migrate", "file:data/file", "redb:moved"][..],
            "try: the same command, which goes on where this one ended",
        ),
        (
            &["-b", "file", "backup", "b.car"],
            "try: the same command, which begins anew: nothing was replaced",
        ),
    ] {
        let mut child = piped(place.command(args));
        while !handles_sigint(&child) {
            assert!(child.try_wait().unwrap().is_none(), "it ended before");
        }
        signal(&child, "TERM");
        let end = ended(child.wait_with_output().unwrap());
        end.bad(143, &["stopped by SIGTERM", said]);
        assert!(!place.path().join("b.car").exists());
        place.run(args).good();
    }
}

/// A child that tries a store has no lock, and must not write there without its parent.
#[test]
fn a_probe_ends_with_its_parent_and_is_no_damage_meanwhile() {
    let place = Place::new();
    let store = place.fill(Kind::Redb, 10);
    std::fs::write(store.join("lock"), "pid 1\nprogram killed\n").unwrap();
    // The lock of redb, as another child has it.
    let file = std::fs::File::open(store.join("redb/blocks.redb")).unwrap();
    fs2::FileExt::lock_exclusive(&file).unwrap();
    let mut child = piped(place.command(&["probe", "redb", "data/redb/redb"]));
    drop(child.stdin.take());
    let end = ended(child.wait_with_output().unwrap());
    assert_eq!(end.code, None, "killed, and not done: {end:?}");

    let used = place.run(&["-b", "redb", "stat"]);
    let used = used.bad(1, &["blocks.redb is in use: close it in the other program"]);
    assert!(!used.err.contains("backup"), "{used:?}");
    fs2::FileExt::unlock(&file).unwrap();
    let free = place.run(&["-b", "redb", "stat"]).good();
    assert!(free.err.contains("did not close it"), "{free:?}");
}

/// What a killed `put` has printed is there, and the next process says what it found.
#[test]
fn kill_loses_nothing_that_was_said() {
    for kind in crate::run::on_disk().map(|kind| kind.name()) {
        let place = Place::new();
        place.file("hello.txt", b"Hello IPFS!");
        let mut child = piped(place.command(&["-b", kind, "put", "hello.txt", "-"]));
        let mut said = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut said).unwrap();
        child.stdin.as_mut().unwrap().write_all(b"half of").unwrap();
        signal(&child, "KILL");
        assert_eq!(child.wait().unwrap().code(), None);
        assert!(said.starts_with(HELLO), "{kind}: {said}");
        let get = place.run(&["-b", kind, "get", HELLO]).good();
        assert_eq!(get.bytes, b"Hello IPFS!", "{kind}");
        assert!(get.err.contains("did not close it"), "{kind}: {get:?}");
        let put = place
            .run(&["-b", kind, "put", "--json", "hello.txt"])
            .good();
        assert_eq!(put.json()[0]["cid"], HELLO);
        let next = place.run(&["-b", kind, "verify"]).good();
        assert!(!next.err.contains("did not close"), "{kind}: {next:?}");
    }
}
