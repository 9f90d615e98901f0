//! Every way in which threads may meet, tried by the ten thousand.
//!
//! The sources themselves are compiled here once more, with `sync` as it stands below: the locks,
//! atomics and threads of shuttle. Its scheduler decides at each of them who goes on, at random, or
//! by priorities that change a few times (PCT, Burckhardt et al., ASPLOS 2010, which finds what
//! takes few switches). A thread that nobody wakes is a deadlock, and found as well. Memory is
//! taken for sequentially consistent: what a weaker order may do is not tried.
//!
//! | file | what must hold |
//! | --- | --- |
//! | `register` | of a key: what is read was so at some moment of the read |
//! | `stores` | that, through the cache, the filter, the tiers and expiry; of wrappers that are wrong, not |
//! | `commits` | each write committed once, acknowledged after that, and nobody left asleep |
//! | `pack` | of `pack`: what is there is found, and nothing that is done meanwhile is undone |
//! | `synced` | no sync says that what was lost is on disk |
//!
//! `CAIRN_SCHEDULES` sets how many are tried of each, `CAIRN_SEED` repeats a run. A schedule that
//! fails is printed; `shuttle::replay` goes through it again.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    missing_docs
)]

mod engine {
    pub use persistent::engine::{Options, Stretch};
}

mod hold {
    pub use persistent::hold::Hold;
}

mod sync {
    pub type RandomState = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;
    pub use shuttle::sync::{
        Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic,
    };
    pub use shuttle::thread;
}

#[path = "../../src/bounded.rs"]
mod bounded;

#[path = "../../src/group.rs"]
mod group;

#[path = "../../src/live/unsynced.rs"]
mod unsynced;

mod commits;
mod pack;
mod register;
mod stores;
mod synced;
mod wrappers;

use std::panic::{self, AssertUnwindSafe};

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, FailurePersistence, Runner};

fn config(persistence: FailurePersistence) -> Config {
    let mut config = Config::new();
    config.stack_size = 256 << 10;
    config.silence_warnings = true;
    config.failure_persistence = persistence;
    config
}

/// Tries `run` under this many schedules, half of them at random.
fn schedules(count: usize, seed: u64, persistence: FailurePersistence, run: fn()) {
    let random = RandomScheduler::new_from_seed(seed, count.div_ceil(2));
    Runner::new(random, config(persistence.clone())).run(run);
    let pct = PctScheduler::new_from_seed(seed, 3, count / 2);
    Runner::new(pct, config(persistence)).run(run);
}

/// What must hold under all of them.
fn holds(name: &str, run: fn()) {
    holds_in(
        testkit::run::count("CAIRN_SCHEDULES", 10_000, 1_000_000),
        name,
        run,
    );
}

/// What must hold under so many.
fn holds_in(count: usize, name: &str, run: fn()) {
    let seed = testkit::run::seed(name);
    let mut trial = testkit::Trial::new("schedules", name, seed);
    trial.one();
    schedules(count, seed, FailurePersistence::Print, run);
    trial.many(count as u64 - 1);
    trial.end("one half at random, one half with three changes of priority");
}

/// What is wrong, and must be found out by one of them.
fn is_caught(name: &str, run: fn()) {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let end = panic::catch_unwind(AssertUnwindSafe(|| {
        schedules(10_000, 1, FailurePersistence::None, run)
    }));
    panic::set_hook(hook);
    assert!(end.is_err(), "{name} goes unnoticed in 10,000 schedules");
}
