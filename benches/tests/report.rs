//! The report from the command line: almost nothing is measured, and everything is written.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs it with stores and report in `dir`, and without the programs of others.
fn report(dir: &Path, args: &[&str]) -> Output {
    report_with("/nowhere/ipfs".as_ref(), dir, args)
}

fn report_with(ipfs: &Path, dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_benches"));
    command
        .env("CAIRN_IPFS", ipfs)
        .env("CAIRN_HELIA", "/nowhere");
    command.args(["report", "--tiny", "--dir"]).arg(dir);
    command
        .arg("--out")
        .arg(dir.join("out"))
        .args(args)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn what_is_asked_for_is_measured_and_written() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["memory", "file", "pack", "raw-pack", "sharded-files"];
    let only = names.join(",");
    let ended = report(dir.path(), &["--slope", "--only", &only]);
    assert!(ended.status.success(), "{}", text(&ended.stderr));

    let path = dir.path().join("out/report.json");
    let record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let figures = record["figures"].as_array().unwrap();
    let has = |name: &str, what: &str| {
        figures.iter().any(|f| {
            f["subject"] == name && f["what"] == what && f["rounds"][0].as_f64() > Some(0.0)
        })
    };
    for name in names {
        for what in [
            "put.none.1000",
            "get.warm",
            "has.absent",
            "mixed",
            "scan.blocks",
            "delete",
        ] {
            assert!(has(name, what), "{name} has no {what}");
        }
        if name != "memory" {
            for what in [
                "put.each.1",
                "put.each.64",
                "get.cold",
                "open.killed",
                "disk",
                "disk.compressible",
            ] {
                assert!(has(name, what), "{name} has no {what}");
            }
            let lost = figures
                .iter()
                .find(|f| f["subject"] == name && f["what"] == "missing")
                .unwrap();
            assert_eq!(lost["rounds"][0], 0.0, "{name} lost what it acknowledged");
        }
    }
    for what in ["slope.put", "slope.get", "slope.absent"] {
        assert!(has("pack", what) && has("file", what), "{what}");
    }
    for what in [
        "sha2.1",
        "sha2.2",
        "write.none",
        "write.batch",
        "write.each",
    ] {
        assert!(has("machine", what), "{what}");
    }
    let counted = ["pack", "file", "raw-pack", "sharded-files"]
        .iter()
        .all(|name| has(name, "fsync.each.1"));
    let said = record["notes"].to_string().contains("flushing calls");
    assert!(
        counted != said,
        "flushing calls are counted, or it is said that they are not"
    );

    let jobs = ["add", "cat", "export", "import"];
    for name in ["memory", "file", "pack"] {
        for job in jobs {
            assert!(has(name, &format!("files.{job}")), "{name} has no {job}");
        }
        assert!(has(name, "small.add"), "{name}");
        if name != "memory" {
            assert!(has(name, "files.bulk") && has(name, "small.bulk"), "{name}");
            assert!(has(name, "memory.add"), "{name}");
        }
    }
    for what in ["read", "read.sha2", "sha2.1", "sha2.2"] {
        assert!(has("machine", &format!("files.{what}")), "{what}");
    }
    assert!(has("machine", "small.read") && has("file", "sparse.add"));
    assert!(has("importer", "files.add") && has("importer", "names.memory"));
    for name in ["ipfs", "ipfs-quick", "helia"] {
        let why = record["absent"][name].as_str().unwrap();
        assert!(why.contains("/nowhere"), "{name}: {why}");
        assert!(!figures.iter().any(|f| f["subject"] == name), "{name}");
    }

    let page = fs::read_to_string(dir.path().join("out/index.html")).unwrap();
    let summary = fs::read_to_string(dir.path().join("out/report.md")).unwrap();
    for name in names {
        assert!(page.contains(name) && summary.contains(name), "{name}");
    }
    let row = "| ipfs | not measured: cannot start /nowhere/ipfs";
    assert!(summary.contains(row) && page.contains("<h2>Files and CARs</h2>"));
    // Nothing else is left, and nothing of what was stored.
    let mut left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left.pop().unwrap(), "out");
    assert!(left.is_empty(), "{left:?}");

    // The page can be made anew, and a run is no other than itself.
    let path = path.to_str().unwrap();
    let again = Command::new(env!("CARGO_BIN_EXE_benches"))
        .args(["report", "--from", path, "--compare", path, "--out"])
        .arg(dir.path().join("again"))
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", text(&again.stderr));
    let said = text(&again.stdout);
    assert!(said.contains("\n0 of "), "{said}");
    assert_eq!(
        fs::read_to_string(dir.path().join("again/index.html")).unwrap(),
        page
    );
}

/// An `ipfs` that is quick, and gives another root than ours: it is not measured.
#[test]
fn who_makes_something_else_is_not_measured() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let ipfs = dir.path().join("ipfs");
    let script =
        "#!/bin/sh\ncase \"$*\" in\n  version*) echo 0.0.1 ;;\n  *add*) echo QmOther ;;\nesac\n";
    fs::write(&ipfs, script).unwrap();
    fs::set_permissions(&ipfs, fs::Permissions::from_mode(0o755)).unwrap();
    let ended = report_with(&ipfs, dir.path(), &["--section", "files", "--only", "pack"]);
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let record = fs::read(dir.path().join("out/report.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(record["versions"]["ipfs"], "0.0.1");
    let why = record["absent"]["ipfs"].as_str().unwrap();
    assert!(why.contains("the root is QmOther, and not Qm"), "{why}");
    let figures = record["figures"].as_array().unwrap();
    assert!(figures.iter().all(|f| f["subject"] != "ipfs"));
    // One section alone is that, and the other is another.
    assert!(figures.iter().any(|f| f["what"] == "files.add"));
    assert!(figures.iter().all(|f| f["what"] != "put.none.1"));
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_measured() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "{}").unwrap();
    let file = dir.path().join("file");
    let file = file.to_str().unwrap();
    let below = format!("{file}/below");
    for (args, wanted) in [
        (
            vec!["--only", "leveldb"],
            "nothing here is called `leveldb`",
        ),
        (vec!["--only", "machine"], "--only names stores"),
        (vec!["--only", "ipfs"], "--only names stores"),
        (vec!["--section", "page"], "stores, files"),
        (vec!["--sizes", "7"], "from 16 to 1048576 bytes"),
        (vec!["--rounds", "0"], "--rounds"),
        (
            vec!["--compare", "/nowhere.json"],
            "cannot read /nowhere.json",
        ),
        (vec!["--compare", file], "is no report.json"),
        (vec!["--from", file], "cannot be used with"),
    ] {
        let ended = report(dir.path(), &args);
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{args:?}: {said}");
        assert!(
            said.starts_with("error: ") && said.contains(wanted),
            "{args:?}: {said}"
        );
    }
    for (flag, wanted) in [
        ("--out", "cannot write to"),
        ("--dir", "cannot make stores in"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_benches"));
        let ended = command
            .args(["report", "--tiny", flag, &below])
            .current_dir(dir.path())
            .output()
            .unwrap();
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted) && said.contains(flag), "{said}");
    }
    assert!(!dir.path().join("out/report.json").exists());
}

#[test]
fn a_worker_that_fails_is_an_error_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_benches"));
    let mut worker = command
        .arg("worker")
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .current_dir(dir.path())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut worker.stdin.take().unwrap(), b"no job\n").unwrap();
    let ended = worker.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        text(&ended.stderr).contains("one job as JSON"),
        "{}",
        text(&ended.stderr)
    );
}

#[test]
fn a_worker_that_nobody_kills_ends_with_the_one_that_started_it() {
    let dir = tempfile::tempdir().unwrap();
    let load = r#"{"bytes":4096,"blocks":4,"put_ms":1,"read_ms":1,"killed_bytes":4096}"#;
    let place = dir.path().display();
    let job = format!(
        r#"{{"subject":"pack","dir":"{place}","size":256,"seed":1,"load":{load},"task":{{"fill":{{"blocks":4}}}}}}"#
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_benches"));
    let mut worker = command
        .arg("worker")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = worker.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, format!("{job}\n").as_bytes()).unwrap();
    drop(input);
    let ended = worker.wait_with_output().unwrap();
    assert!(ended.status.success());
    assert!(text(&ended.stdout).contains("\"stored\":4"));
}
