//! What a writer does, known beforehand, and what may be there when it was stopped.
//!
//! Each thread of a writer takes numbered steps that follow from a seed. After `n` steps its part
//! of the store is the state `S(n)`. If `durable` steps are promised and `reached` were begun,
//! then what is there must be `S(k)` for some `durable <= k <= reached`, exactly: a value too
//! few is a loss, a value too many is a delete that came back, and a batch of which a part is
//! there is neither `S(k)` nor `S(k + 1)`. Where batches are not atomic each key by itself may be
//! as in one of the two.

use std::collections::{BTreeMap, BTreeSet};

use block_cid::{Block, Blockstore, Cid, Multihash, codec};
use bytes::Bytes;
use datastore::{Batch, Datastore, Key, Op};
use persistent::Persistent;
use testkit::Rng;

pub type State = BTreeMap<Key, Bytes>;

/// One step of one thread.
pub struct Step(Batch);

/// The block number `m` of a step; no two are alike.
fn block(seed: u64, thread: u64, step: u64, m: u64) -> Block {
    let mut rng = Rng::of(seed, &[thread, step, m]);
    let len = match rng.below(16) {
        0 => rng.below(100_000),
        1 => 0,
        2..10 => rng.below(6_000),
        // One length again and again, as blocks of files have it: the file engine prepares for it.
        _ => 4_096,
    };
    let mut bytes = format!("{seed} {thread} {step} {m} ").into_bytes();
    bytes.extend(rng.bytes((len as usize).saturating_sub(bytes.len())));
    Block::raw(bytes)
}

fn key_of(block: &Block) -> Key {
    Key::block(&block.cid().hash().to_bytes()).unwrap()
}

fn other(thread: u64, name: u64) -> Key {
    Key::new(&format!("/thread/{thread}/{name}")).unwrap()
}

impl Step {
    pub fn of(seed: u64, thread: u64, step: u64) -> Step {
        let mut rng = Rng::of(seed, &[thread, step]);
        let mut batch = Batch::new();
        let put = |batch: &mut Batch, step, m| {
            let block = block(seed, thread, step, m);
            batch.put(key_of(&block), block.data().clone());
        };
        let earlier = rng.below(step.max(1));
        match rng.below(10) {
            0..5 => put(&mut batch, step, 0),
            5 => put(&mut batch, earlier, 0),
            6 => batch.delete(key_of(&block(seed, thread, earlier, 0))),
            7 => batch.put(other(thread, step % 8), format!("version {step}")),
            _ => {
                for m in 0..2 + rng.below(5) {
                    put(&mut batch, step, m);
                }
                batch.delete(key_of(&block(seed, thread, earlier, 0)));
                batch.put(other(thread, 100), format!("batch {step}"));
                batch.delete(other(thread, earlier % 8));
            }
        }
        Step(batch)
    }

    /// Takes the step: single blocks through the block layer, the rest as it is.
    pub fn run(&self, store: &Persistent) -> Result<(), Box<dyn std::error::Error>> {
        match self.0.ops() {
            [Op::Put(key, value)] if key.as_block().is_some() => {
                Ok(store.blocks().put(&Block::raw(value.clone()))?)
            }
            [Op::Put(key, value)] => Ok(store.put(key, value)?),
            [Op::Delete(key)] => Ok(store.delete(key)?),
            _ => Ok(store.apply(self.0.clone())?),
        }
    }

    /// The bytes of the values that it leaves, which must be written for it to be on disk, unless they
    /// are `there`. What it puts and deletes need never be.
    pub fn least_bytes(&self, there: &State) -> u64 {
        let mut left = State::new();
        self.on(&mut left);
        let missing = left
            .iter()
            .filter(|(key, value)| there.get(*key) != Some(*value));
        missing.map(|(_, value)| value.len() as u64).sum()
    }

    /// What it makes of a state.
    pub fn on(&self, state: &mut State) {
        apply(&self.0, state);
    }
}

/// What `batch` makes of a state.
pub fn apply(batch: &Batch, state: &mut State) {
    for op in batch.ops() {
        match op {
            Op::Put(key, value) => state.insert(key.clone(), value.clone()),
            Op::Delete(key) => state.remove(key),
        };
    }
}

/// How what is there is compared with what may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The state after some step.
    Atomic,
    /// Each key as after one step or the next.
    EachKey,
    /// Each key as after any step that is not promised: writes that were not flushed may reach
    /// the disk in any order.
    AnyOrder,
}

/// The steps of some threads, and how far each is known to have come.
pub struct History {
    seed: u64,
    known: Vec<(u64, State)>,
}

impl History {
    pub fn new(seed: u64, threads: usize) -> History {
        History {
            seed,
            known: vec![(0, State::new()); threads],
        }
    }

    /// The steps from which each thread goes on; doing one again that is done changes nothing.
    pub fn known(&self) -> Vec<u64> {
        self.known.iter().map(|(step, _)| *step).collect()
    }

    /// Compares `found` with what may be there when `durable` steps of each thread are promised
    /// and `reached` were begun. From then on the steps that are there are known.
    pub fn check(
        &mut self,
        found: &State,
        durable: &[u64],
        reached: &[u64],
        rule: Rule,
    ) -> Result<(), String> {
        let mut strangers: BTreeSet<Key> = found.keys().cloned().collect();
        for thread in 0..self.known.len() {
            let (from, base) = self.known[thread].clone();
            let (durable, reached) = (durable[thread].max(from), reached[thread].max(from));
            let mut states = Vec::new();
            let mut state = base;
            for step in from..=reached {
                if step >= durable {
                    states.push(state.clone());
                }
                if step < reached {
                    Step::of(self.seed, thread as u64, step).on(&mut state);
                }
            }
            let keys: BTreeSet<Key> = states.iter().flat_map(State::keys).cloned().collect();
            strangers.retain(|key| !keys.contains(key));
            let fits = |key: &Key, among: &[State]| {
                among.iter().any(|state| state.get(key) == found.get(key))
            };
            let at = match rule {
                Rule::Atomic => states
                    .iter()
                    .position(|state| keys.iter().all(|key| state.get(key) == found.get(key))),
                Rule::EachKey => (0..states.len()).find(|at| {
                    let two = &states[*at..(*at + 2).min(states.len())];
                    keys.iter().all(|key| fits(key, two))
                }),
                Rule::AnyOrder => keys.iter().all(|key| fits(key, &states)).then_some(0),
            };
            let Some(at) = at else {
                return Err(self.explain(thread, &states, durable, found));
            };
            self.known[thread] = (durable + at as u64, states.swap_remove(at));
        }
        match strangers.first() {
            None => Ok(()),
            Some(key) => Err(format!(
                "{} keys are there that were deleted, or never written, such as {key}",
                strangers.len()
            )),
        }
    }

    fn explain(&self, thread: usize, states: &[State], durable: u64, found: &State) -> String {
        let mut text = format!(
            "thread {thread}: what is there is no state from step {durable} to {}:",
            durable + states.len() as u64 - 1
        );
        let (Some(first), Some(last)) = (states.first(), states.last()) else {
            return text;
        };
        let keys: BTreeSet<&Key> = states.iter().flat_map(|state| state.keys()).collect();
        for key in keys {
            let len = |state: &State| state.get(key).map(Bytes::len);
            if first.get(key) != last.get(key) || found.get(key) != first.get(key) {
                text += &format!(
                    "\n  {key}: {:?} bytes found, {:?} promised, {:?} in the last step{}",
                    len(found),
                    len(first),
                    len(last),
                    if states.iter().any(|s| s.get(key) == found.get(key)) {
                        ""
                    } else {
                        "  <-- LOST OR WRONG"
                    }
                );
            }
        }
        text
    }
}

/// Everything in the store, by enumeration, and each value read once more by its key; blocks
/// through the block layer, which hashes them.
pub fn all(store: &Persistent) -> Result<State, String> {
    match look(store)? {
        (found, damaged) if damaged.is_empty() => Ok(found),
        (_, damaged) => Err(format!(
            "{} damaged blocks, such as {}",
            damaged.len(),
            damaged[0]
        )),
    }
}

/// As [`all`], with the keys of blocks that are there but damaged, and known to be so.
pub fn look(store: &Persistent) -> Result<(State, Vec<Key>), String> {
    let mut found = State::new();
    let mut damaged = Vec::new();
    let blocks = store.blocks();
    for entry in store.query(&Key::root()).map_err(|e| crate::chain(&e))? {
        let (key, value) = entry.map_err(|e| crate::chain(&e))?;
        let again = match key.as_block() {
            Some(hash) => {
                let hash = Multihash::from_bytes(hash).map_err(|e| crate::chain(&e))?;
                match blocks.get(&Cid::new_v1(codec::RAW, hash)) {
                    Err(block_cid::Error::Corrupt { .. }) => {
                        damaged.push(key);
                        continue;
                    }
                    got => got
                        .map_err(|e| crate::chain(&e))?
                        .map(|block| block.data().clone()),
                }
            }
            None => store.get(&key).map_err(|e| crate::chain(&e))?,
        };
        if again.as_ref() != Some(&value) {
            return Err(format!(
                "{key} is enumerated with bytes that get does not give"
            ));
        }
        if found.insert(key.clone(), value).is_some() {
            return Err(format!("{key} is enumerated twice"));
        }
    }
    Ok((found, damaged))
}

/// The checks catch what they are for.
mod proof {
    use super::*;

    fn states(upto: u64) -> Vec<State> {
        let mut state = State::new();
        let mut states = vec![state.clone()];
        for step in 0..upto {
            Step::of(5, 0, step).on(&mut state);
            states.push(state.clone());
        }
        states
    }

    fn check(found: &State, durable: u64, reached: u64, rule: Rule) -> Result<(), String> {
        History::new(5, 1).check(found, &[durable], &[reached], rule)
    }

    #[test]
    fn every_state_between_promised_and_reached_passes_and_no_other() {
        let states = states(40);
        for rule in [Rule::Atomic, Rule::EachKey, Rule::AnyOrder] {
            for (k, state) in states.iter().enumerate() {
                let fits = (20..=30).contains(&k) || states[20..=30].contains(state);
                let passes = check(state, 20, 30, rule).is_ok();
                if rule == Rule::AnyOrder && !fits {
                    // A state outside may be made of parts that are inside.
                    continue;
                }
                assert_eq!(passes, fits, "{rule:?} after {k} steps");
            }
        }
    }

    #[test]
    fn a_lost_value_a_changed_one_and_a_stranger_are_caught() {
        let states = states(30);
        for rule in [Rule::Atomic, Rule::EachKey, Rule::AnyOrder] {
            let whole = &states[30];
            assert!(check(whole, 30, 30, rule).is_ok());
            for key in whole.keys() {
                let mut lost = whole.clone();
                lost.remove(key);
                assert!(
                    check(&lost, 30, 30, rule).is_err(),
                    "{rule:?} without {key}"
                );
                let mut wrong = whole.clone();
                wrong.insert(key.clone(), Bytes::from_static(b"wrong"));
                assert!(
                    check(&wrong, 30, 30, rule).is_err(),
                    "{rule:?}: {key} wrong"
                );
            }
            let mut more = whole.clone();
            let deleted = states
                .iter()
                .flat_map(|s| s.iter())
                .find(|(key, _)| !whole.contains_key(*key));
            let (key, value) = deleted.unwrap();
            more.insert(key.clone(), value.clone());
            let error = check(&more, 30, 30, rule).unwrap_err();
            assert!(error.contains("deleted, or never written"), "{error}");
        }
    }

    #[test]
    fn a_part_of_a_batch_passes_only_where_batches_are_not_atomic() {
        let states = states(60);
        let batch = (0..60)
            .find(|step| Step::of(5, 0, *step as u64).0.len() > 3)
            .unwrap();
        let (before, after) = (&states[batch], &states[batch + 1]);
        let new = after.keys().find(|key| !before.contains_key(*key)).unwrap();
        let mut part = before.clone();
        part.insert(new.clone(), after[new].clone());
        let n = batch as u64;
        assert!(check(&part, n, n + 1, Rule::Atomic).is_err());
        assert!(check(&part, n, n + 1, Rule::EachKey).is_ok());
        assert!(check(&part, n + 1, n + 1, Rule::EachKey).is_err());
    }
}
