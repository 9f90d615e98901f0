//! The index: where each block is.
//!
//! ```text
//! table     what was written last, in memory
//! frozen    a full table, on its way to the disk
//! runs      sorted files, the newest last; each knows of one stretch of the log
//! ```
//!
//! Of two entries for one key the later in the log counts, so whoever looks asks them in this order,
//! and stops at the first that knows.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use datastore::{DiskFile, Key};

use super::page::At;
use super::run::{Fault, Run, Share};
use super::segment::Position;
use super::wanted::Wanted;
use crate::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// So many runs are asked at once.
const ASKED: usize = u64::BITS as usize;

/// Entries in memory.
pub(super) type Table = HashMap<Key, At>;

/// A table that takes no more.
#[derive(Debug)]
pub(super) struct Frozen {
    pub table: Table,
    pub of: Range<Position>,
    /// The last segment that it points into: the others are on disk.
    pub segment: Option<Arc<dyn DiskFile>>,
}

#[derive(Debug, Default)]
struct State {
    table: Table,
    /// Where the stretch of the table begins.
    begin: Position,
    frozen: Option<Arc<Frozen>>,
    /// The oldest first.
    runs: Arc<Vec<Arc<Run>>>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Index(RwLock<State>);

/// A run gave no answer, and which.
#[derive(Debug)]
pub(super) struct Broken {
    pub run: Arc<Run>,
    pub fault: Fault,
}

/// All that is known at a moment, the newest first.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub tables: Vec<Vec<(Key, At)>>,
    pub runs: Vec<Arc<Run>>,
}

/// Which of these may have it, the newest in the lowest bit.
///
/// All are asked before the first answer is needed, and all places are known before the first is
/// asked, so that their lines come from memory side by side: at 20 million blocks ten runs take 0.9 µs
/// instead of 1.8.
fn may_have(runs: &[Arc<Run>], wanted: &Wanted<'_>) -> u64 {
    let mut shares = [Share::Nowhere; ASKED];
    for (share, run) in shares.iter_mut().zip(runs) {
        *share = run.share(wanted);
    }
    let asked = runs.iter().zip(shares);
    asked.fold(0, |bits, (run, share)| {
        bits << 1 | u64::from(run.may_have(share, wanted))
    })
}

impl Index {
    /// Has these runs, in order; the table goes on at `begin`.
    pub fn reset(&self, runs: Vec<Arc<Run>>, begin: Position) {
        let mut state = self.write();
        state.runs = Arc::new(runs);
        state.begin = begin;
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of this key.
    pub fn find(&self, key: &Key) -> Result<Option<At>, Broken> {
        let runs = {
            let state = self.read();
            let frozen = || {
                state
                    .frozen
                    .as_ref()
                    .and_then(|frozen| frozen.table.get(key))
            };
            if let Some(at) = state.table.get(key).or_else(frozen) {
                return Ok(Some(*at));
            }
            Arc::clone(&state.runs)
        };
        let wanted = Wanted::new(key.as_block().unwrap_or_default());
        for runs in runs.rchunks(ASKED) {
            let maybe = may_have(runs, &wanted);
            for (n, run) in runs.iter().rev().enumerate() {
                if maybe >> n & 1 == 0 {
                    continue;
                }
                match run.find(&wanted) {
                    Ok(None) => {}
                    Ok(found) => return Ok(found),
                    Err(fault) => {
                        let run = Arc::clone(run);
                        return Err(Broken { run, fault });
                    }
                }
            }
        }
        Ok(None)
    }

    /// Notes what was appended; how many entries the table has.
    pub fn insert(&self, entries: impl IntoIterator<Item = (Key, At)>) -> usize {
        let mut state = self.write();
        state.table.extend(entries);
        state.table.len()
    }

    /// How many entries are in memory alone.
    pub fn in_memory(&self) -> usize {
        let state = self.read();
        state.table.len() + state.frozen.as_ref().map_or(0, |frozen| frozen.table.len())
    }

    /// The table takes no more from here on, a new one begins; false if there is a frozen one.
    pub fn freeze(&self, end: Position, segment: Option<Arc<dyn DiskFile>>) -> bool {
        let mut state = self.write();
        if state.frozen.is_some() {
            return false;
        }
        let of = state.begin..end;
        if !of.is_empty() {
            let table = std::mem::take(&mut state.table);
            state.begin = end;
            state.frozen = Some(Arc::new(Frozen { table, of, segment }));
        }
        true
    }

    pub fn frozen(&self) -> Option<Arc<Frozen>> {
        self.read().frozen.clone()
    }

    /// The frozen table is a run now.
    pub fn publish(&self, run: Arc<Run>) {
        let mut state = self.write();
        state.frozen = None;
        Arc::make_mut(&mut state.runs).push(run);
    }

    pub fn runs(&self) -> Arc<Vec<Arc<Run>>> {
        Arc::clone(&self.read().runs)
    }

    /// Has `new` in the place of `old`, which are neighbours; false if they are not there any more.
    pub fn replace(&self, old: &[Arc<Run>], new: Vec<Arc<Run>>) -> bool {
        let mut state = self.write();
        let runs = Arc::make_mut(&mut state.runs);
        let Some(first) = old.first() else {
            return false;
        };
        let Some(at) = runs.iter().position(|run| Arc::ptr_eq(run, first)) else {
            return false;
        };
        let there = runs.get(at..at + old.len()).unwrap_or_default();
        let same =
            there.len() == old.len() && there.iter().zip(old).all(|(a, b)| Arc::ptr_eq(a, b));
        if same {
            runs.splice(at..at + old.len(), new);
        }
        same
    }

    pub fn snapshot(&self) -> Snapshot {
        let state = self.read();
        let sorted = |table: &Table| {
            let mut entries: Vec<(Key, At)> =
                table.iter().map(|(key, at)| (key.clone(), *at)).collect();
            entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            entries
        };
        let frozen = state.frozen.as_ref().map(|frozen| &frozen.table);
        Snapshot {
            tables: [Some(&state.table), frozen]
                .into_iter()
                .flatten()
                .map(sorted)
                .collect(),
            runs: state.runs.iter().rev().map(Arc::clone).collect(),
        }
    }
}
