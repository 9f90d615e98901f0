//! What a worker is told to do, and what it answers: one line of JSON each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::latency::Calls;
use super::load::Load;
use super::subject::Subject;
use super::work::Files;

/// One task, of one subject, in a process of its own: what that process takes in memory and writes
/// belongs to the subject alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Of whom.
    pub subject: Subject,
    /// The folder of its store, which exists.
    pub dir: PathBuf,
    /// Bytes of a block.
    pub size: usize,
    /// Whose blocks are put: the same for every subject of a round.
    pub seed: u64,
    /// How much.
    pub load: Load,
    /// What.
    pub task: Task,
}

/// What is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Bulk puts into a new store, not flushed.
    Write,
    /// Reads, scans and deletes in the store that `Write` left with so many blocks.
    Read {
        /// Blocks in the store.
        stored: u64,
    },
    /// New stores of an engine of ours and of the bare one, turn by turn.
    Beside,
    /// Puts into a new store that are on disk when they return.
    Sync,
    /// A new store of data that compresses.
    Compressible,
    /// Durable puts until so many blocks are there, and on until the process is killed.
    Fill {
        /// Blocks before the answer.
        blocks: u64,
    },
    /// Opens what `Fill` left, and looks for what it acknowledged.
    Recover {
        /// Blocks that were acknowledged.
        blocks: u64,
    },
    /// So many puts and a close, for others to count the system calls of.
    Count {
        /// Blocks that are there.
        from: u64,
        /// Blocks.
        puts: u64,
        /// Blocks of a batch.
        batch: usize,
        /// On disk when a put returns.
        durable: bool,
    },
    /// Grows a store.
    Slope {
        /// From so many blocks
        from: u64,
        /// to so many.
        to: u64,
    },
    /// What the processor and the disk can do.
    Machine,
    /// Files and CARs.
    Files(Files),
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// By their names in [`what`](super::what).
    pub figures: BTreeMap<String, f64>,
    /// By the same names.
    pub calls: BTreeMap<String, Calls>,
    /// Blocks that are in the store now.
    pub stored: u64,
    /// The root of what was added, if anything was.
    #[serde(default)]
    pub root: String,
}

impl Outcome {
    /// Adds a figure.
    pub fn add(&mut self, what: &str, value: f64) {
        self.figures.insert(what.to_owned(), value);
    }

    /// Adds `count` calls in so many seconds, as calls a second.
    pub fn rate(&mut self, what: &str, count: u64, seconds: f64) {
        if count > 0 && seconds > 0.0 {
            self.add(what, count as f64 / seconds);
        }
    }
}
