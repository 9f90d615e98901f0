//! How much there is.

use datastore::{Datastore, Key};

use super::{Error, Result, Watch};

/// What a store holds, and what it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// Blocks.
    pub blocks: u64,
    /// Bytes of all blocks, without their keys.
    pub bytes: u64,
    /// Blocks that are damaged so that not even their size is known, and not in `bytes`.
    pub sizeless: u64,
    /// Keys that are no blocks.
    pub others: u64,
    /// Bytes that the store takes on disk.
    pub disk: u64,
}

impl Stat {
    /// Bytes on disk for each byte of a block; `None` without blocks.
    pub fn amplification(&self) -> Option<f64> {
        (self.bytes > 0).then(|| self.disk as f64 / self.bytes as f64)
    }
}

/// Counts what is in `store`.
///
/// # Errors
/// [`Error::Stopped`], or what the store says.
pub fn stat(store: &dyn Datastore, watch: &dyn Watch) -> Result<Stat> {
    let mut stat = Stat::default();
    for key in store.keys(&Key::root())? {
        if watch.stops() {
            return Err(Error::Stopped);
        }
        let key = key?;
        if key.as_block().is_none() {
            stat.others += 1;
            continue;
        }
        let size = match store.size(&key) {
            Ok(Some(size)) => size,
            // Removed since it was listed.
            Ok(None) => continue,
            Err(datastore::Error::Corrupt { .. }) => {
                stat.sizeless += 1;
                0
            }
            Err(error) => return Err(error.into()),
        };
        stat.blocks += 1;
        stat.bytes += size;
        watch.did(1, size);
    }
    stat.disk = store.disk_usage()?;
    Ok(stat)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use datastore::MemStore;

    use super::super::Silent;
    use super::*;

    #[test]
    fn blocks_and_others_are_counted_apart() {
        let store = MemStore::new();
        assert_eq!(stat(&store, &Silent).unwrap().amplification(), None);
        store.put(&Key::block(&[1]).unwrap(), b"12345").unwrap();
        store.put(&Key::block(&[2]).unwrap(), b"").unwrap();
        store.put(&Key::new("/a").unwrap(), b"123").unwrap();
        let found = stat(&store, &Silent).unwrap();
        assert_eq!((found.blocks, found.bytes, found.others), (2, 5, 1));
        let some = Stat { disk: 10, ..found };
        assert_eq!(some.amplification(), Some(2.0));
    }

    #[test]
    fn it_stops_when_it_is_told_to() {
        struct Once(AtomicU64);
        impl Watch for Once {
            fn did(&self, blocks: u64, _: u64) {
                self.0.fetch_add(blocks, SeqCst);
            }
            fn stops(&self) -> bool {
                self.0.load(SeqCst) > 0
            }
        }
        let store = MemStore::new();
        for n in 0..3 {
            store.put(&Key::block(&[n]).unwrap(), b"12345").unwrap();
        }
        let watch = Once(AtomicU64::new(0));
        assert!(matches!(stat(&store, &watch), Err(Error::Stopped)));
        assert_eq!(watch.0.load(SeqCst), 1);
    }
}
