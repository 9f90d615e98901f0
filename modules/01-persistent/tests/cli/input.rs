//! What users and disks get wrong: a typed error, the right exit code, and nothing changed.

use std::fs;

use crate::run::{HELLO, Place, on_disk};

#[test]
fn an_unknown_backend_is_refused_with_the_names_there_are() {
    let place = Place::new();
    place
        .run_with(&[("BACKEND", "walrus")], &[])
        .bad(2, &["walrus", "valid are memory, file, fjall"]);
    place
        .run(&["-b", "badger", "ls"])
        .bad(2, &["its counterpart here is fjall"]);
    place
        .run(&["-b", "pebble", "ls"])
        .bad(2, &["its counterpart here is rocksdb"]);
    place
        .run(&["-b", "leveldb", "ls"])
        .bad(2, &["its counterpart here is file"]);
}

#[cfg(not(feature = "rocksdb"))]
#[test]
fn rocksdb_in_a_build_without_it_says_what_to_run() {
    let place = Place::new();
    for args in [&[][..], &["ls"], &["put", "x"]] {
        place.run_with(&[("BACKEND", "rocksdb")], args).bad(
            2,
            &[
                "apt install libclang-dev",
                "cargo run --features rocksdb --bin 01-persistent",
            ],
        );
    }
    assert!(!place.path().join("data").exists());
}

#[test]
fn a_cid_is_refused_by_what_is_wrong_with_it() {
    let place = Place::new();
    let zero = HELLO.replacen('2', "0", 1);
    let at = format!("character {} is '0'", zero.find('0').unwrap() + 1);
    let short = &HELLO[..HELLO.len() - 8];
    for command in ["get", "has", "rm"] {
        place.run(&[command, &zero]).bad(2, &[&at, "base32"]);
        place.run(&[command, short]).bad(2, &[short, "is no CID"]);
        place
            .run(&[command, "QmaozNR7DZHQK1Zc"])
            .bad(2, &["a CIDv0 has 46 characters, and this one has 16"]);
        place.run(&[command, ""]).bad(2, &["it is empty"]);
        place
            .run(&[command, "?"])
            .bad(2, &["which stands for no base"]);
    }
    assert!(!place.path().join("data").exists());
}

#[test]
fn a_path_that_is_a_file_is_refused() {
    let place = Place::new();
    place.file("file", b"mine");
    for kind in on_disk().map(|kind| kind.name()) {
        for path in ["file", "file/below"] {
            let args = ["-b", kind, "--path", path, "put", "file"];
            place.run(&args).bad(1, &[path, "is not a folder"]);
            place
                .run(&["-b", kind, "--path", path])
                .bad(1, &["is not a folder"]);
        }
    }
    assert_eq!(fs::read(place.path().join("file")).unwrap(), b"mine");
}

#[test]
fn a_folder_of_other_things_is_refused_and_left_alone() {
    let place = Place::new();
    fs::create_dir(place.path().join("photos")).unwrap();
    place.file("photos/cat.jpg", b"meow");
    let before = place.tree("photos");
    for kind in on_disk().map(|kind| kind.name()) {
        for command in [&["put", "photos/cat.jpg"][..], &["ls"], &[]] {
            let args = [&["-b", kind, "--path", "photos"], command].concat();
            place
                .run(&args)
                .bad(1, &["photos holds files but no store", "cat.jpg"]);
        }
    }
    assert_eq!(before, place.tree("photos"));
}

/// What `store.json` says decides, and a store that cannot be opened is left as it is.
#[test]
fn a_manifest_that_does_not_fit_changes_nothing() {
    for kind in on_disk().map(|kind| kind.name()) {
        let place = Place::new();
        place.feed(b"Hello IPFS!", &["-b", kind, "put", "-"]).good();
        let manifest = place.path().join("data").join(kind).join("store.json");
        let good = fs::read(&manifest).unwrap();
        let other = if kind == "redb" { "file" } else { "redb" };
        for (text, said) in [
            (
                &b"\xff\0garbage"[..],
                &["store.json is damaged", "restore"][..],
            ),
            (b"", &["store.json is damaged", "restore"]),
            (
                br#"{"cairn":"store","version":7,"kind":"new"}"#,
                &["format version 7", "knows up to 2", "migrate"],
            ),
            (
                format!(r#"{{"cairn":"store","version":1,"kind":"{other}","ready":true}}"#)
                    .as_bytes(),
                &[
                    &format!("is a {other} store, not a {kind} one"),
                    &format!("open it as {other}"),
                ],
            ),
        ] {
            fs::write(&manifest, text).unwrap();
            let before = place.tree("data");
            for command in [&["put", "-"][..], &["ls"], &["rm", HELLO], &["verify"], &[]] {
                let args = [&["-b", kind], command].concat();
                place.run(&args).bad(1, said);
            }
            assert_eq!(before, place.tree("data"), "{kind}: {said:?}");
        }
        fs::write(&manifest, good).unwrap();
        assert_eq!(
            place.run(&["-b", kind, "get", HELLO]).good().bytes,
            b"Hello IPFS!"
        );
    }
}

/// The engine's own files, overwritten by something else: an error, and never a panic message.
#[test]
fn a_ruined_engine_is_an_error_that_says_what_to_do() {
    for kind in on_disk()
        .map(|kind| kind.name())
        .filter(|kind| *kind != "file")
    {
        let place = Place::new();
        let block = demo::Data::new(1).block(0, 1 << 20);
        place.feed(&block, &["-b", kind, "put", "-"]).good();
        let data = if kind == "pack" { "blocks" } else { kind };
        for (path, (bytes, _)) in place.tree(&format!("data/{kind}/{data}")) {
            if path.is_file() {
                fs::write(path, vec![0x5a; bytes.len()]).unwrap();
            }
        }
        place.run(&["-b", kind, "ls"]).bad(1, &["error:"]);
        place.run(&["-b", kind, "put", "-"]).bad(1, &["error:"]);
        // Not closed either: then a child has to try first, and what it says is told.
        place.file(format!("data/{kind}/lock"), b"pid 1\n");
        let said = [
            "was not closed",
            "in a child process failed",
            "`salvage DEST`",
            "backup",
        ];
        // A reader of pack needs no repair, and so no child.
        let writes: &[&str] = match kind {
            "pack" => &["--quarantine"],
            _ => &[],
        };
        place
            .run(&[&["-b", kind, "verify"], writes].concat())
            .bad(1, &said);
    }
}

#[cfg(unix)]
#[test]
fn permission_denied_says_what_to_check() {
    use crate::run::ended;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    let place = Place::new();
    let mode = |name: &str, mode| {
        let path = place.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::create_dir(place.path().join("closed")).unwrap();
    mode("closed", 0o555);
    mode("", 0o755);
    // Nobody's bits bind root, so root runs it as somebody else, from where anybody may.
    let root = fs::write(place.path().join("closed/try"), b"").is_ok();
    let args = ["-b", "redb", "--path", "closed/store", "put", "-"];
    let mut command = place.command(&args);
    if root {
        let program = place.path().join("program");
        fs::copy(env!("CARGO_BIN_EXE_01-persistent"), &program).unwrap();
        let flags = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];
        let mut other = Command::new("setpriv");
        other
            .args(flags)
            .arg(program)
            .args(args)
            .current_dir(place.path());
        if Command::new("setpriv")
            .args(flags)
            .arg("true")
            .status()
            .is_err()
        {
            let why = "root is bound by no permissions, and setpriv is not installed";
            testkit::skip("permission_denied_says_what_to_check", why);
            return;
        }
        command = other;
    }
    ended(command.output().unwrap()).bad(
        1,
        &[
            "cannot make the folder closed/store",
            "ermission denied",
            "mkdir -p closed/store",
            "chmod u+rwx closed/store",
        ],
    );
    mode("closed", 0o755);
}

/// A place where nobody can write, root neither.
#[cfg(target_os = "linux")]
#[test]
fn a_place_that_takes_no_files_is_an_error_by_name() {
    let place = Place::new();
    for kind in on_disk().map(|kind| kind.name()) {
        let args = ["-b", kind, "--path", "/proc/store", "put", "-"];
        place
            .run(&args)
            .bad(1, &["cannot make the folder /proc/store"]);
    }
}

/// What is read needs no writing; fjall says what to do instead.
#[cfg(target_os = "linux")]
#[test]
fn a_store_on_media_that_cannot_be_written_is_read_there_or_copied_first() {
    let Some(disk) = testkit::or_skip("read-only media", testkit::mount::Mount::tmpfs("size=200m"))
    else {
        return;
    };
    let place = Place::new();
    for kind in on_disk() {
        let (name, path) = (kind.name(), disk.path().join(kind.name()));
        let path = path.to_str().unwrap();
        disk.remount("rw").unwrap();
        let put = ["-b", name, "--path", path, "--min-free", "0", "put", "-"];
        place.feed(b"Hello IPFS!", &put).good();
        disk.remount("ro").unwrap();
        let ls = place.run(&["-b", name, "--path", path, "ls"]);
        if kind.shares_readers() {
            assert_eq!(ls.good().out, format!("{HELLO}\n"));
        } else {
            ls.bad(1, &[path, "copy the store to a file system that can"]);
        }
        let put = place.run(&put);
        put.bad(1, &[path, "the file system cannot be written"]);
    }
}
