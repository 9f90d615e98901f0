//! Whoever wants the files of a store to stay where they are holds compaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a compaction looks at before each step. Copies of it are the same.
#[derive(Clone, Debug, Default)]
pub struct Hold(Arc<Mutex<usize>>);

impl Hold {
    /// Holds compaction until what is given back is dropped. A step that is being taken ends first.
    pub fn hold(&self) -> Held {
        *self.lock() += 1;
        Held(self.clone())
    }

    /// Leave for one step, as long as what is given back lives; `None` while it is held.
    pub fn leave(&self) -> Option<impl Sized> {
        Some(self.lock()).filter(|holders| **holders == 0)
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds compaction while it lives.
#[derive(Debug)]
#[must_use = "it is held for as long as this lives"]
pub struct Held(Hold);

impl Drop for Held {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_held_until_the_last_lets_go() {
        let hold = Hold::default();
        assert!(hold.leave().is_some());
        let (one, other) = (hold.hold(), hold.clone().hold());
        assert!(hold.leave().is_none());
        drop(one);
        assert!(hold.leave().is_none());
        drop(other);
        assert!(hold.leave().is_some());
    }

    #[test]
    fn who_holds_it_waits_for_the_step() {
        let hold = Hold::default();
        let done = std::sync::atomic::AtomicBool::new(false);
        let leave = hold.leave();
        std::thread::scope(|scope| {
            let holder = scope.spawn(|| {
                let _held = hold.hold();
                assert!(done.load(std::sync::atomic::Ordering::SeqCst));
            });
            std::thread::yield_now();
            done.store(true, std::sync::atomic::Ordering::SeqCst);
            drop(leave);
            holder.join().expect("the step was over");
        });
    }
}
