//! A folder of blocks that we wrote opens with the code that Kubo has, and the other way round.
//!
//! The judge is a small program around go-ds-flatfs, the library to which Kubo leaves its `blocks`
//! folder. Cargo does not build it:
//!
//! ```text
//! cd modules/01-persistent/tests/peers/flatfs && go build -o FLATFS .
//! CAIRN_FLATFS=FLATFS cargo test -p persistent --test flatfs
//! ```
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use block_cid::{Block, Cid};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use datastore::{Batch, Key};
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::file::File;

/// Runs `command` on `input`; what it printed.
fn run(command: &mut Command, input: &[u8]) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn open(blocks: &Path) -> File {
    File::open(&Options::new(blocks)).unwrap()
}

fn key(cid: &Cid) -> Key {
    Key::block(&cid.hash().to_bytes()).unwrap()
}

fn blocks(seed: u64, count: u64) -> Vec<Block> {
    let data = demo::Data::new(seed);
    (0..count)
        .map(|n| Block::raw(data.block(n, 1 + 997 * n as usize)))
        .collect()
}

fn put(store: &File, blocks: &[Block]) {
    // One by one and as a batch: the two ways of flushing.
    let (first, rest) = blocks.split_at(3);
    for part in first.chunks(1).chain([rest]) {
        let mut batch = Batch::new();
        for block in part {
            batch.put(key(block.cid()), block.data().clone());
        }
        store.write(&batch, Flush::Yes).unwrap();
    }
}

/// The lines "KEY HEX" that the program `flatfs` reads and prints.
fn lines(blocks: &[Block]) -> BTreeMap<String, String> {
    blocks
        .iter()
        .map(|block| {
            let name = BASE32_NOPAD.encode(&block.cid().hash().to_bytes());
            (name, HEXLOWER.encode(block.data()))
        })
        .collect()
}

#[test]
fn go_ds_flatfs_and_we_open_each_others_folders() {
    let Some(flatfs) = std::env::var_os("CAIRN_FLATFS") else {
        testkit::skip(
            "go_ds_flatfs_and_we_open_each_others_folders",
            "CAIRN_FLATFS names no program",
        );
        return;
    };
    let (ours, theirs) = (blocks(1, 40), blocks(2, 40));
    let both = [ours.clone(), theirs.clone()].concat();
    let input: String = lines(&theirs)
        .iter()
        .map(|(key, value)| format!("{key} {value}\n"))
        .collect();
    for we_begin in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("blocks");
        let we = || {
            let store = open(&folder);
            put(&store, &ours);
            store.close().unwrap();
        };
        let they = || {
            run(
                Command::new(&flatfs).arg("put").arg(&folder),
                input.as_bytes(),
            )
        };
        if we_begin {
            we();
            they();
        } else {
            they();
            we();
        }
        let printed = run(Command::new(&flatfs).arg("get").arg(&folder), b"");
        let printed: BTreeMap<String, String> = printed
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        assert!(printed == lines(&both), "what go-ds-flatfs finds");
        let store = open(&folder);
        for block in &both {
            let found = store.get(&key(block.cid())).unwrap();
            assert!(found.as_ref() == Some(block.data()), "{}", block.cid());
        }
        assert_eq!(store.keys(&Key::root()).unwrap().count(), both.len());
        // What we delete is gone there.
        let mut batch = Batch::new();
        both.iter().for_each(|block| batch.delete(key(block.cid())));
        store.write(&batch, Flush::Yes).unwrap();
        assert_eq!(run(Command::new(&flatfs).arg("get").arg(&folder), b""), "");
    }
}
