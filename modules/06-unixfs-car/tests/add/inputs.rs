//! What can be named, and what is refused.

use std::fs;

use crate::{place, sample};

#[test]
fn several_paths_are_added_by_name_and_each_once() {
    let place = sample();
    let out = place
        .run(&[
            "add",
            "-n",
            "-r",
            "./d/sub/../sub/b",
            "d/a",
            "d/a",
            "d/empty/",
        ])
        .good()
        .out;
    let names: Vec<&str> = out
        .lines()
        .map(|line| line.rsplit(' ').next().unwrap())
        .collect();
    assert_eq!(names, ["a", "b", "empty"]);
    // Here is called by its name.
    let here = place.path().join("d");
    let ran = place
        .command(&["add", "-n", "-r", "."])
        .current_dir(here)
        .output()
        .unwrap();
    assert!(testkit::place::ended(ran).good().out.ends_with(" d\n"));
    fs::write(place.path().join("a"), "other").unwrap();
    place
        .run(&["add", "-n", "a", "d/a"])
        .bad(2, &["two of the paths have the name \"a\""]);
}

#[test]
fn a_folder_has_to_be_asked_for() {
    let place = sample();
    place
        .run(&["add", "-n", "d"])
        .bad(2, &["d is a folder; -r adds it"]);
    place
        .run(&["add", "-n", "missing"])
        .bad(1, &["cannot add missing", "No such file"]);
    assert!(!place.path().join("data").exists());
}

#[test]
fn hidden_ignored_and_empty_are_left_out() {
    let place = sample();
    let names = |flags: &[&str]| {
        let out = place
            .run(&[&["add", "-n", "-r"], flags, &["d"]].concat())
            .good()
            .out;
        let names = out
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap().to_owned());
        names.collect::<Vec<String>>()
    };
    let all = names(&[]);
    assert!(!all.contains(&"d/.h".into()) && all.contains(&"d/empty".into()));
    assert!(names(&["-H"]).contains(&"d/.h".into()));
    assert!(!names(&["-E=false"]).contains(&"d/empty".into()));
    assert_eq!(
        names(&["--ignore=sub", "--ignore", "many"]),
        ["d/a", "d/empty", "d"]
    );
    place.file("rules", b"# what is left out\nsub\nmany\nempty\n");
    let rules = "--ignore-rules-path=rules";
    assert_eq!(names(&[rules]), ["d/a", "d"]);
    assert_eq!(names(&[rules, "--ignore=!empty"]), ["d/a", "d/empty", "d"]);
    place
        .run(&["add", "-nr", "--ignore-rules-path=none", "d"])
        .bad(1, &["the rules in none"]);
}

#[test]
fn links_are_added_as_links_unless_they_are_followed() {
    let place = sample();
    let cid = |args: &[&str]| place.run(&[&["add", "-nQr"], args].concat()).good().out;
    let (link, file) = (cid(&["d/sub/l"]), cid(&["d/a"]));
    assert_ne!(link, file);
    for flag in ["--dereference-args", "--dereference-symlinks"] {
        assert_eq!(cid(&[flag, "d/sub/l"]), file);
    }
    assert_eq!(cid(&["--dereference-args", "d/sub"]), cid(&["d/sub"]));
    assert_ne!(cid(&["--dereference-symlinks", "d/sub"]), cid(&["d/sub"]));
}

#[test]
fn flags_that_contradict_each_other_are_wrong_usage() {
    let place = place();
    place.file("f", b"x");
    for (flags, said) in [
        (&["--chunker=size-0"][..], "\"size-0\" is no chunker"),
        (
            &["--cid-version=0", "--hash=sha3-256"],
            "CIDv0 has no place for sha3-256",
        ),
        (&["--cid-version=2"], "2 is not in 0..=1"),
        (&["--hash=md5"], "md5 cannot name a block"),
        (&["--hash=nothing"], "no hash is called"),
        (
            &["--raw-leaves", "--preserve-mode"],
            "no place for permissions",
        ),
        (
            &["--profile=unixfs-v1-2025", "--mtime=5"],
            "no place for permissions",
        ),
        (
            &["--profile=unixfs"],
            "kubo, unixfs-v0-2015, unixfs-v1-2025",
        ),
        (&["--max-file-links=1"], "nodes of 2 links or more"),
        (&["--max-hamt-fanout=12"], "power of two"),
        (
            &["--inline", "--inline-limit=129"],
            "blocks of up to 128 bytes",
        ),
        (&["--mtime-nsecs=5"], "--mtime"),
        (&["--mode=0888"], "0644 is octal"),
        (&["--mode=4294967296"], "more than 32 bits"),
        (&["--to-files=/"], "unexpected argument"),
    ] {
        place
            .run(&[&["add", "-n"], flags, &["f"]].concat())
            .bad(2, &[said]);
    }
}

/// What says nothing to Kubo says nothing here; a rule that cannot be read is told.
#[test]
fn flags_that_say_nothing_are_taken() {
    let place = place();
    fs::create_dir(place.path().join("d")).unwrap();
    place.file("d/a", b"a");
    place.file("d/{a,b}", b"b");
    let add = |flags: &[&str]| {
        place
            .run(&[&["add", "-nrQ"], flags, &["d"]].concat())
            .good()
    };
    let plain = add(&[]);
    for flag in [
        "--inline-limit=129",
        "--inline-limit=-1",
        "--max-file-links=-1",
        "--max-directory-links=-1",
    ] {
        assert_eq!(add(&[flag]).out, plain.out, "{flag}");
    }
    let none = add(&["--inline", "--inline-limit=-1"]);
    assert_eq!(none.out, plain.out);
    let said = add(&["--ignore=[a", "--ignore=b\\"]);
    assert_eq!(said.out, plain.out);
    assert!(
        said.err.contains("the rule \"[a\" cannot be read"),
        "{}",
        said.err
    );
    let without = add(&["--ignore={a,b}"]);
    assert!(without.out != plain.out && without.err.is_empty());
}

#[test]
fn a_name_that_no_folder_can_have_is_wrong_usage() {
    let place = place();
    place
        .feed(b"x", &["add", "-n", "-w", "--stdin-name=a/b"])
        .bad(2, &["a name has no /"]);
}

/// A pipe by itself is read, and one in a folder nobody waits for.
#[test]
fn pipes_are_read_where_they_are_named() {
    let place = place();
    let pipe = place.path().join("folder/pipe");
    fs::create_dir(place.path().join("folder")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    place
        .run(&["add", "-n", "-r", "folder"])
        .bad(1, &["pipe", "--ignore"]);
    let writer = pipe.clone();
    let wrote = std::thread::spawn(move || fs::write(writer, "hi\n"));
    let out = place.run(&["add", "-n", "folder/pipe"]).good().out;
    wrote.join().unwrap().unwrap();
    assert_eq!(
        out,
        "added QmZLRFWaz9Kypt2ACNMDzA5uzACDRiCqwdkNSP1UZsu56D pipe\n"
    );
    for waits in [
        &["add"][..],
        &["add", "folder/pipe"],
        &["add", "-n", "folder/pipe"],
    ] {
        place.interrupted(waits).bad(130, &["stopped by Ctrl-C"]);
    }
}

#[test]
fn a_store_is_not_added_to_itself() {
    let place = place();
    place.file("note", b"hi");
    let add = |args: &[&str]| place.run(&[&["add", "-r"], args].concat());
    let wanted = ["data/pack", "would grow while it is read", "--ignore pack"];
    for path in [".", "data", "data/pack", "data/pack/store.json"] {
        add(&[path]).bad(2, &wanted);
    }
    // Where it is left out, or nothing is stored, it is none of the entries.
    let alone = add(&["-Q", "--ignore", "pack", "data"]).good().out;
    assert_eq!(alone, "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn\n");
    add(&["-n", "data"]).good();
    add(&["--path", "elsewhere", "data"]).good();
    // A name that is like the store's is no store.
    fs::create_dir(place.path().join("data/packed")).unwrap();
    place.file("data/packed/note", b"hi");
    add(&["data/packed"]).good();
}
