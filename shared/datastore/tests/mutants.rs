//! Every check of the contract catches a store that breaks its promise.
//!
//! Each mutant is `MemStore` with one thing wrong. A mutant must be caught by the check that
//! stands beside it, and each check must have a mutant of its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, MemStore, Op, Result, contract};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    CutsLongValues,
    InventsAnEmptyValue,
    KeepsTheFirst,
    DeletesSiblings,
    DeleteOfAbsentFails,
    EmptyIsAbsent,
    RangePastTheEndFails,
    SortsGetMany,
    QueriesByTextPrefix,
    GivesBlocksFirst,
    EnumeratesOnePage,
    KeysForgetsOne,
    EnumeratesLive,
    BatchDeletesLast,
    RemembersTheBuffer,
    LosesUnderThreads,
    WritesInTwoSteps,
    SyncFails,
    AnswersWhenClosed,
}
use Wrong::*;

const MUTANTS: &[(Wrong, &str)] = &[
    (CutsLongValues, "what_was_put_is_what_is_got"),
    (InventsAnEmptyValue, "an_absent_key_is_none"),
    (KeepsTheFirst, "a_later_put_replaces"),
    (DeletesSiblings, "a_delete_forgets"),
    (DeleteOfAbsentFails, "delete_is_idempotent"),
    (EmptyIsAbsent, "has_and_size_agree_with_get"),
    (RangePastTheEndFails, "a_range_is_cut_where_the_value_ends"),
    (SortsGetMany, "get_many_answers_in_order"),
    (QueriesByTextPrefix, "a_query_gives_strict_children_once"),
    (GivesBlocksFirst, "other_keys_come_first_and_in_order"),
    (EnumeratesOnePage, "blocks_are_enumerated"),
    (KeysForgetsOne, "keys_agree_with_query"),
    (EnumeratesLive, "a_query_under_writes_gives_what_stays"),
    (BatchDeletesLast, "a_batch_is_its_writes_in_order"),
    (RemembersTheBuffer, "the_callers_buffer_is_not_kept"),
    (LosesUnderThreads, "many_threads_may_call_at_once"),
    (WritesInTwoSteps, "a_get_sees_a_whole_value_or_none"),
    (SyncFails, "sync_and_disk_usage_answer"),
    (AnswersWhenClosed, "use_after_close_is_a_typed_error"),
];

struct Mutant {
    wrong: Wrong,
    inner: MemStore,
    calls: AtomicUsize,
    // Stands for a kept reference to the last buffer put.
    last: std::sync::Mutex<Option<Key>>,
}

impl Mutant {
    fn new(wrong: Wrong) -> Mutant {
        Mutant {
            wrong,
            inner: MemStore::new(),
            calls: AtomicUsize::new(0),
            last: std::sync::Mutex::new(None),
        }
    }

    fn is(&self, wrong: Wrong) -> bool {
        self.wrong == wrong
    }
}

impl Datastore for Mutant {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let got = self.inner.get(key);
        if self.is(WritesInTwoSteps) {
            self.calls.fetch_add(1, SeqCst);
        }
        match self.wrong {
            InventsAnEmptyValue => Ok(Some(got?.unwrap_or_default())),
            // Safe Rust cannot keep the reference; what a caller would see is its new content.
            RemembersTheBuffer if self.last.lock().unwrap().is_some() => {
                Ok(got?.map(|_| Bytes::from_static(b"after!")))
            }
            AnswersWhenClosed => Ok(got.unwrap_or_default()),
            _ => got,
        }
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        *self.last.lock().unwrap() = Some(key.clone());
        match self.wrong {
            CutsLongValues => self.inner.put(key, &value[..value.len().min(1 << 20)]),
            KeepsTheFirst if self.inner.has(key)? => Ok(()),
            LosesUnderThreads if self.calls.fetch_add(1, SeqCst) % 50 == 49 => Ok(()),
            WritesInTwoSteps => {
                self.inner.put(key, &value[..value.len() / 2])?;
                // Forces the interleaving: goes on once a reader has looked, if there is one.
                let (before, since) = (self.calls.load(SeqCst), Instant::now());
                while self.calls.load(SeqCst) < before + 2 && since.elapsed().as_millis() < 50 {
                    std::thread::yield_now();
                }
                self.inner.put(key, value)
            }
            _ => self.inner.put(key, value),
        }
    }

    fn delete(&self, key: &Key) -> Result<()> {
        match self.wrong {
            DeleteOfAbsentFails if !self.inner.has(key)? => Err(Error::InvalidKey {
                key: key.to_string(),
                reason: "not found",
            }),
            DeletesSiblings => {
                for sibling in self.inner.keys(&Key::root())? {
                    let sibling = sibling?;
                    if sibling.as_bytes().starts_with(key.as_bytes()) {
                        self.inner.delete(&sibling)?;
                    }
                }
                Ok(())
            }
            _ => self.inner.delete(key),
        }
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        match self.wrong {
            QueriesByTextPrefix => {
                let prefix = prefix.clone();
                Ok(Box::new(self.inner.query(&Key::root())?.filter(
                    move |entry| {
                        entry
                            .as_ref()
                            .is_ok_and(|e| e.0.as_bytes().starts_with(prefix.as_bytes()))
                    },
                )))
            }
            GivesBlocksFirst => {
                let mut all: Vec<_> = self.inner.query(prefix)?.collect::<Result<_>>()?;
                all.sort_by_key(|(key, _)| key.as_block().is_none());
                Ok(Box::new(all.into_iter().map(Ok)))
            }
            EnumeratesOnePage => Ok(Box::new(self.inner.query(prefix)?.take(256))),
            EnumeratesLive => {
                // A cursor that counts positions: a delete before it makes it skip.
                let prefix = prefix.clone();
                let mut at = 0;
                Ok(Box::new(std::iter::from_fn(move || {
                    let entry = self.inner.query(&prefix).ok()?.nth(at);
                    at += 1;
                    entry
                })))
            }
            _ => self.inner.query(prefix),
        }
    }

    fn has(&self, key: &Key) -> Result<bool> {
        match self.wrong {
            EmptyIsAbsent => Ok(self.inner.size(key)?.is_some_and(|size| size > 0)),
            _ => self.inner.has(key),
        }
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        match self.wrong {
            RangePastTheEndFails if self.inner.size(key)?.is_some_and(|s| range.end > s) => {
                Err(Error::InvalidKey {
                    key: key.to_string(),
                    reason: "range past the end",
                })
            }
            _ => self.inner.get_range(key, range),
        }
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        match self.wrong {
            SortsGetMany => {
                let sorted: BTreeSet<&Key> = keys.iter().collect();
                sorted.into_iter().map(|key| self.inner.get(key)).collect()
            }
            _ => self.inner.get_many(keys),
        }
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        let skip = usize::from(self.is(KeysForgetsOne));
        Ok(Box::new(
            self.query(prefix)?
                .skip(skip)
                .map(|entry| entry.map(|(key, _)| key)),
        ))
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        match self.wrong {
            BatchDeletesLast => {
                let (puts, deletes): (Vec<_>, Vec<_>) =
                    batch.into_iter().partition(|op| matches!(op, Op::Put(..)));
                self.inner.apply(puts.into_iter().chain(deletes).collect())
            }
            _ => self.inner.apply(batch),
        }
    }

    fn sync(&self) -> Result<()> {
        match self.wrong {
            SyncFails => Err(Error::Closed),
            _ => self.inner.sync(),
        }
    }

    fn disk_usage(&self) -> Result<u64> {
        self.inner.disk_usage()
    }

    fn close(&self) -> Result<()> {
        self.inner.close()
    }
}

fn catches(check: fn(Arc<dyn Datastore>), wrong: Wrong) -> bool {
    panic::catch_unwind(AssertUnwindSafe(|| check(Arc::new(Mutant::new(wrong))))).is_err()
}

#[test]
fn every_check_catches_its_mutant() {
    let checked: BTreeSet<&str> = MUTANTS.iter().map(|(_, check)| *check).collect();
    let all: BTreeSet<&str> = contract::CHECKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(checked, all, "each check has a mutant");

    // The panics below are wanted; their messages would only hide a real failure.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let missed: Vec<_> = MUTANTS
        .iter()
        .filter(|(wrong, check)| {
            let (_, check) = contract::CHECKS
                .iter()
                .find(|(name, _)| name == check)
                .unwrap();
            // A race needs a few tries to show.
            !(0..20).any(|_| catches(*check, *wrong))
        })
        .collect();
    panic::set_hook(hook);
    assert!(missed.is_empty(), "not caught: {missed:?}");
    println!("{} mutants, each caught by its check", MUTANTS.len());
}
