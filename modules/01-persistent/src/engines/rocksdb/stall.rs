//! Waiting for the threads in the background, without waiting for them in vain.
//!
//! RocksDB makes a writer wait while memory is full. If that is because the disk is full too, it
//! looks every few seconds whether space has come back, and the writer waits until then: for ever,
//! perhaps. So a write is told to come back instead of waiting, and the waiting is done here.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use ::rocksdb::ErrorKind;
use datastore::{Error, Result};

use super::{Db, NAME};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(1);

/// No write waits longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A thread in the background failed, and less than this is free: then it was for lack of space.
/// A table holds what was in memory, 32 MiB and perhaps one large batch, and what was written of it
/// is removed again.
const LACKS_SPACE: u64 = 128 << 20;

/// Does `write` until it is not told to come back.
pub(super) fn insist(db: &Db, write: impl Fn() -> Result<(), ::rocksdb::Error>) -> Result<()> {
    let since = Instant::now();
    loop {
        match write() {
            Err(stall) if stall.kind() == ErrorKind::Incomplete => {
                let failures = db.db.property_int_value("rocksdb.background-errors");
                if failures.is_ok_and(|count| count.is_some_and(|count| count > 0))
                    && fs2::available_space(&db.dir).is_ok_and(|bytes| bytes < LACKS_SPACE)
                {
                    let full = io::Error::new(io::ErrorKind::StorageFull, stall);
                    return Err(Error::io("write", &db.dir, full));
                }
                if since.elapsed() > PATIENCE {
                    return Err(Error::engine(NAME, "write", stall));
                }
                thread::sleep(PAUSE);
            }
            other => return other.map_err(db.failed("write")),
        }
    }
}
