//! Other programs read a backup, and follow its links to every block; and the files of a pack store.
//!
//! The judge is a small program around go-car and go-ipld-cbor, which Kubo reads CARs and dag-cbor
//! with. Cargo does not build it:
//!
//! ```text
//! cd modules/01-persistent/tests/peers/car && go build -o CAR .
//! CAIRN_CAR=CAR cargo test -p persistent --test backup foreign
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use block_cid::{Block, Blockstore, car};
use persistent::Kind;
use testkit::mount::in_memory;
use testkit::or_skip;

use crate::{check, open, saved};

fn judge(name: &str) -> Option<String> {
    let judge = std::env::var("CAIRN_CAR").map_err(|_| {
        "CAIRN_CAR names no program: build modules/01-persistent/tests/peers/car with go".to_owned()
    });
    or_skip(name, judge)
}

/// What the judge prints of a file.
fn judged(judge: &str, file: &Path) -> String {
    let ran = Command::new(judge).arg(file).output().unwrap();
    let err = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{}: {err}", file.display());
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn go_car_reads_a_backup_and_reaches_every_block() {
    let Some(judge) = judge("a backup as go-car sees it") else {
        return;
    };
    let dir = in_memory();
    for count in [0, 30] {
        let (file, all) = saved(&dir.path().join(count.to_string()), 5, count);
        let out = judged(&judge, &file);
        let lines: BTreeSet<&str> = out.lines().collect();
        let root = check(&file).unwrap().root.unwrap();
        assert!(lines.contains(&*format!("root {root}")), "{out}");
        let bytes = std::fs::read(&file).unwrap();
        let blocks: Vec<_> = car::Reader::new(&bytes[..]).unwrap().collect();
        for block in blocks.iter().map(|block| block.as_ref().unwrap()) {
            let line = format!("{} {}", block.cid(), block.len());
            assert!(lines.contains(&*line), "{line} is not in {out}");
        }
        assert!(
            lines.contains(&*format!("reached {}", blocks.len())),
            "{out}"
        );
        assert!(all.len() >= count as usize);
    }
}

#[test]
fn go_car_reads_every_file_of_a_pack_store() {
    let Some(judge) = judge("a pack store as go-car sees it") else {
        return;
    };
    let dir = in_memory();
    let path = dir.path().join("store");
    let blocks: Vec<Block> = (0..200u32)
        .map(|n| Block::raw(n.to_be_bytes().repeat(1 + n as usize * 50)))
        .collect();
    // Two files: the second begins after an unclean end. Then with deletes, then compacted.
    for step in 0..3 {
        let store = open(Kind::Pack, &path);
        match step {
            0 => store.blocks().put_many(&blocks[..100]).unwrap(),
            1 => {
                store.blocks().put_many(&blocks[100..]).unwrap();
                let gone = blocks.iter().step_by(2).map(|block| *block.cid());
                gone.for_each(|cid| store.blocks().delete(&cid).unwrap());
            }
            _ => store.compact().unwrap(),
        }
        drop(store);
        let mut seen = BTreeSet::new();
        for entry in fs::read_dir(path.join("blocks")).unwrap() {
            let file = entry.unwrap().path();
            if file.extension().is_some_and(|end| end == "car") {
                let out = judged(&judge, &file);
                assert!(out.starts_with("root bafkqaaa\n"), "{out}");
                seen.extend(out.lines().map(str::to_owned));
            }
        }
        let there = match step {
            0 => &blocks[..100],
            _ => &blocks[..],
        };
        for (n, block) in there.iter().enumerate() {
            let line = format!("{} {}", block.cid(), block.len());
            let kept = step < 2 || n % 2 == 1;
            assert_eq!(seen.contains(&line), kept, "{step}: {line}");
        }
    }
}
