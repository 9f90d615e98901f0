//! Several writes as one value.

use bytes::Bytes;

use crate::Key;

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Keep `value` under `key`, replacing what was there.
    Put(Key, Bytes),
    /// Forget `key`; nothing happens if it is absent.
    Delete(Key),
}

impl Op {
    /// The key that is written.
    pub fn key(&self) -> &Key {
        match self {
            Op::Put(key, _) | Op::Delete(key) => key,
        }
    }
}

/// Writes to be applied together by [`Datastore::apply`](crate::Datastore::apply), in the order
/// they were added: of two writes to one key the later wins.
///
/// A batch is an ordinary value, so it needs no lifetime and no open transaction, and values are
/// [`Bytes`], so that a block on its way to the engine is never copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    ops: Vec<Op>,
    bytes: u64,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// An empty batch with room for so many writes.
    pub fn with_capacity(writes: usize) -> Batch {
        Batch {
            ops: Vec::with_capacity(writes),
            bytes: 0,
        }
    }

    /// Adds "keep `value` under `key`".
    pub fn put(&mut self, key: Key, value: impl Into<Bytes>) {
        self.push(Op::Put(key, value.into()));
    }

    /// Adds "forget `key`".
    pub fn delete(&mut self, key: Key) {
        self.push(Op::Delete(key));
    }

    /// Adds one write.
    pub fn push(&mut self, op: Op) {
        self.bytes += match &op {
            Op::Put(key, value) => (key.as_bytes().len() + value.len()) as u64,
            Op::Delete(_) => 0,
        };
        self.ops.push(op);
    }

    /// Adds the writes of `other` after those of `self`.
    pub fn append(&mut self, mut other: Batch) {
        self.bytes += other.bytes;
        self.ops.append(&mut other.ops);
    }

    /// The writes, in order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The number of writes.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// How many of them keep a value.
    pub fn puts(&self) -> usize {
        let puts = self.ops.iter().filter(|op| matches!(op, Op::Put(..)));
        puts.count()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Bytes of keys and values to be stored; deletes count nothing.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl IntoIterator for Batch {
    type Item = Op;
    type IntoIter = std::vec::IntoIter<Op>;

    fn into_iter(self) -> Self::IntoIter {
        self.ops.into_iter()
    }
}

impl FromIterator<Op> for Batch {
    fn from_iter<I: IntoIterator<Item = Op>>(ops: I) -> Batch {
        let ops = ops.into_iter();
        let mut batch = Batch::with_capacity(ops.size_hint().0);
        ops.for_each(|op| batch.push(op));
        batch
    }
}
