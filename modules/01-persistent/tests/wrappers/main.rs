//! What must hold of every wrapper, and of each.
//!
//! | file | what must hold |
//! | --- | --- |
//! | `contract` | the promises of a datastore, of every wrapper |
//! | `forward` | a call arrives below as itself |
//! | `mirror` | no wrapper can be told from the store that it wraps |
//! | `engines` | they do so around every engine |
//! | the others | what the wrapper of that name adds |
//!
//! What threads may do to the cache and the filter is tried in `tests/schedules`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod bloom;
mod cache;
mod contract;
mod engines;
mod faulty;
mod forward;
mod measure;
mod mirror;
mod mount;
mod namespace;
mod readonly;
mod recorder;
mod tiered;
mod ttl;
mod verify;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use datastore::{Datastore, Key};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// The key of a block that is different for each `n`.
fn block(n: u32) -> Key {
    Key::block(&n.wrapping_mul(0x9e37_79b1).to_be_bytes()).unwrap()
}

/// Everything that a store shows, in its order.
fn all(store: &dyn Datastore) -> Vec<Key> {
    let keys = store.keys(&Key::root()).unwrap();
    keys.map(|key| key.unwrap()).collect()
}

/// A clock that goes when it is told to.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, SeqCst);
    }

    fn read(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let Clock(seconds) = self.clone();
        move || UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds.load(SeqCst))
    }
}
