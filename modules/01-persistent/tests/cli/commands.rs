//! What each command does.

use std::fs;

use crate::run::{HELLO, Place, files_with, on_disk};

const ABSENT: &str = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

/// Puts "Hello IPFS!" into the store of `kind`, by a process of its own.
fn put_hello(place: &Place, kind: &str) {
    place.file("hello.txt", b"Hello IPFS!");
    let put = place.run(&["-b", kind, "put", "hello.txt"]).good();
    assert_eq!(put.out, format!("{HELLO}  hello.txt\n"), "{kind}");
}

#[test]
fn what_one_process_puts_another_finds() {
    for kind in on_disk().map(|kind| kind.name()) {
        let place = Place::new();
        put_hello(&place, kind);
        let run = |args: &[&str]| place.run(&[&["-b", kind], args].concat());
        let get = run(&["get", HELLO]).good();
        assert_eq!(get.bytes, b"Hello IPFS!", "{kind}");
        assert_eq!(run(&["ls"]).good().out, format!("{HELLO}\n"), "{kind}");
        assert_eq!(run(&["ls", "-l"]).good().out, format!("{HELLO}  11\n"));
        let has = run(&["has", HELLO]).good();
        assert_eq!(has.out, format!("{HELLO}  yes\n"));
        let stat = run(&["stat", "--json"]).good().json().remove(0);
        assert_eq!(stat["kind"], kind);
        assert_eq!(stat["path"], format!("data/{kind}"));
        assert_eq!((&stat["blocks"], &stat["bytes"]), (&1.into(), &11.into()));
        assert!(stat["disk"].as_u64().unwrap() > 0, "{stat}");
        assert_eq!(run(&["verify"]).good().out, "1 block, 11 B: all good\n");
        let rm = run(&["rm", HELLO]).good();
        assert_eq!(rm.out, format!("removed {HELLO}\n"));
        run(&["rm", HELLO]).bad(1, &["is not there"]);
        run(&["rm", "--force", HELLO]).good();
        let has = run(&["has", HELLO]).bad(1, &[]);
        assert_eq!(has.out, format!("{HELLO}  no\n"));
        run(&["get", HELLO]).bad(1, &[HELLO, "is not there"]);
    }
}

/// The first is what `ipfs block put` says of "hello world"; with another codec only the second
/// byte of the CID differs; the digest of the last is that of the `b3sum` program.
#[test]
fn cids_are_those_of_kubo() {
    let place = Place::new();
    place.file("hello", b"hello world");
    for (flags, cid) in [
        (
            &[][..],
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        ),
        (
            &["--cid-codec", "dag-pb"],
            "bafybeifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        ),
        (
            &["--mhtype", "blake3"],
            "bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq",
        ),
    ] {
        let put = place.run(&[&["put", "-Q", "hello"], flags].concat()).good();
        assert_eq!(put.out, format!("{cid}\n"), "{flags:?}");
        assert_eq!(place.run(&["get", cid]).good().bytes, b"hello world");
    }
    // One block under all its names: the digest of sha2-256 once, that of blake3 once.
    assert_eq!(place.run(&["ls"]).good().out.lines().count(), 2);
    let v0 = "QmaozNR7DZHQK1ZcU9p7QdrshMvXqWK6gpu5rmrkPdT3L4";
    let get = place.run(&["get", v0]).good();
    assert_eq!(get.bytes, b"hello world", "the same block by its CIDv0");
}

#[test]
fn stdin_is_a_dash_and_scripts_get_json() {
    let place = Place::new();
    let put = place.feed(b"Hello IPFS!", &["put", "-"]).good();
    assert_eq!(put.out, format!("{HELLO}  -\n"));
    let put = place.feed(b"Hello IPFS!", &["put", "--json", "-"]).good();
    assert_eq!(
        put.json(),
        [serde_json::json!({"cid": HELLO, "name": "-", "size": 11, "existed": true})]
    );
    let has = place.run(&["has", "--json", HELLO, ABSENT]).bad(1, &[]);
    assert_eq!(
        has.json(),
        [
            serde_json::json!({"cid": HELLO, "has": true}),
            serde_json::json!({"cid": ABSENT, "has": false})
        ]
    );
    let ls = place.run(&["ls", "--json"]).good();
    assert_eq!(ls.json(), [serde_json::json!({"cid": HELLO, "size": 11})]);
    let verify = place.run(&["verify", "--json"]).good();
    assert_eq!(
        verify.json(),
        [serde_json::json!({
            "blocks": 1, "bytes": 11, "others": 0, "damaged": 0, "missing": 0, "perhaps": 0,
            "fetched": 0, "forgotten": 0, "accepted": null, "unrecorded": 0, "store": [], "good": true
        })]
    );
    let rm = place.run(&["rm", "--json", HELLO]).good();
    assert_eq!(
        rm.json(),
        [serde_json::json!({"cid": HELLO, "removed": true})]
    );
}

#[test]
fn a_block_that_is_there_is_not_written_again() {
    let place = Place::new();
    put_hello(&place, "file");
    let before = place.tree("data/file/blocks");
    put_hello(&place, "file");
    assert_eq!(before, place.tree("data/file/blocks"));
}

#[test]
fn verify_names_the_damaged_blocks_and_put_heals_them() {
    let place = Place::new();
    let names: Vec<String> = (0..5).map(|n| format!("{n}.bin")).collect();
    for (n, name) in (0..).zip(&names) {
        place.file(name, &demo::Data::new(3).block(n, 1000));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let put = || place.run(&[&["-b", "file", "put", "-Q"], &names[..]].concat());
    let cids: Vec<String> = put().good().out.lines().map(str::to_owned).collect();
    let files = files_with(&place.path().join("data/file/blocks"), "data");
    assert_eq!((cids.len(), files.len()), (5, 5));

    let mut flipped = fs::read(&files[1]).unwrap();
    flipped[500] ^= 1;
    fs::write(&files[1], flipped).unwrap();
    fs::write(&files[3], b"").unwrap();
    let verify = place.run(&["-b", "file", "verify", "--json"]).bad(1, &[]);
    let lines = verify.json();
    assert_eq!(lines.len(), 3, "two blocks and the sum: {verify:?}");
    assert_eq!(lines[2]["damaged"], 2);
    for line in &lines[..2] {
        let cid = line["cid"].as_str().unwrap();
        assert!(cids.iter().any(|known| known == cid), "{line}");
        place
            .run(&["-b", "file", "get", cid])
            .bad(1, &[cid, "corrupt"]);
    }
    let verify = place.run(&["-b", "file", "verify"]).bad(1, &[]);
    assert!(verify.out.contains("2 damaged"), "{verify:?}");

    put().good();
    place.run(&["-b", "file", "verify"]).good();
}

#[test]
fn get_writes_a_file_whole_or_not_at_all() {
    let place = Place::new();
    put_hello(&place, "pack");
    place.file("out", b"what was there before, and is longer");
    place.run(&["get", HELLO, "-o", "out"]).good();
    assert_eq!(fs::read(place.path().join("out")).unwrap(), b"Hello IPFS!");
    fs::create_dir(place.path().join("folder")).unwrap();
    let before = place.tree("");
    let absent = ["get", ABSENT, "-o", "out"];
    place.run(&absent).bad(1, &[ABSENT, "is not there"]);
    place
        .run(&["get", HELLO, "-o", "folder"])
        .bad(1, &["folder", "directory"]);
    place
        .run(&["get", HELLO, "-o", "no/where"])
        .bad(1, &["cannot write no/where"]);
    let after = place.tree("");
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>(),
        "no temporary file is left"
    );
    assert_eq!(fs::read(place.path().join("out")).unwrap(), b"Hello IPFS!");
}

#[cfg(unix)]
#[test]
fn get_writes_nothing_into_the_folder_of_the_store() {
    let place = Place::new();
    for kind in crate::run::on_disk().map(|kind| kind.name()) {
        put_hello(&place, kind);
        let data = format!("data/{kind}");
        place.run(&["-b", kind, "stat"]).good();
        let before = place.tree(&data);
        std::os::unix::fs::symlink(&data, place.path().join(kind)).unwrap();
        for file in ["store.json", "lock", "new", "../../link/store.json"] {
            let file = format!("{data}/{file}").replace("link", kind);
            let get = place.run(&["-b", kind, "get", HELLO, "-o", &file]);
            get.bad(1, &[&file, "in the folder of the store"]);
        }
        assert!(place.tree(&data).keys().eq(before.keys()), "{kind}");
        let manifest = std::path::Path::new(&data).join("store.json");
        assert!(
            fs::read_to_string(place.path().join(manifest))
                .unwrap()
                .contains(kind)
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn get_writes_to_devices_and_keeps_links() {
    use std::os::unix::fs::{FileTypeExt, symlink};

    let place = Place::new();
    put_hello(&place, "pack");
    place.run(&["get", HELLO, "-o", "/dev/null"]).good();
    let null = fs::symlink_metadata("/dev/null").unwrap();
    assert!(null.file_type().is_char_device());
    place
        .run(&["get", HELLO, "-o", "/dev/full"])
        .bad(1, &["cannot write /dev/full", "No space left"]);
    place.file("target", b"before");
    let link = place.path().join("link");
    symlink("target", &link).unwrap();
    place.run(&["get", HELLO, "-o", "link"]).good();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let target = fs::read(place.path().join("target")).unwrap();
    assert_eq!(target, b"Hello IPFS!");
}

#[test]
fn one_bad_file_keeps_no_other_from_being_stored() {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    place.file("large", &vec![0; 3 << 20]);
    let put = place.run(&["put", "large", "missing", ".", "hello.txt"]);
    let put = put.bad(
        1,
        &[
            "cannot store large",
            "2.0 MiB",
            "`06-unixfs-car add` cuts it",
            "cannot store missing",
            "No such file",
            "it is a folder",
        ],
    );
    assert_eq!(put.out, format!("{HELLO}  hello.txt\n"));
    assert_eq!(place.run(&["ls"]).good().out, format!("{HELLO}\n"));

    let nothing = Place::new();
    nothing
        .run(&["put", "hello.tx", "."])
        .bad(1, &["cannot store hello.tx", "it is a folder"]);
    assert!(
        !nothing.path().join("data").exists(),
        "a mistyped name makes no store"
    );
}

#[test]
fn a_block_over_the_limit_needs_to_be_asked_for() {
    let place = Place::new();
    let limit = 2 << 20;
    place.file("fits", &vec![1; limit]);
    let large = vec![2; limit + 1];
    place.file("large", &large);
    place.run(&["put", "fits"]).good();
    place.run(&["put", "large"]).bad(1, &["--allow-big-block"]);
    place
        .feed(&large, &["put", "-"])
        .bad(1, &["more than 2.0 MiB"]);
    let put = place
        .run(&["put", "-Q", "--allow-big-block", "large"])
        .good();
    assert_eq!(place.run(&["get", put.out.trim()]).good().bytes, large);
}

#[cfg(unix)]
#[test]
fn names_cannot_speak_to_the_terminal() {
    let place = Place::new();
    let name = "a\nb\x1b[31m";
    place.file(name, b"Hello IPFS!");
    let put = place.run(&["put", name]).good();
    assert_eq!(put.out, format!("{HELLO}  a\\nb\\u{{1b}}[31m\n"));
    let put = place.run(&["put", "--json", name]).good();
    assert_eq!(put.json()[0]["name"], name, "JSON has the name as it is");
    let missing = place.run(&["put", "c\x1b[31m"]).bad(1, &[]);
    assert!(!missing.err.contains('\x1b'), "{missing:?}");
    // Nor can a folder's: in notes, in errors, and on stdout.
    let folder = "d\n\x1b[31m";
    let shown = "d\\n\\u{1b}[31m";
    let none = place.run(&["--path", folder, "ls"]);
    let none = none.bad(1, &["using pack in d\\n", "there is no store in d\\n"]);
    assert!(!none.err.contains('\x1b'), "{none:?}");
    let demo = place.run(&["-b", "redb", "--path", folder]).good();
    assert!(
        !format!("{}{}", demo.out, demo.err).contains('\x1b'),
        "{demo:?}"
    );
    assert!(demo.out.contains(&format!("in {shown}\n")), "{demo:?}");
    let other = "e\x1b[31m";
    std::fs::create_dir(place.path().join(other)).unwrap();
    place.file(format!("{other}/f\x1b"), b"mine");
    let other = place.run(&["--path", other, "put", name]);
    let other = other.bad(1, &["e\\u{1b}[31m holds files but no store", "f\\u{1b}"]);
    assert!(!other.err.contains('\x1b'), "{other:?}");
}

#[test]
fn identity_cids_are_there_without_a_store_having_them() {
    let place = Place::new();
    let put = place
        .feed(b"tiny", &["put", "-Q", "--mhtype", "identity", "-"])
        .good();
    let cid = put.out.trim();
    assert_eq!(place.run(&["get", cid]).good().bytes, b"tiny");
    assert_eq!(place.run(&["ls"]).good().out, "");
    place.run(&["rm", cid]).bad(1, &["in itself"]);
    place
        .feed(&[0; 129], &["put", "--mhtype", "identity", "-"])
        .bad(2, &["identity", "128"]);
}

#[test]
fn completions_know_commands_and_engines() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&["completions", shell]).good().out;
        assert!(script.contains("verify"), "{shell}");
        assert!(!script.contains("probe "), "{shell} shows what is hidden");
    }
    let bash = place.run(&["completions", "bash"]).good().out;
    assert!(bash.contains("memory file fjall rocksdb redb pack"));
    let version = place.run(&["--version"]).good().out;
    assert_eq!(
        version,
        format!("01-persistent {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn stat_and_compact_say_what_a_store_takes() {
    for kind in on_disk() {
        let place = Place::new();
        let path = place.fill(kind, 50);
        let path = path.to_str().unwrap();
        let run = |args: &[&str]| place.run(&[&["-b", kind.name(), "--path", path], args].concat());
        let stat = run(&["stat", "--json"]).good().json().remove(0);
        assert_eq!((&stat["blocks"], &stat["others"]), (&50.into(), &0.into()));
        let disk = stat["disk"].as_f64().unwrap();
        assert_eq!(stat["bytes"], 5000);
        assert_eq!(stat["amplification"].as_f64().unwrap(), disk / 5000.0);
        let text = run(&["stat"]).good().out;
        assert!(text.contains("bytes on disk for each byte"), "{text}");
        let done = run(&["compact", "--json"]).good().json().remove(0);
        let (before, after) = (done["before"].as_u64(), done["after"].as_u64());
        // So little may take more in tables than in a journal.
        assert!(after > Some(0) && before > Some(0), "{kind}: {done}");
        let said = run(&["compact"]).good().out;
        assert!(said.ends_with(" now\n"), "{said}");
        assert_eq!(run(&["ls"]).good().out.lines().count(), 50, "{kind}");
        run(&["--read-only", "compact"]).bad(2, &["--read-only"]);
    }
    let place = Place::new();
    place
        .run(&["-b", "redb", "compact"])
        .bad(1, &["there is no store"]);
}
