//! A batch, as engines see it that do its writes in an order of their own.

use std::collections::HashMap;

use bytes::Bytes;
use datastore::{Batch, Key, Op};

/// What the batch leaves under each key, in the order of the last writes: of two writes to one key
/// only the later one is done.
pub(crate) fn last(batch: &Batch) -> Vec<(&Key, Option<&Bytes>)> {
    let mut place: HashMap<&Key, usize> = HashMap::with_capacity(batch.len());
    for (i, op) in batch.ops().iter().enumerate() {
        place.insert(op.key(), i);
    }
    let ops = batch.ops().iter().enumerate();
    ops.filter(|(i, op)| place.get(op.key()) == Some(i))
        .map(|(_, op)| match op {
            Op::Put(key, value) => (key, Some(value)),
            Op::Delete(key) => (key, None),
        })
        .collect()
}
