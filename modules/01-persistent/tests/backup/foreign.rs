//! Other programs read a backup, and follow its links to every block.
//!
//! The judge is a small program around go-car and go-ipld-cbor, which Kubo reads CARs and dag-cbor
//! with. Cargo does not build it:
//!
//! ```text
//! cd modules/01-persistent/tests/peers/car && go build -o CAR .
//! CAIRN_CAR=CAR cargo test -p persistent --test backup foreign
//! ```

use std::collections::BTreeSet;
use std::process::Command;

use block_cid::car;
use testkit::mount::in_memory;
use testkit::or_skip;

use crate::{check, saved};

#[test]
fn go_car_reads_a_backup_and_reaches_every_block() {
    let judge = std::env::var("CAIRN_CAR").map_err(|_| {
        "CAIRN_CAR names no program: build modules/01-persistent/tests/peers/car with go".to_owned()
    });
    let Some(judge) = or_skip("a backup as go-car sees it", judge) else {
        return;
    };
    let dir = in_memory();
    for count in [0, 30] {
        let (file, all) = saved(&dir.path().join(count.to_string()), 5, count);
        let ran = Command::new(&judge).arg(&file).output().unwrap();
        let (out, err) = (
            String::from_utf8(ran.stdout).unwrap(),
            String::from_utf8_lossy(&ran.stderr),
        );
        assert!(ran.status.success(), "{err}");
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
