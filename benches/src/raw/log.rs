//! `pack`, without the wrapper.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use bytes::Bytes;
use datastore::{Batch, Key};
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::pack::Pack;

use super::Raw;

/// Our own engine.
pub struct Log(Pack);

impl Log {
    pub fn open(dir: &Path, cache: u64) -> Log {
        let options = Options {
            cache,
            ..Options::new(dir.join("raw-pack"))
        };
        Log(Pack::open(&options).unwrap())
    }
}

impl Raw for Log {
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool) {
        let mut batch = Batch::with_capacity(entries.len());
        for (key, value) in entries {
            batch.put(Key::block(key).unwrap(), value.clone());
        }
        let flush = if durable { Flush::Yes } else { Flush::No };
        self.0.write(&batch, flush).unwrap();
    }

    fn get(&self, key: &[u8]) -> usize {
        let value = self.0.get(&Key::block(key).unwrap()).unwrap();
        std::hint::black_box(value.unwrap()).len()
    }

    fn has(&self, key: &[u8]) -> bool {
        self.0.has(&Key::block(key).unwrap()).unwrap()
    }

    fn delete(&self, key: &[u8]) {
        let mut batch = Batch::new();
        batch.delete(Key::block(key).unwrap());
        self.0.write(&batch, Flush::No).unwrap();
    }

    fn each_key(&self, see: &mut dyn FnMut(&[u8])) {
        for key in self.0.keys(&Key::blocks()).unwrap() {
            see(key.unwrap().as_block().unwrap());
        }
    }

    fn each(&self, see: &mut dyn FnMut(&[u8], &[u8])) {
        for entry in self.0.query(&Key::blocks()).unwrap() {
            let (key, value) = entry.unwrap();
            see(key.as_block().unwrap(), &value);
        }
    }

    fn close(self: Box<Self>) {
        self.0.close().unwrap();
    }
}
