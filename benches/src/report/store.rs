//! A subject that is open.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use block_cid::{Block, Blocks, Blockstore, Cid, Verify};
use datastore::{Datastore, Key};
use persistent::{Compression, Config, Durability, Kind, Persistent};

use crate::entries;
use crate::raw::{self, Raw};

use super::subject::Subject;

/// How a subject is opened.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// Bytes for its cache.
    pub cache: u64,
    /// A write returns when it is on disk.
    pub durable: bool,
    /// LZ4, where the engine has it.
    pub compress: bool,
}

/// One store, ours or not.
pub enum Store {
    /// Behind our wrapper.
    Ours(Box<Blocks<Persistent>>),
    /// Bare; whether its writes are durable.
    Bare(Box<dyn Raw>, bool),
}

impl Store {
    /// Opens the store of `subject` in the folder `dir`, making it if there is none.
    pub fn open(subject: Subject, dir: &Path, how: Open) -> Result<Store> {
        match subject {
            Subject::Ours(kind) => {
                let mut config = Config::new(kind).with_cache(how.cache);
                if kind.is_on_disk() {
                    let durability = match how.durable {
                        true => Durability::Each,
                        false => Durability::None,
                    };
                    config = config
                        .with_path(dir.join("store"))
                        .with_durability(durability);
                }
                if how.compress && matches!(kind, Kind::Fjall | Kind::Rocksdb) {
                    config = config.with_compression(Compression::Lz4);
                }
                Ok(Store::Ours(Box::new(
                    Persistent::open(&config)?.into_blocks(),
                )))
            }
            Subject::Raw(kind) => match raw::open(kind, dir, how.cache) {
                Some(store) => Ok(Store::Bare(store, how.durable)),
                None => bail!("there is no bare {kind} in this build"),
            },
            Subject::Peer(peer) => Ok(Store::Bare(peer.open(dir, how.cache), how.durable)),
            other => bail!("{other} is no store"),
        }
    }

    /// One call for all of them.
    pub fn put_many(&self, blocks: &[Block]) -> Result<()> {
        match (self, blocks) {
            (Store::Ours(store), [block]) => store.put(block)?,
            (Store::Ours(store), blocks) => store.put_many(blocks)?,
            (Store::Bare(store, durable), blocks) => store.put_many(&entries(blocks), *durable),
        }
        Ok(())
    }

    /// Reads the block whole; ours proves it, as they do unless told otherwise.
    pub fn get(&self, cid: &Cid) -> Result<usize> {
        match self {
            Store::Ours(store) => match store.get(cid)? {
                Some(block) => Ok(block.len()),
                None => bail!("{cid} was put and is not there"),
            },
            Store::Bare(store, _) => Ok(store.get(&key(cid))),
        }
    }

    /// The same without the proof; `None` for a bare store, which has none.
    pub fn unproven(&self) -> Option<Blocks<&Persistent>> {
        match self {
            Store::Ours(store) => Some(Blocks::new(store.store()).with_verify(Verify::Never)),
            Store::Bare(..) => None,
        }
    }

    /// Whether it is there.
    pub fn has(&self, cid: &Cid) -> Result<bool> {
        match self {
            Store::Ours(store) => Ok(store.has(cid)?),
            Store::Bare(store, _) => Ok(store.has(&key(cid))),
        }
    }

    /// Forgets the block.
    pub fn delete(&self, cid: &Cid) -> Result<()> {
        match self {
            Store::Ours(store) => store.delete(cid)?,
            Store::Bare(store, _) => store.delete(&key(cid)),
        }
        Ok(())
    }

    /// Lists all keys; how many there are.
    pub fn keys(&self) -> Result<u64> {
        let mut count = 0;
        match self {
            Store::Ours(store) => {
                for cid in store.cids()? {
                    cid?;
                    count += 1;
                }
            }
            Store::Bare(store, _) => store.each_key(&mut |_| count += 1),
        }
        Ok(count)
    }

    /// Reads all values; how many there are. They are not proven by any.
    pub fn values(&self) -> Result<u64> {
        let mut count = 0;
        match self {
            Store::Ours(store) => {
                for entry in store.store().query(&Key::blocks())? {
                    std::hint::black_box(entry?);
                    count += 1;
                }
            }
            Store::Bare(store, _) => store.each(&mut |_, value| {
                std::hint::black_box(value);
                count += 1;
            }),
        }
        Ok(count)
    }

    /// Gives back what was deleted, if it can; whether it can.
    pub fn compact(&self) -> Result<bool> {
        match self {
            Store::Ours(store) => {
                store.store().compact()?;
                Ok(true)
            }
            Store::Bare(..) => Ok(false),
        }
    }

    /// Closes it.
    pub fn close(self) -> Result<()> {
        match self {
            Store::Ours(store) => store.store().close()?,
            Store::Bare(store, _) => store.close(),
        }
        Ok(())
    }

    /// Ours.
    pub fn ours(&self) -> Option<&Blocks<Persistent>> {
        match self {
            Store::Ours(store) => Some(store),
            Store::Bare(..) => None,
        }
    }

    /// Fails unless `count` blocks are listed and read.
    pub fn expect(listed: u64, count: u64, what: &str) -> Result<()> {
        ensure!(
            listed == count,
            "{count} blocks are there, and {what} gave {listed}"
        );
        Ok(())
    }
}

fn key(cid: &Cid) -> Vec<u8> {
    cid.hash().to_bytes()
}
