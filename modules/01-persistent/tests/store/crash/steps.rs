//! What is written to a store on a crash disk, and what may be there after a cut.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use block_cid::Block;
use bytes::Bytes;
use datastore::{Batch, Datastore, Key, Op};
use persistent::{Config, Durability, Kind, Persistent};
use tempfile::TempDir;
use testkit::Rng;
use testkit::crash::CrashDisk;
use testkit::mount::in_memory;

use crate::history::{State, look};

/// Steps that follow from a seed, and the state after each.
pub struct Steps {
    batches: Vec<Batch>,
    states: Vec<State>,
}

fn block(seed: u64, step: u64, m: u64) -> (Key, Block) {
    let mut rng = Rng::of(seed, &[step, m]);
    let len = match rng.below(20) {
        0 => rng.below(20_000),
        1..8 => rng.below(1_500),
        // One length again and again, as blocks of files have it: the file engine prepares for it.
        _ => 1_200,
    };
    let mut bytes = format!("{seed} {step} {m} ").into_bytes();
    bytes.extend(rng.bytes((len as usize).saturating_sub(bytes.len())));
    let block = Block::raw(bytes);
    (Key::block(&block.cid().hash().to_bytes()).unwrap(), block)
}

fn other(name: u64) -> Key {
    Key::new(&format!("/pins/{name}")).unwrap()
}

fn batch(seed: u64, step: u64) -> Batch {
    let mut rng = Rng::of(seed, &[step]);
    let mut batch = Batch::new();
    let put = |batch: &mut Batch, step, m| {
        let (key, block) = block(seed, step, m);
        batch.put(key, block.data().clone());
    };
    let earlier = rng.below(step.max(1));
    match rng.below(12) {
        0..5 => put(&mut batch, step, 0),
        5 => put(&mut batch, earlier, 0),
        6..8 => batch.delete(block(seed, earlier, 0).0),
        8 => batch.put(other(step % 6), format!("version {step}")),
        9 => {
            batch.delete(other(earlier % 6));
            batch.delete(block(seed, earlier, 1).0);
        }
        // So many that the file engine flushes them all at once, or each by itself.
        _ => {
            for m in 0..if rng.once_in(2) { 10 } else { 3 } {
                put(&mut batch, step, m);
            }
            batch.delete(block(seed, earlier, 2).0);
            batch.put(other(100), format!("batch {step}"));
        }
    }
    batch
}

impl Steps {
    pub fn of(seed: u64, count: u64) -> Steps {
        let batches: Vec<Batch> = (0..count).map(|step| batch(seed, step)).collect();
        let mut states = vec![State::new()];
        for batch in &batches {
            let mut state = states.last().unwrap().clone();
            crate::history::apply(batch, &mut state);
            states.push(state);
        }
        Steps { batches, states }
    }

    pub fn count(&self) -> usize {
        self.batches.len()
    }

    /// Takes step `n`.
    pub fn run(&self, n: usize, store: &Persistent) -> datastore::Result<()> {
        store.apply(self.batches[n].clone())
    }

    /// The last step after which the store was `found` so, of those from `promised` to `reached`.
    pub fn position(&self, found: &State, promised: usize, reached: usize) -> Option<usize> {
        (promised..=reached)
            .rev()
            .find(|n| self.states[*n] == *found)
    }

    /// Whether `key` is there after some step from `promised` to `reached`.
    pub fn have(&self, key: &Key, promised: usize, reached: usize) -> bool {
        let may = &self.states[promised..=reached];
        may.iter().any(|state| state.contains_key(key))
    }

    /// Whether `found` may be there when `promised` steps are promised and `reached` were begun:
    /// where batches are `atomic` the state after one of these, else each key as after one.
    pub fn fits(
        &self,
        found: &State,
        promised: usize,
        reached: usize,
        atomic: bool,
    ) -> Result<(), String> {
        let may = &self.states[promised..=reached];
        if atomic {
            return match self.position(found, promised, reached) {
                Some(_) => Ok(()),
                None => Err(format!("no state from step {promised} to {reached}")),
            };
        }
        let keys: BTreeSet<&Key> = may.iter().chain([found]).flat_map(State::keys).collect();
        for key in keys {
            let is = found.get(key);
            if !may.iter().any(|state| state.get(key) == is) {
                return Err(format!(
                    "{key}: {:?} bytes are there, {:?} after step {promised}, {:?} after step {reached}",
                    is.map(|value| value.len()),
                    may[0].get(key).map(|value| value.len()),
                    may[may.len() - 1].get(key).map(|value| value.len()),
                ));
            }
        }
        Ok(())
    }
}

impl Steps {
    /// Whether `found` has what the steps `done` left, where each of the others may have been done
    /// or not: each key as its last step that was done left it, or as a later one would.
    pub fn fits_any(&self, found: &State, done: &[usize]) -> Result<(), String> {
        let mut may: BTreeMap<&Key, Vec<Option<&Bytes>>> = BTreeMap::new();
        for (n, batch) in self.batches.iter().enumerate() {
            let mut last: BTreeMap<&Key, Option<&Bytes>> = BTreeMap::new();
            for op in batch.ops() {
                match op {
                    Op::Put(key, value) => last.insert(key, Some(value)),
                    Op::Delete(key) => last.insert(key, None),
                };
            }
            for (key, value) in last {
                let values = may.entry(key).or_insert_with(|| vec![None]);
                if done.contains(&n) {
                    values.clear();
                }
                values.push(value);
            }
        }
        if let Some(key) = found.keys().find(|key| !may.contains_key(key)) {
            return Err(format!("{key} was never written"));
        }
        match may
            .iter()
            .find(|(key, values)| !values.contains(&found.get(**key)))
        {
            None => Ok(()),
            Some((key, _)) => Err(format!(
                "{key} is lost or wrong: {:?} bytes after {} steps",
                found.get(*key).map(Bytes::len),
                done.len()
            )),
        }
    }
}

/// Where a store on a crash disk has its lock, and how it is opened.
pub struct Place {
    pub kind: Kind,
    durability: Durability,
    dir: TempDir,
}

impl Place {
    pub fn new(kind: Kind, durability: Durability) -> Place {
        let dir = in_memory();
        Place {
            kind,
            durability,
            dir,
        }
    }

    /// An empty disk that has the folder that the store is to be in.
    pub fn disk(&self) -> CrashDisk {
        use datastore::Disk;
        let disk = CrashDisk::new();
        disk.make_dir(self.dir.path()).unwrap();
        disk
    }

    fn config(&self, disk: &CrashDisk) -> Config {
        crate::config(self.kind, self.dir.path())
            .with_durability(self.durability)
            .with_disk(disk.shared())
    }

    pub fn open(&self, disk: &CrashDisk) -> Result<Persistent, persistent::Error> {
        // The lock is the system's own, so that its folder is, too.
        fs::create_dir_all(self.dir.path().join("store")).unwrap();
        Persistent::open(&self.config(disk))
    }

    /// Opens the store as after a power cut.
    pub fn restart(&self, disk: &CrashDisk) -> Result<Persistent, String> {
        let store = self.dir.path().join("store");
        fs::create_dir_all(&store).unwrap();
        // The system has noted that the last holder did not close it.
        fs::write(store.join("lock"), "pid 1\n").unwrap();
        self.open(disk).map_err(|e| crate::chain(&e))
    }

    /// Everything in the store. A damaged block is as good as absent where nothing was promised
    /// of it, and an error where everything is.
    pub fn found(&self, store: &Persistent) -> Result<State, String> {
        let (found, damaged) = look(store)?;
        match damaged.first() {
            Some(key) if self.durability == Durability::Each => Err(format!("{key} is damaged")),
            _ => Ok(found),
        }
    }
}
