//! Flags, the environment, and what holds without either.

use persistent::{Config, Kind, Persistent};

use crate::run::{HELLO, Place, on_disk};

#[test]
fn without_a_backend_commands_use_pack_and_say_so() {
    let place = Place::new();
    let put = place.feed(b"Hello IPFS!", &["put", "-"]).good();
    assert!(put.err.contains("using pack in data/pack"), "{put:?}");
    assert!(put.err.contains("made a new pack store"), "{put:?}");
    let quiet = place.run(&["-b", "pack", "has", HELLO]).good();
    assert_eq!(quiet.err, "", "nothing to say when it was named");
}

#[test]
fn each_kind_has_a_folder_of_its_own_by_default() {
    for kind in on_disk().map(|kind| kind.name()) {
        let place = Place::new();
        place.feed(b"Hello IPFS!", &["-b", kind, "put", "-"]).good();
        assert!(
            place
                .path()
                .join("data")
                .join(kind)
                .join("store.json")
                .is_file()
        );
        place
            .run(&["-b", kind, "--path", "else/where", "ls"])
            .bad(1, &["no store in else/where"]);
        let args = ["-b", kind, "--path", "else/where", "put", "-"];
        place.feed(b"other", &args).good();
        assert!(place.path().join("else/where/store.json").is_file());
        let ls = place.run(&["-b", kind, "ls"]).good();
        assert_eq!(
            ls.out,
            format!("{HELLO}\n"),
            "{kind}: a custom path is another store"
        );
    }
}

#[test]
fn a_flag_wins_over_the_environment() {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    let env = [("BACKEND", "redb"), ("DATA_PATH", "env")];
    place.run_with(&env, &["ls"]).bad(1, &["no store in env"]);
    let args = ["--backend", "file", "--path", "flag", "put", "hello.txt"];
    place.run_with(&env, &args).good();
    let manifest = std::fs::read_to_string(place.path().join("flag/store.json")).unwrap();
    assert!(manifest.contains("\"file\""), "{manifest}");
    // After the command they mean the same.
    let args = ["has", HELLO, "--backend", "file", "--path", "flag"];
    place.run_with(&env, &args).good();
    assert!(!place.path().join("env").exists());
    place
        .run_with(
            &[("BACKEND", "file"), ("DATA_PATH", "flag")],
            &["has", HELLO],
        )
        .good();
    let help = place.run(&["--help"]).good().out;
    assert!(help.contains("`log`"), "{help}");
    // In any case, and by the names of their shapes.
    for (name, kind) in [
        ("BTree", "redb"),
        ("FILE", "file"),
        ("lsm", "fjall"),
        ("log", "pack"),
    ] {
        let put = place
            .run_with(&[("BACKEND", name)], &["put", "hello.txt"])
            .good();
        assert!(
            put.err
                .contains(&format!("new {kind} store in data/{kind}")),
            "{put:?}"
        );
    }
}

#[test]
fn an_empty_backend_is_memory_and_memory_forgets() {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    for args in [
        &["put", "hello.txt"][..],
        &["--backend", "memory", "put", "hello.txt"],
    ] {
        let put = place.run_with(&[("BACKEND", "")], args).good();
        assert_eq!(put.out, format!("{HELLO}  hello.txt\n"));
        assert!(put.err.contains("memory forgets"), "{put:?}");
    }
    place
        .run_with(&[("BACKEND", "")], &["has", HELLO])
        .bad(1, &[]);
    assert!(!place.path().join("data").exists(), "nothing on disk");
    // An empty path is as good as none.
    let put = place.run_with(&[("DATA_PATH", "")], &["put", "hello.txt"]);
    assert!(put.good().err.contains("data/pack"));
}

#[test]
fn options_that_an_engine_lacks_are_wrong_usage() {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    for (args, said) in [
        ("-b memory --path x put hello.txt", "memory has no path"),
        ("-b memory --quota 1MB put hello.txt", "memory has no quota"),
        (
            "-b memory --durability each put hello.txt",
            "memory has no durability",
        ),
        (
            "-b redb --compression lz4 put hello.txt",
            "redb has no compression",
        ),
        (
            "-b file --compression lz4 put hello.txt",
            "file has no compression",
        ),
        ("-b fjall --read-only ls", "fjall has no read-only mode"),
        (
            "-b redb --read-only put hello.txt",
            "--read-only forbids it",
        ),
        ("-b redb --read-only rm x", "no CID"),
        ("-b redb --read-only", "--read-only"),
        ("--path x", "--path (DATA_PATH) is for one engine"),
        ("--durability batch", "--durability is for one engine"),
        ("-b redb --cache 12x ls", "a size is"),
        ("-b redb --durability often ls", "each"),
        ("put --json -Q hello.txt", "cannot be used with"),
        ("put --cid-codec nonsense hello.txt", "nonsense"),
        ("put --mhtype md5 hello.txt", "md5"),
        ("put", "<FILE>"),
        ("nonsense", "nonsense"),
    ] {
        // So that what is missing is the feature, not the store.
        if let Some(("-b", kind)) = args.get(..2).zip(args.split(' ').nth(1))
            && kind == "fjall"
        {
            place.run(&["-b", kind, "put", "hello.txt"]).good();
        }
        let args: Vec<&str> = args.split(' ').collect();
        place.run(&args).bad(2, &[said]);
    }
}

#[test]
fn the_quota_and_the_minimum_free_are_kept() {
    let place = Place::new();
    place.file("large", &vec![0; 1 << 20]);
    place
        .run(&["-b", "file", "--quota", "2MB", "put", "large"])
        .good();
    place.file("other", &vec![1; 1 << 20]);
    let args = ["-b", "file", "--quota", "1.5MB", "put", "other"];
    place.run(&args).bad(1, &["no space for", "quota"]);
    let args = ["-b", "file", "--min-free", "1000TB", "put", "other"];
    place.run(&args).bad(1, &["no space for", "available"]);
    place.run(&["-b", "file", "verify"]).good();
}

#[test]
fn readers_share_and_a_second_writer_gets_the_name_of_the_first() {
    for kind in on_disk() {
        let place = Place::new();
        let path = place.fill(kind, 3);
        place.file("mine", b"mine");
        let name = kind.name();
        if kind.shares_readers() {
            let reader = Persistent::open(&Config::new(kind).with_path(&path).read_only());
            let reader = reader.unwrap();
            assert_eq!(place.run(&["-b", name, "ls"]).good().out.lines().count(), 3);
            drop(reader);
        }
        let writer = Persistent::open(&Config::new(kind).with_path(&path)).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let lock = std::fs::metadata(path.join("lock")).unwrap();
            assert_eq!(lock.permissions().mode() & 0o777, 0o600, "{name}");
        }
        let pid = std::process::id().to_string();
        for command in [&["ls"][..], &["verify"], &["put", "mine"]] {
            let args = [&["-b", name], command].concat();
            place.run(&args).bad(1, &["in use", &pid]);
        }
        drop(writer);
        assert_eq!(place.run(&["-b", name, "ls"]).good().out.lines().count(), 3);
    }
}

/// Only `put` makes a store.
#[test]
fn looking_makes_nothing() {
    for kind in on_disk().map(|kind| kind.name()) {
        let place = Place::new();
        for command in ["ls", "stat", "verify"] {
            place
                .run(&["-b", kind, command])
                .bad(1, &["there is no store in data/"]);
        }
        for command in ["get", "has", "rm"] {
            place
                .run(&["-b", kind, command, HELLO])
                .bad(1, &["there is no store in data/"]);
        }
        assert!(!place.path().join("data").exists(), "{kind}");
    }
    assert_eq!(
        Kind::Redb.default_path().unwrap(),
        std::path::Path::new("data/redb")
    );
}

/// Whatever was typed, and whoever repeats it: clap or the program.
#[test]
fn what_was_typed_is_escaped() {
    let place = Place::new();
    place.file("a\u{202e}b\x1b[2J", &vec![0; 3 << 20]);
    for args in [
        &["get", "\u{202e}\x1b[2J"][..],
        &["--walrus\u{202e}\x1b[2J"],
        &["-b", "\u{202e}\x1b[2J", "ls"],
        &["migrate", "\u{202e}\x1b[2J", "redb:x"],
        &["put", "a\u{202e}b\x1b[2J"],
        &["--path", "\u{202e}\x1b[2J", "ls"],
    ] {
        let end = place.run(args);
        assert_ne!(end.code, Some(0));
        assert!(end.err.contains(r"\u{202e}"), "{end:?}");
        for raw in ['\u{202e}', '\x1b'] {
            assert!(!end.err.contains(raw), "{end:?}");
        }
    }
}
