//! Group commit: writers that come at the same time share one flush.
//!
//! A flush takes far longer than the write before it, and one flush can serve many writes. Only
//! RocksDB groups them by itself, so it is done here, above the engine, for all:
//!
//! ```text
//! A ── leads: ───────── write A, flush ─┐        ┌─ B leads: write B C D, one flush ─┐
//! B ──────── queue ── parked ───────────┼─ woken ┤                                   ├─ B, C, D
//! C ─────────── queue ── parked ────────┤        └─ C, D stay parked ────────────────┘  return
//! D ──────────── queue ── parked ───────┘
//! ```
//!
//! A writer that finds nobody at work leads: it writes its own batch and whatever waits, as one
//! batch with one flush. One that comes meanwhile queues and parks, each on its own thread, since
//! waking all from one condition variable costs more than the flush. Who wakes the next leader?
//! The *last* of a group to return: by then the others are on their way to their next write, so
//! the next group is nearly as large as the last.
//!
//! A write is acknowledged by the flush that covered it and by nothing else; if that fails, every
//! writer of the group gets the error.

use std::mem;
use std::sync::Arc;

use datastore::{Batch, Error, Result};

use crate::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use crate::sync::thread::{self, Thread};
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// A group takes no more than this, beyond its first batch: what is merged is held in memory.
const MAX_BYTES: u64 = 32 << 20;

/// Commits batches in groups.
#[derive(Default)]
pub(crate) struct Group {
    queue: Mutex<Queue>,
    commits: AtomicU64,
}

#[derive(Default)]
struct Queue {
    /// Somebody leads, or has been woken to.
    busy: bool,
    waiting: Vec<(Batch, Arc<Ticket>)>,
}

const WAITING: u8 = 0;
const LEAD: u8 = 1;
const DONE: u8 = 2;

/// A writer that waits.
struct Ticket {
    thread: Thread,
    state: AtomicU8,
    outcome: Mutex<Option<(Result<()>, Arc<Round>)>>,
}

/// The writers of one group that have not returned yet.
struct Round(AtomicUsize);

impl Group {
    /// Commits `batch` by `write`, together with those of other threads. `write` gets a batch that
    /// has to be durable when it returns; several calls never overlap.
    pub fn commit(&self, batch: Batch, write: impl Fn(&Batch) -> Result<()>) -> Result<()> {
        let mut queue = self.lock();
        if !queue.busy {
            queue.busy = true;
            drop(queue);
            return self.lead(vec![(batch, None)], write);
        }
        let ticket = Arc::new(Ticket {
            thread: thread::current(),
            state: AtomicU8::new(WAITING),
            outcome: Mutex::new(None),
        });
        queue.waiting.push((batch, Arc::clone(&ticket)));
        drop(queue);
        loop {
            match ticket.state.load(Ordering::Acquire) {
                // A park may return for no reason; the state says whether it was meant.
                WAITING => thread::park(),
                LEAD => return self.lead(Vec::new(), write),
                _ => break,
            }
        }
        let outcome = ticket
            .outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match outcome {
            Some((result, round)) => {
                self.leave(&round);
                result
            }
            // The state becomes DONE after the outcome is set, and only this thread takes it.
            None => Err(Error::Closed),
        }
    }

    /// How often `write` was called; for tests and measurements.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many writers wait for the next group; for tests.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Whether somebody leads, or has been woken to; for tests.
    #[cfg(test)]
    pub fn is_busy(&self) -> bool {
        self.lock().busy
    }

    fn lead(
        &self,
        mut group: Vec<(Batch, Option<Arc<Ticket>>)>,
        write: impl Fn(&Batch) -> Result<()>,
    ) -> Result<()> {
        let own = thread::current().id();
        let mut bytes: u64 = group.iter().map(|(batch, _)| batch.bytes()).sum();
        {
            let mut queue = self.lock();
            let fits = queue.waiting.iter().take_while(|(batch, _)| {
                let first = bytes == 0;
                bytes = bytes.saturating_add(batch.bytes().max(1));
                first || bytes <= MAX_BYTES
            });
            // A leader that was woken is the first in the queue, and always fits.
            let count = fits.count();
            group.extend(
                queue
                    .waiting
                    .drain(..count)
                    .map(|(batch, t)| (batch, Some(t))),
            );
        }
        let results = self.write(&mut group, write);
        let round = Arc::new(Round(AtomicUsize::new(group.len())));
        let mut result = Ok(());
        for ((_, ticket), outcome) in group.into_iter().zip(results) {
            match ticket {
                Some(ticket) if ticket.thread.id() != own => {
                    *ticket
                        .outcome
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner) =
                        Some((outcome, Arc::clone(&round)));
                    ticket.state.store(DONE, Ordering::Release);
                    ticket.thread.unpark();
                }
                _ => result = outcome,
            }
        }
        self.leave(&round);
        result
    }

    /// One outcome for each batch of the group.
    fn write(
        &self,
        group: &mut [(Batch, Option<Arc<Ticket>>)],
        write: impl Fn(&Batch) -> Result<()>,
    ) -> Vec<Result<()>> {
        let commit = |batch: &Batch| {
            self.commits.fetch_add(1, Ordering::Relaxed);
            write(batch)
        };
        if let [(batch, _)] = group {
            return vec![commit(batch)];
        }
        let merged = group
            .iter()
            .flat_map(|(batch, _)| batch.ops().iter().cloned())
            .collect();
        match commit(&merged) {
            // One bad key must not fail the writes of others: each by itself, then.
            Err(Error::InvalidKey { .. } | Error::Unsupported { .. }) => group
                .iter_mut()
                .map(|(batch, _)| commit(&mem::take(batch)))
                .collect(),
            // What is only deleted may be done where the rest has no room.
            Err(full) if full.is_out_of_space() => group
                .iter_mut()
                .map(|(batch, _)| match batch {
                    batch if batch.puts() > 0 => Err(full.clone()),
                    batch => commit(&mem::take(batch)),
                })
                .collect(),
            outcome => group.iter().map(|_| outcome.clone()).collect(),
        }
    }

    /// The last of a round hands on the lead.
    fn leave(&self, round: &Round) {
        if round.0.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let mut queue = self.lock();
        match queue.waiting.first() {
            Some((_, next)) => {
                next.state.store(LEAD, Ordering::Release);
                next.thread.unpark();
            }
            None => queue.busy = false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing that can panic runs under this lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
