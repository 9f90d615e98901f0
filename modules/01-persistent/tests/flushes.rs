//! How often the file engine and `pack` ask the disk to wait: counted by strace on a child.
//!
//! The child is this test itself, told by its environment what to write.
#![allow(clippy::unwrap_used, clippy::panic)]
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use datastore::{Batch, Key};
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::file::File;
use persistent::engines::pack::Pack;

/// The folder that the child writes to.
const FOLDER: &str = "CAIRN_TEST_FLUSHES";

/// The same, for one of `pack`.
const PACK: &str = "CAIRN_TEST_FLUSHES_PACK";

/// How many durable puts the child does.
const PUTS: u8 = 20;

/// The child. Its blocks share one folder, which is proven to be on disk by the first.
#[test]
fn child() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        put_all(&File::open(&Options::new(folder)).unwrap());
    }
    if let Some(folder) = std::env::var_os(PACK) {
        put_all(&Pack::open(&Options::new(folder)).unwrap());
    }
}

fn put_all(store: &impl Engine) {
    for n in 0..PUTS {
        let mut batch = Batch::new();
        // The last bytes of the multihash name the folder.
        let hash = [&[0x12, 0x20][..], &[n; 16], &[0; 16]].concat();
        batch.put(Key::block(&hash).unwrap(), vec![n; 4096]);
        store.write(&batch, Flush::Yes).unwrap();
    }
}

/// The system calls of the child, a line each.
fn trace(engine: &str, folder: &Path) -> Option<Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let status = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-e",
            "trace=fsync,fdatasync,syncfs,rename,renameat,renameat2",
            "-o",
        ])
        .arg(&log)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--test-threads=1"])
        .env(engine, folder)
        .output()
        .ok()?
        .status;
    assert!(status.success());
    let log = std::fs::read_to_string(log).unwrap();
    Some(log.lines().map(str::to_owned).collect())
}

#[test]
fn a_durable_put_flushes_the_file_then_names_it_then_flushes_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = dir.path().join("blocks");
    let Some(calls) = trace(FOLDER, &blocks) else {
        testkit::skip("a_durable_put_flushes_the_file_then_names_it", "no strace");
        return;
    };
    let kind = |line: &String| {
        [
            ("fdatasync", "file"),
            ("fsync", "folder"),
            ("syncfs", "all"),
            ("rename", "name"),
        ]
        .into_iter()
        .find(|(call, _)| line.contains(&format!("{call}(")))
        .map(|(_, kind)| kind)
    };
    let calls: Vec<&str> = calls.iter().filter_map(kind).collect();
    // The last puts, with nothing of the beginning: two flushes each, and in this order.
    let last: Vec<&str> = calls
        .iter()
        .copied()
        .rev()
        .take(3 * (PUTS as usize - 1))
        .collect();
    for put in last.chunks(3) {
        assert_eq!(put, ["folder", "name", "file"], "backwards, in {calls:?}");
    }
    // Before them the first put: a failed rename, the folder made, and the flush of its parent.
    let before = calls.len() - last.len();
    let first: Vec<&str> = calls.into_iter().take(before).rev().take(5).collect();
    assert_eq!(first, ["folder", "folder", "name", "name", "file"]);
}

/// Goal S12: one flush of one file for each. The rest, for a first segment and its folder, is as much
/// for one put as for twenty.
#[test]
fn a_durable_put_into_a_pack_is_one_flush() {
    let dir = tempfile::tempdir().unwrap();
    let Some(calls) = trace(PACK, dir.path()) else {
        testkit::skip("a_durable_put_into_a_pack_is_one_flush", "no strace");
        return;
    };
    let of_a_segment = |line: &&String| line.contains("fdatasync(") && line.contains(".car>");
    let flushes: Vec<&String> = calls.iter().filter(of_a_segment).collect();
    // One is for the head of the segment, which is on disk before anything is behind it.
    assert_eq!(flushes.len(), usize::from(PUTS) + 1, "{calls:#?}");
    let others = calls.len() - flushes.len();
    assert!(others <= 5, "{calls:#?}");
}

/// EIO on any flush is an error of its put, and nothing is tried again.
#[test]
fn a_failed_flush_is_an_error_of_the_put() {
    for (call, when) in [
        ("fdatasync", 3),
        ("fdatasync", 20),
        ("fsync", 9),
        ("fsync", 20),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let blocks = dir.path().join("blocks");
        let log = dir.path().join("log");
        let output = Command::new("strace")
            .args(["-f", "-e", &format!("trace={call}")])
            .args(["-e", &format!("inject={call}:error=EIO:when={when}"), "-o"])
            .arg(&log)
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--test-threads=1"])
            .env(FOLDER, &blocks)
            .output();
        let Ok(output) = output else {
            testkit::skip("a_failed_flush_is_an_error_of_the_put", "no strace");
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "{call} {when}: {said}");
        let errors = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(errors.contains("flush"), "{errors}");
        let log = std::fs::read_to_string(&log).unwrap();
        let calls = log
            .lines()
            .filter(|line| line.contains(&format!("{call}(")))
            .count();
        assert_eq!(calls, when, "none follows the one that failed");
        let temps = std::fs::read_dir(blocks.join(".temp")).unwrap().count();
        assert_eq!(temps, 0, "{call} {when}");
    }
}
