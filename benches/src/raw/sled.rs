//! sled, which many Rust projects still have.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use bytes::Bytes;

use super::Raw;

/// The default tree. Its flusher is off: what is flushed is what asks for it, as with the others.
pub struct Sled(sled::Db);

impl Sled {
    pub fn open(dir: &Path, cache: u64) -> Sled {
        let config = sled::Config::new()
            .path(dir.join("sled"))
            .cache_capacity(cache)
            .flush_every_ms(None);
        Sled(config.open().unwrap())
    }
}

impl Raw for Sled {
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool) {
        if let [(key, value)] = entries {
            self.0.insert(key, &value[..]).unwrap();
        } else {
            let mut batch = sled::Batch::default();
            for (key, value) in entries {
                batch.insert(&key[..], &value[..]);
            }
            self.0.apply_batch(batch).unwrap();
        }
        if durable {
            self.0.flush().unwrap();
        }
    }

    fn get(&self, key: &[u8]) -> usize {
        let value = self.0.get(key).unwrap().unwrap();
        std::hint::black_box(value.to_vec()).len()
    }

    fn has(&self, key: &[u8]) -> bool {
        self.0.contains_key(key).unwrap()
    }

    fn delete(&self, key: &[u8]) {
        self.0.remove(key).unwrap();
    }

    fn each_key(&self, see: &mut dyn FnMut(&[u8])) {
        self.each(&mut |key, _| see(key));
    }

    fn each(&self, see: &mut dyn FnMut(&[u8], &[u8])) {
        for entry in self.0.iter() {
            let (key, value) = entry.unwrap();
            see(&key, &value);
        }
    }

    fn close(self: Box<Self>) {
        self.0.flush().unwrap();
    }
}
