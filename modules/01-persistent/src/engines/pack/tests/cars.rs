//! The segments that a power cut leaves are CARs for programs that know nothing of us.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use block_cid::Block;
use testkit::cars;
use testkit::crash::{CrashDisk, laboratory};
use testkit::run;

use super::engine::{SMALL, all, disk, files, open};
use super::power::{steps, workload};
use crate::engine::Flush;

/// The segments of some states, each in a folder of its own, and the blocks that are to be there.
#[derive(Default)]
struct Kept {
    wanted: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Kept {
    fn keep(&mut self, dir: PathBuf, disk: &CrashDisk) {
        let found = all(&open(disk)).into_values().map(|value| {
            let block = Block::raw(value);
            format!("{} {}", block.cid(), block.len())
        });
        self.wanted.insert(dir.clone(), found.collect());
        fs::create_dir(&dir).unwrap();
        for path in files(disk, ".car") {
            let bytes = datastore::Disk::read(disk, &path).unwrap().unwrap();
            fs::write(dir.join(path.file_name().unwrap()), bytes).unwrap();
        }
    }
}

#[test]
fn others_read_every_segment_that_a_cut_leaves() {
    let judges = cars::all("segments after power cuts");
    let dir = testkit::mount::in_memory();
    let kept = RefCell::new(Kept::default());
    let steps = steps(11, 150);
    laboratory(
        "pack, read by others",
        run::count("CAIRN_STATES", 40, 1000).min(1000),
        &disk(),
        |disk, acks| workload(&steps, SMALL, Flush::Yes, disk, acks),
        |disk, _| {
            let mut kept = kept.borrow_mut();
            let folder = dir.path().join(kept.wanted.len().to_string());
            kept.keep(folder, disk);
            Ok(())
        },
    )
    .must_hold();
    let wanted = kept.into_inner().wanted;
    let files = cars::below(dir.path()).unwrap();
    assert!(
        files.len() > 3 * wanted.len(),
        "segments follow one another"
    );
    for judge in judges {
        let said = judge.read_folders(dir.path());
        let said = said.unwrap_or_else(|error| panic!("{error}"));
        for (folder, wanted) in &wanted {
            let said = said.get(folder).cloned().unwrap_or_default();
            let lost: Vec<_> = wanted.difference(&said).collect();
            assert!(lost.is_empty(), "{} lacks {lost:?}", judge.name);
        }
    }
}
