//! The threads in the background, and what they are asked for: one writes the index, the other
//! compacts, which appends to the log and so may have to wait for the first.
//!
//! On a disk of a test there is none, and everything is done at once, in one order.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use datastore::disk::Mode;
use datastore::{Error, Result};

use super::core::{Core, lock};
use super::log::Tail;
use crate::sync::atomic::Ordering::SeqCst;

/// What the threads in the background have to do.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Whether there are such threads; without them everything is done at once, and nothing is
    /// compacted that nobody asked for.
    pub background: bool,
    /// Segments of which most seems not to be needed.
    compact: BTreeSet<u32>,
    /// The one of them that the thread is at.
    compacting: Option<u32>,
    settle: bool,
    write_back: Option<u32>,
    busy: bool,
    stop: bool,
}

impl Queue {
    /// The segments that are to be compacted, or are on their way.
    pub fn due(&self) -> Vec<u32> {
        self.compacting
            .iter()
            .chain(&self.compact)
            .copied()
            .collect()
    }
}

/// The threads.
#[derive(Debug)]
pub(super) struct Worker {
    core: Arc<Core>,
    threads: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Starts them.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no thread to be had.
    pub fn start(core: Arc<Core>) -> Result<Worker> {
        let mut worker = Worker {
            core,
            threads: Vec::new(),
        };
        lock(&worker.core.queue).background = true;
        for (name, work) in [
            ("pack", Core::work as fn(&Core)),
            ("compact", Core::compacts),
        ] {
            let core = Arc::clone(&worker.core);
            let thread = thread::Builder::new().name(name.to_owned());
            let thread = thread.spawn(move || work(&core));
            let dir = worker.core.segments.dir();
            worker
                .threads
                .push(thread.map_err(|e| Error::io("start a thread for", dir, e))?);
        }
        Ok(worker)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.core.stopped.store(true, SeqCst);
        {
            let mut queue = lock(&self.core.queue);
            queue.stop = true;
            queue.background = false;
        }
        self.core.idle.notify_all();
        for thread in self.threads.drain(..) {
            // What it had to say stands in `failed`.
            let _ = thread.join();
        }
    }
}

impl Core {
    fn work(&self) {
        loop {
            let mut queue = lock(&self.queue);
            while !queue.stop && !queue.settle && queue.write_back.is_none() {
                queue = match self.idle.wait(queue) {
                    Ok(queue) => queue,
                    Err(poisoned) => poisoned.into_inner(),
                };
            }
            if queue.stop {
                return;
            }
            let (settle, segment) = (queue.settle, queue.write_back.take());
            queue.settle = false;
            queue.busy = true;
            drop(queue);
            let busy = Busy(self);
            if let Some(segment) = segment {
                self.write_back(segment);
            }
            if settle {
                // One that has no room is tried again with the next table.
                let _ = self.settle();
            }
            drop(busy);
        }
    }

    fn compacts(&self) {
        let _ = self.suspect_once();
        loop {
            let mut queue = lock(&self.queue);
            let number = loop {
                if queue.stop {
                    return;
                }
                if let Some(number) = queue.compact.pop_first() {
                    queue.compacting = Some(number);
                    break number;
                }
                queue = match self.idle.wait(queue) {
                    Ok(queue) => queue,
                    Err(poisoned) => poisoned.into_inner(),
                };
            };
            drop(queue);
            let _ = self.tidy(number);
            lock(&self.queue).compacting = None;
        }
    }

    /// Has a segment compacted in the background, if most of it is not needed.
    pub(super) fn begin_compaction(&self, number: u32) {
        let mut queue = lock(&self.queue);
        if queue.compact.insert(number) && queue.background {
            self.idle.notify_all();
        }
    }

    /// Does what the thread would do next; false if that is nothing.
    #[cfg(test)]
    pub(super) fn compacts_next(&self) -> Result<bool> {
        let number = lock(&self.queue).compact.pop_first();
        number.map_or(Ok(false), |number| self.tidy(number).map(|()| true))
    }

    /// Asks the system to begin writing a segment. By an open file of its own: the system tells an
    /// error once to each, and the one that acknowledges must hear of it.
    pub(super) fn begin_write_back(&self, segment: u32) {
        let mut queue = lock(&self.queue);
        if queue.background {
            queue.write_back = Some(segment);
            self.idle.notify_all();
        }
    }

    fn write_back(&self, segment: u32) {
        let path = self.segments.path(segment);
        if let Ok(file) = self.segments.disk().open(&path, Mode::Read)
            && let Err(error) = file.sync()
        {
            self.fails(Error::io("flush", path, error));
        }
    }

    /// The table becomes a run, and another begins.
    pub(super) fn freeze(&self, tail: &mut Tail) -> Result<()> {
        self.cut_rest(tail)?;
        if !self.index.freeze(tail.end, tail.file.clone()) {
            let mut queue = lock(&self.queue);
            while (queue.settle || queue.busy) && self.index.frozen().is_some() && !queue.stop {
                queue = match self.idle.wait(queue) {
                    Ok(queue) => queue,
                    Err(poisoned) => poisoned.into_inner(),
                };
            }
            drop(queue);
            self.check()?;
            // If the last one found no room, the table grows until there is some.
            if !self.index.freeze(tail.end, tail.file.clone()) {
                return self.begin_settling();
            }
        }
        tail.unindexed = 0;
        self.begin_settling()
    }

    fn begin_settling(&self) -> Result<()> {
        let mut queue = lock(&self.queue);
        if queue.background {
            queue.settle = true;
            self.idle.notify_all();
            return Ok(());
        }
        drop(queue);
        match self.settle() {
            Err(full) if full.is_out_of_space() || full.is_out_of_handles() => Ok(()),
            settled => settled,
        }
    }
}

/// Says when it is dropped that the thread has done, or will do nothing any more.
struct Busy<'a>(&'a Core);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let mut queue = lock(&self.0.queue);
        queue.busy = false;
        if thread::panicking() {
            let end = std::io::Error::other("the thread that writes the index ended");
            let dir = self.0.segments.dir();
            self.0.fails(Error::io("write the index of", dir, end));
            queue.background = false;
            queue.settle = false;
        }
        drop(queue);
        self.0.idle.notify_all();
    }
}
