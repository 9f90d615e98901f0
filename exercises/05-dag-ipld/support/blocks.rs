//! A store of values, which counts what is read of it. Its blocks are DAG-JSON.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use cid::Cid;
use multihash::Multihash;
use sha2::{Digest, Sha256};

use crate::value::Value;

/// Blocks by CID.
#[derive(Default)]
pub struct Blocks {
    blocks: RefCell<BTreeMap<Cid, Value>>,
    reads: Cell<usize>,
}

impl Blocks {
    /// Stores a value; what it is called.
    pub fn put(&self, value: &Value) -> Cid {
        let cid = named(0x0129, value.json().as_bytes());
        self.blocks.borrow_mut().insert(cid, value.clone());
        cid
    }

    /// The value of this name, if it is here.
    pub fn get(&self, cid: &Cid) -> Option<Value> {
        self.reads.set(self.reads.get() + 1);
        self.blocks.borrow().get(cid).cloned()
    }

    /// Loses one.
    pub fn lose(&self, cid: &Cid) {
        self.blocks.borrow_mut().remove(cid);
    }

    /// How many blocks were read since this was last asked.
    pub fn reads(&self) -> usize {
        self.reads.take()
    }
}

/// The CIDv1 of bytes of this codec, by sha2-256.
pub fn named(codec: u64, bytes: &[u8]) -> Cid {
    let hash = Multihash::wrap(0x12, &Sha256::digest(bytes)).expect("32 bytes fit in 64");
    Cid::new_v1(codec, hash)
}
