//! Other programs read a backup, and follow its links to every block: go-car and go-ipld-cbor, which
//! Kubo reads CARs and dag-cbor with (`testkit::cars`).

use std::fs;
use std::slice;

use block_cid::car;
use testkit::cars;
use testkit::mount::in_memory;

use crate::{check, saved};

#[test]
fn go_car_reads_a_backup_and_reaches_every_block() {
    let Some(judge) = cars::go("a backup") else {
        return;
    };
    let dir = in_memory();
    for count in [0, 30] {
        let (file, all) = saved(&dir.path().join(count.to_string()), 5, count);
        let said = judge.read(slice::from_ref(&file)).unwrap();
        let lines = &said[&file];
        let root = check(&file).unwrap().root.unwrap();
        assert!(lines.contains(&format!("root {root}")), "{lines:?}");
        let bytes = fs::read(&file).unwrap();
        let blocks: Vec<_> = car::Reader::new(&bytes[..]).unwrap().collect();
        for block in blocks.iter().map(|block| block.as_ref().unwrap()) {
            let line = format!("{} {}", block.cid(), block.len());
            assert!(lines.contains(&line), "{line} is not in {lines:?}");
        }
        let reached = format!("reached {}", blocks.len());
        assert!(lines.contains(&reached), "{lines:?}");
        assert!(all.len() >= count as usize);
    }
}
