//! A laboratory that kills a writing child at any moment.
//!
//! ```text
//! child:  open ─ ready ─ step ─ ack ─ step ─ ack ─ st✗        SIGKILL after a random number of
//! parent:                        `──── `──── pipe ──┘         microseconds
//!         open, and compare what is there with what was acknowledged
//! ```
//!
//! The program under test says `ready` when it is open, and an acknowledgement after each step
//! that returned. What a step does must follow from the seed alone, so that the parent knows what
//! was acknowledged, and what the one step in flight may have done.

use std::time::Duration;

use crate::{Child, Rng};

/// When children are killed.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// One child in so many is killed while it starts, the others after they said `ready`.
    pub early_once_in: u64,
    /// How long after its start at most.
    pub starting: Duration,
    /// How long after `ready` at most.
    pub working: Duration,
}

impl Default for Moments {
    /// One in four within 40 ms of its start, the others within 50 ms of `ready`: a round of a
    /// tenth of a second on the whole, with a few dozen steps in it.
    fn default() -> Moments {
        Moments {
            early_once_in: 4,
            starting: Duration::from_millis(40),
            working: Duration::from_millis(50),
        }
    }
}

/// Kills `child` at a random moment, and gives all that it said.
pub fn at_random(child: Child, rng: &mut Rng, moments: &Moments) -> Vec<String> {
    if rng.once_in(moments.early_once_in) {
        at(&child, rng, moments.starting);
    } else {
        child.wait_for(|line| line == "ready");
        at(&child, rng, moments.working);
    }
    child.kill()
}

/// Returns at a random moment from now on, or when `child` ends before it.
///
/// The wait is for a time and not for an event, because the time is the fault: any microsecond
/// may be the one in which a process dies.
pub fn at(child: &Child, rng: &mut Rng, within: Duration) {
    let after = rng.below(within.as_micros() as u64);
    child.ended_within(Duration::from_micros(after));
}
