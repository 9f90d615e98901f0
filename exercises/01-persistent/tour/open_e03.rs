//! The store of 01-3, as a datastore.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use datastore::disk::{Disk, Os};
use datastore::{Datastore, Entries, Error, Key, Result};

use crate::folder::{Folder, On};
use crate::mine::FileStore;

/// What it is.
pub const WHICH: &str = "mine: one file a key, which survives (01-3)";

/// Where it is.
pub const PLACE: &str = "in data/tour/mine";

const DIR: &str = "data/tour/mine";

/// The store, in [`DIR`].
pub fn open() -> Result<Mine> {
    Os.make_dir(Path::new(DIR)).map_err(told)?;
    let folder = Arc::new(On::new(Arc::new(Os), DIR));
    let store = FileStore::open(folder.clone()).map_err(told)?;
    Ok(Mine { store, folder })
}

/// A store whose keys are texts, under keys that are bytes: two hexadecimal digits each.
pub struct Mine {
    store: FileStore,
    folder: Arc<On>,
}

fn told(error: io::Error) -> Error {
    Error::io("use", DIR, error)
}

fn text(key: &Key) -> String {
    key.as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn key(text: &str) -> Result<Key> {
    let pair = |at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(pair).collect();
    Key::from_bytes(&bytes.unwrap_or_default())
}

impl Datastore for Mine {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let value = self.store.get(&text(key)).map_err(told)?;
        Ok(value.map(Bytes::from))
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.store.put(&text(key), value).map_err(told)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.store.delete(&text(key)).map_err(told)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        let mut found = Vec::new();
        for name in self.store.keys().map_err(told)? {
            let key = key(&name)?;
            if key.is_below(prefix)
                && let Some(value) = self.get(&key)?
            {
                found.push(Ok((key, value)));
            }
        }
        Ok(Box::new(found.into_iter()))
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }

    fn disk_usage(&self) -> Result<u64> {
        let mut bytes = 0;
        for name in self.folder.names().map_err(told)? {
            bytes += self
                .folder
                .read(&name)
                .map_err(told)?
                .unwrap_or_default()
                .len() as u64;
        }
        Ok(bytes)
    }

    fn close(&self) -> Result<()> {
        Ok(())
    }
}
