//! Blocks that are read before their turn.
//!
//! One thread walks; some others read what it will ask for next. So a walk keeps its order, and yet
//! the disk, the hashing or the network is never waited for one block at a time.

use std::any::Any;
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

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

    fn end(&self) {
        self.lock().1 = true;
        self.changed.notify_all();
    }
}

/// What a reader gave, or the panic that it ended in.
type Read<T> = Result<T, Box<dyn Any + Send>>;

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
            give,
            given,
        }
    }

    /// Whether it is time to say what comes next.
    pub(crate) fn is_low(&self) -> bool {
        self.most > 1 && self.asked.len() <= self.most / 2
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
                let found = catch_unwind(AssertUnwindSafe(|| read(&cid)));
                // Who does not listen any more does not want it.
                let _ = give.send((cid, found));
            }
        }));
    }

    /// What `read` gives for this one: waited for if it was asked for, read here and now if not.
    pub(crate) fn take(&mut self, wanted: &Cid) -> T {
        if !self.asked.remove(wanted) {
            return (self.read)(wanted);
        }
        loop {
            if let Some(read) = self.ready.remove(wanted) {
                return read.unwrap_or_else(|panic| resume_unwind(panic));
            }
            let Ok((cid, read)) = self.given.recv() else {
                // It cannot be: there is a sender in `self`.
                return (self.read)(wanted);
            };
            if cid == *wanted || self.asked.contains(&cid) {
                self.ready.insert(cid, read);
            }
        }
    }

    /// Says that this one is not needed after all.
    pub(crate) fn forget(&mut self, cid: &Cid) {
        self.asked.remove(cid);
        self.ready.remove(cid);
    }
}

impl<T, R> Drop for Ahead<'_, '_, T, R> {
    fn drop(&mut self) {
        self.queue.end();
    }
}
