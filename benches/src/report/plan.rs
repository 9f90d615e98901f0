//! What a run is going to do.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::load::Load;
use super::subject::Subject;
use crate::raw::Peer;

/// Everything that decides what is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// `full`, `quick` or `tiny`.
    pub effort: String,
    /// Whom; not in the record, since another build may not know all of them.
    #[serde(skip)]
    pub subjects: Vec<Subject>,
    /// Bytes of blocks.
    pub sizes: Vec<usize>,
    /// How often.
    pub rounds: usize,
    /// How much each time.
    pub load: Load,
    /// Bytes of the store that is killed and opened to see how long that takes, and how often; none in
    /// a quick run.
    pub gib: Option<(u64, usize)>,
    /// Blocks of the store that grows, each time it is looked at; none without `--slope`.
    #[serde(default)]
    pub slope: Vec<u64>,
    /// Whether stores are measured by their blocks.
    #[serde(default = "yes")]
    pub stores: bool,
    /// What is done with files and CARs; nothing if it is not asked for.
    #[serde(default)]
    pub files: Option<Files>,
    /// No round begins that would end later, but for the first, and nothing at all begins later; not in
    /// the record.
    #[serde(skip)]
    pub limit: Duration,
    /// Where the stores are made; not in the record.
    #[serde(skip)]
    pub dir: PathBuf,
}

/// How much is done with files and CARs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// Bytes of the file that every engine is given.
    pub bytes: u64,
    /// Bytes of another one, which the quickest engine is given.
    pub large: Option<u64>,
    /// How often.
    pub rounds: usize,
    /// Files of 1 KiB.
    pub small: u64,
    /// How many of them other programs are given.
    pub few: u64,
    /// Names of a folder.
    pub names: u64,
    /// Bytes of files that are holes; 0 is none.
    pub holes: [u64; 3],
    /// Milliseconds after which nothing of it is repeated.
    pub ms: u64,
}

impl Files {
    const FULL: Files = Files {
        bytes: 256 << 20,
        large: Some(1 << 30),
        rounds: 3,
        small: 100_000,
        few: 10_000,
        names: 1_000_000,
        holes: [64 << 20, 1 << 30, 10 << 30],
        ms: 200_000,
    };

    const QUICK: Files = Files {
        bytes: 64 << 20,
        large: None,
        rounds: 3,
        small: 2_000,
        few: 1_000,
        names: 100_000,
        holes: [64 << 20, 256 << 20, 0],
        ms: 15_000,
    };

    const TINY: Files = Files {
        bytes: 3 << 20,
        large: Some(5 << 20),
        rounds: 1,
        small: 40,
        few: 20,
        names: 3_000,
        holes: [4 << 20, 0, 0],
        ms: 60_000,
    };
}

fn yes() -> bool {
    true
}

/// The size of which kills, text and system calls are measured.
pub const MIDDLE: usize = 4 << 10;

/// The size of blocks in the large store.
pub const LARGE: usize = 256 << 10;

impl Plan {
    /// All of it: under twenty minutes on two cores.
    pub fn full(dir: PathBuf) -> Plan {
        Plan {
            effort: "full".to_owned(),
            subjects: Subject::stores(),
            sizes: vec![256, MIDDLE, 64 << 10, LARGE, 1 << 20],
            rounds: 5,
            load: Load::FULL,
            gib: Some((1 << 30, 3)),
            slope: Vec::new(),
            stores: true,
            files: Some(Files::FULL),
            limit: Duration::from_secs(14 * 60),
            dir,
        }
    }

    /// Three sizes, three rounds, less of everything: under two minutes.
    pub fn quick(dir: PathBuf) -> Plan {
        Plan {
            effort: "quick".to_owned(),
            sizes: vec![256, MIDDLE, LARGE],
            rounds: 3,
            load: Load::QUICK,
            gib: None,
            files: Some(Files::QUICK),
            limit: Duration::from_secs(85),
            ..Plan::full(dir)
        }
    }

    /// Almost nothing, for tests of the report itself.
    pub fn tiny(dir: PathBuf) -> Plan {
        Plan {
            effort: "tiny".to_owned(),
            sizes: vec![MIDDLE],
            rounds: 1,
            load: Load::TINY,
            gib: None,
            files: Some(Files::TINY),
            ..Plan::full(dir)
        }
    }

    /// The size of which kills, text and system calls are measured: 4 KiB, or the smallest there is.
    pub fn middle(&self) -> usize {
        let wanted = self.sizes.iter().find(|size| **size == MIDDLE);
        wanted.or(self.sizes.first()).copied().unwrap_or(MIDDLE)
    }

    /// Bytes of disk that have to be free.
    pub fn needs(&self) -> u64 {
        // Twice what is put, since an engine has it in its log and in its tables for a while.
        let put = self.load.bytes.max(2 * self.load.killed_bytes);
        let large = 2 * self.gib.map_or(0, |(bytes, _)| bytes);
        // A file takes 4 KiB at least, and an inode.
        let grown = self
            .slope
            .iter()
            .max()
            .map_or(0, |blocks| 2 * blocks * 4096);
        // Files and their CARs, and a store of the largest, which may be in its log and in its tables.
        let files = self.files.map_or(0, |files| {
            let large = files.large.unwrap_or(0);
            2 * (files.bytes + large) + 3 * files.bytes.max(large) + 4 * 4096 * files.small
        });
        (3 * put.max(large).max(grown / 2)).max(files) + (512 << 20)
    }

    /// Whose stores grow: a bare engine bends where ours does, and a million files take as long bare.
    pub fn growing(&self) -> Vec<Subject> {
        let grows = |subject: &Subject| {
            let sled = *subject == Subject::Peer(Peer::Sled);
            subject.is_on_disk() && (subject.ours().is_some() || sled)
        };
        self.subjects.iter().copied().filter(grows).collect()
    }

    /// Steps of which progress is made.
    pub fn steps(&self) -> u64 {
        let on_disk = self.subjects.iter().filter(|s| s.is_on_disk()).count();
        let ours = self
            .subjects
            .iter()
            .filter(|s| s.is_on_disk() && s.ours().is_some());
        let files = self.files.map_or(0, |files| {
            files.rounds * self.subjects.iter().filter(|s| s.ours().is_some()).count()
        });
        if !self.stores {
            return files as u64;
        }
        let a_round = self.sizes.len() * (self.subjects.len() + 1) + on_disk;
        let large = self.gib.map_or(0, |(_, times)| times * ours.count());
        let slope = self.slope.len() * self.growing().len();
        (self.rounds * a_round + on_disk + large + slope + files) as u64
    }
}
