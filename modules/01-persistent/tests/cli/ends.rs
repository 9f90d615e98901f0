//! How a run ends early: a reader that goes away, Ctrl-C, kill.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use persistent::Kind;

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
fn ctrl_c_leaves_a_good_store_and_what_was_said_is_kept() {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    // It waits for stdin, which does not end.
    let mut child = piped(place.command(&["-b", "redb", "put", "hello.txt", "-"]));
    let mut said = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut said).unwrap();
    assert_eq!(said, format!("{HELLO}  hello.txt\n"));
    let stdin = child.stdin.take();
    signal(&child, "INT");
    let end = ended(child.wait_with_output().unwrap());
    drop(stdin);
    end.bad(130, &["stopped by Ctrl-C"]);
    let next = place.run(&["-b", "redb", "has", "-q", HELLO]).good();
    assert_eq!(next.err, "", "the store was closed");
}

#[test]
fn a_second_ctrl_c_ends_what_hangs() {
    let place = Place::new();
    place.fill(Kind::Redb, 5000);
    let mut child = piped(place.command(&["-b", "redb", "ls"]));
    // It has begun to write, and nobody reads on: it hangs, in the listing or at its end.
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0]).unwrap();
    signal(&child, "INT");
    let mut tries = 0;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        // Two signals that come at once count for one.
        signal(&child, "INT");
        tries += 1;
        assert!(tries < 10_000, "it does not end");
    };
    assert_eq!(status.code(), Some(130));
    place.run(&["-b", "redb", "verify"]).good();
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
