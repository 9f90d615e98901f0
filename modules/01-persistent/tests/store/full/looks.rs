//! The guard asks the file system once for 8 MiB that are written, and no more often.

use std::fs;
use std::path::Path;

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use testkit::child::{arg, orders, say};
use testkit::mount::in_memory;
use testkit::{Child, Rng, Trial, or_skip, run, strace};

const MIB: u64 = super::MIB;

/// MiB that are written, and bytes of a block.
const WRITTEN: [(usize, u64); 2] = [(64, 256 << 10), (16, 4 << 10)];

/// The child: puts so many bytes.
pub fn filler() {
    let _parent = orders();
    let kind = arg("kind").parse().unwrap();
    let store = crate::open(&crate::config(kind, Path::new(&arg("dir"))));
    let number = |name| arg(name).parse::<u64>().unwrap();
    for n in 0..number("bytes") / number("size") {
        let block = Block::raw(Rng::new(n).bytes(number("size") as usize));
        store.blocks().put(&block).unwrap();
    }
    store.close().unwrap();
    say("done");
}

/// How often a child that writes so many bytes asks for the free space by the name of the folder.
fn looks(kind: persistent::Kind, bytes: u64, size: u64) -> usize {
    let dir = in_memory();
    let log = dir.path().join("strace.log");
    let wrapper = strace::record("statfs", &log);
    let words: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    let (status, lines, noise) = Child::of("child", "filler")
        .with("kind", kind)
        .with("dir", dir.path().display())
        .with("bytes", bytes)
        .with("size", size)
        .under(&words)
        .start()
        .end();
    assert!(
        lines.iter().any(|line| line == "done"),
        "{kind}: {status} {noise}"
    );
    let ours = dir.path().join("store").to_string_lossy().into_owned();
    strace::parse(&fs::read_to_string(&log).unwrap())
        .iter()
        .filter(|call| call.path.starts_with(&ours))
        .count()
}

#[test]
fn the_file_system_is_asked_once_for_8_mib() {
    if or_skip("looks", strace::works()).is_none() {
        return;
    }
    for kind in crate::kinds() {
        let mut trial = Trial::new("full", format!("{kind}, looks"), None);
        // An opening asks, too, and the close of what was written to; one is the guard's.
        let idle = looks(kind, 1, 1) - 1;
        let mut said = format!("{idle} looks to open and close");
        for (mib, size) in WRITTEN {
            let mib = run::count("CAIRN_LOOKS", mib / 2, mib) as u64;
            trial.one();
            let made = looks(kind, mib * MIB, size) - idle;
            let most = (mib / 8) as usize;
            said += &format!(", {made} for {mib} MiB in blocks of {size} bytes (at most {most})");
            if made > most {
                trial.fails(&format!(
                    "{made} looks for {mib} MiB in blocks of {size} bytes"
                ));
            }
            assert!(made > 0, "{kind}: nobody looked");
        }
        trial.end(&said);
    }
}
