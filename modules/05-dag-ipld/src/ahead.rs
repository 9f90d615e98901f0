//! Blocks that are read before their turn.
//!
//! One thread walks; some others read what it will ask for next. So a walk keeps its order, and yet
//! the disk, the hashing or the network is never waited for one block at a time. Where a block is read
//! in less time than another thread needs to be told, the thread that walks reads alone.

use std::any::Any;
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::Cid;

/// What readers are to read, and whether they are still wanted.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<(VecDeque<Cid>, bool)>,
    changed: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, (VecDeque<Cid>, bool)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, cid: Cid) {
        self.lock().0.push_back(cid);
        self.changed.notify_one();
    }

    /// The next, waited for; `None` at the end.
    fn pop(&self) -> Option<Cid> {
        let waits = |state: &mut (VecDeque<Cid>, bool)| state.0.is_empty() && !state.1;
        let state = self.changed.wait_while(self.lock(), waits);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        match state.1 {
            true => None,
            false => state.0.pop_front(),
        }
    }

    /// Takes this one back, if nobody has begun with it.
    fn take_back(&self, cid: &Cid) -> bool {
        let cids = &mut self.lock().0;
        let at = cids.iter().position(|queued| queued == cid);
        at.and_then(|at| cids.remove(at)).is_some()
    }

    fn end(&self) {
        self.lock().1 = true;
        self.changed.notify_all();
    }
}

/// What a reader gave, or the panic that it ended in; and how long it took.
type Read<T> = (Result<T, Box<dyn Any + Send>>, Duration);

/// What it costs to have another thread read a block: two of them are woken.
const HANDOVER: Duration = Duration::from_micros(20);

/// Threads that call `read` ahead of need. Readers are started as they are needed, and end with
/// this.
pub(crate) struct Ahead<'scope, 'env, T, R> {
    scope: &'scope Scope<'scope, 'env>,
    queue: &'env Queue,
    read: &'env R,
    most: usize,
    readers: Vec<ScopedJoinHandle<'scope, ()>>,
    asked: HashSet<Cid>,
    ready: HashMap<Cid, Read<T>>,
    /// How long a block takes, as a moving average.
    pace: Duration,
    give: Sender<(Cid, Read<T>)>,
    given: Receiver<(Cid, Read<T>)>,
}

impl<'scope, 'env, T, R> Ahead<'scope, 'env, T, R>
where
    T: Send + 'scope,
    R: Fn(&Cid) -> T + Sync,
{
    /// At most `most` blocks at a time are read or ready.
    pub(crate) fn new(
        scope: &'scope Scope<'scope, 'env>,
        queue: &'env Queue,
        read: &'env R,
        most: usize,
    ) -> Self {
        let (give, given) = channel();
        Ahead {
            scope,
            queue,
            read,
            most,
            readers: Vec::new(),
            asked: HashSet::new(),
            ready: HashMap::new(),
            pace: Duration::ZERO,
            give,
            given,
        }
    }

    /// Whether it is time to say what comes next, and worth it.
    pub(crate) fn is_low(&self) -> bool {
        self.most > 1 && self.pace > HANDOVER && self.asked.len() <= self.most / 2
    }

    /// Says what comes next.
    pub(crate) fn ask(&mut self, cids: impl Iterator<Item = Cid>) {
        for cid in cids {
            if self.asked.len() >= self.most {
                return;
            }
            if self.asked.insert(cid) {
                self.queue.push(cid);
                if self.readers.len() < self.asked.len() {
                    self.start();
                }
            }
        }
    }

    fn start(&mut self) {
        let (queue, read, give) = (self.queue, self.read, self.give.clone());
        self.readers.push(self.scope.spawn(move || {
            while let Some(cid) = queue.pop() {
                let start = Instant::now();
                let found = catch_unwind(AssertUnwindSafe(|| read(&cid)));
                // Who does not listen any more does not want it.
                let _ = give.send((cid, (found, start.elapsed())));
            }
        }));
    }

    /// What `read` gives for this one: waited for if a reader has begun with it, read here and now if
    /// not.
    pub(crate) fn take(&mut self, wanted: &Cid) -> T {
        let begun = self.asked.remove(wanted) && !self.queue.take_back(wanted);
        if begun && let Some((read, took)) = self.wait(wanted) {
            self.keep_pace(took);
            return read.unwrap_or_else(|panic| resume_unwind(panic));
        }
        let start = Instant::now();
        let read = (self.read)(wanted);
        self.keep_pace(start.elapsed());
        read
    }

    /// What a reader gives for this one. There always is one: it sends a panic, too.
    fn wait(&mut self, wanted: &Cid) -> Option<Read<T>> {
        loop {
            if let Some(read) = self.ready.remove(wanted) {
                return Some(read);
            }
            let (cid, read) = self.given.recv().ok()?;
            // Others were forgotten.
            if cid == *wanted || self.asked.contains(&cid) {
                self.ready.insert(cid, read);
            }
        }
    }

    fn keep_pace(&mut self, took: Duration) {
        self.pace = (self.pace * 7 + took) / 8;
    }

    /// Says that this one is not needed after all.
    pub(crate) fn forget(&mut self, cid: &Cid) {
        if self.asked.remove(cid) {
            self.queue.take_back(cid);
        }
        self.ready.remove(cid);
    }
}

impl<T, R> Drop for Ahead<'_, '_, T, R> {
    fn drop(&mut self) {
        self.queue.end();
    }
}
