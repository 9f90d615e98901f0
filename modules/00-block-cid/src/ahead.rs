//! Many batches of blocks, hashed ahead of the store.
//!
//! ```text
//! one core     hash 1   hash 2   hash 3   hash 4
//! another               write 1  write 2  write 3  write 4
//! ```
//!
//! A batch is hashed whole before any of it is written, so that nothing of a wrong one is kept; and hashing
//! takes as long as writing does, or longer. Hashing the next batch meanwhile has both done in the
//! time of the slower one.

use std::sync::mpsc::sync_channel;
use std::thread;

use crate::{Block, Blockstore, Result, prove_all};

/// Puts the blocks of each of these batches, in their order, and hashes those that are not proven
/// while the batch before is written. How many blocks were put.
///
/// At most four batches are in memory: one that is written, one that waits, one that is hashed, one that is made.
///
/// # Errors
/// Of the first batch that has a wrong block, that is [`Error::WrongCid`](crate::Error::WrongCid), or
/// that the store refuses: nothing of it is kept that [`put_many`](Blockstore::put_many) would not
/// keep, nothing of those behind it, and all of those before it.
pub fn put_batches<B: Blockstore + ?Sized>(
    store: &B,
    batches: impl Iterator<Item = Vec<Block>> + Send,
) -> Result<u64> {
    thread::scope(|scope| {
        let (give, take) = sync_channel(1);
        scope.spawn(move || {
            for mut batch in batches {
                let proven = prove_all(&mut batch).map(|()| batch);
                let end = proven.is_err();
                // If nobody takes it, the store has refused one before.
                if give.send(proven).is_err() || end {
                    return;
                }
            }
        });
        let mut put = 0;
        for batch in take {
            let batch: Vec<Block> = batch?;
            store.put_many(&batch)?;
            put += batch.len() as u64;
        }
        Ok(put)
    })
}
