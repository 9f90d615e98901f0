//! Blocks that are read and hashed by as many threads as there are cores.
//!
//! ```text
//! keys ──► chunks of 64 ──► a thread: read up to 4 MiB ──► hash ──► what is wrong
//!                       └─► another …
//! ```
//!
//! Where the engine offers stretches of blocks that lie side by side, those are the chunks. A chunk waits only while all threads are busy, so that what is in memory is bounded, and the
//! faults come in the order in which the chunks are done.

use std::num::NonZero;
use std::sync::mpsc::{self, Receiver, SyncSender, TryIter};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};

use block_cid::{Block, prove_all};
use bytes::Bytes;
use datastore::{Datastore, Key};

use super::Damage;
use crate::Persistent;
use crate::engine::Stretch;
use crate::lost::cid;
use crate::ops::error::chain;

/// Keys that a thread gets at once: enough to hash many blocks side by side.
const CHUNK: usize = 64;

/// A thread hashes what it has read once it has this many bytes.
const GROUP: usize = 4 << 20;

/// What a thread gets at once.
enum Chunk {
    Keys(Vec<Key>),
    Stretch(Stretch),
}

/// What came of a chunk.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Blocks that are there.
    pub blocks: u64,
    /// The bytes of those that could be read.
    pub bytes: u64,
    /// Those that are not what they should be.
    pub wrong: Vec<(Key, Damage)>,
    /// Keys that name no block.
    pub nameless: Vec<Key>,
}

/// What came of chunks meanwhile.
pub(super) type Done<'a> = TryIter<'a, Seen>;

/// Threads that read and hash.
pub(super) struct Readers {
    keys: Vec<Key>,
    give: SyncSender<Chunk>,
    told: Receiver<Seen>,
}

impl Readers {
    /// Starts them. They end when this is dropped.
    pub fn start<'scope>(scope: &'scope Scope<'scope, '_>, store: &'scope Persistent) -> Readers {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let (give, take) = mpsc::sync_channel::<Chunk>(threads);
        let (tell, told) = mpsc::channel();
        let take = Arc::new(Mutex::new(take));
        for _ in 0..threads {
            let (take, tell) = (Arc::clone(&take), tell.clone());
            scope.spawn(move || {
                loop {
                    let chunk = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(chunk) = chunk else { break };
                    if tell.send(look(store, chunk)).is_err() {
                        break;
                    }
                }
            });
        }
        Readers {
            keys: Vec::new(),
            give,
            told,
        }
    }

    /// Has a block read; what came of others meanwhile.
    pub fn give(&mut self, key: Key) -> Done<'_> {
        self.keys.push(key);
        if self.keys.len() == CHUNK {
            self.send_keys();
        }
        self.told.try_iter()
    }

    /// The same with the blocks of a stretch.
    pub fn give_stretch(&mut self, stretch: Stretch) -> Done<'_> {
        self.send(Chunk::Stretch(stretch));
        self.told.try_iter()
    }

    /// What came of the rest.
    pub fn end(mut self) -> impl Iterator<Item = Seen> {
        self.send_keys();
        self.told.into_iter()
    }

    fn send_keys(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        self.send(Chunk::Keys(keys));
    }

    fn send(&self, chunk: Chunk) {
        // They end before this only by a panic, which ends the scope, too.
        let _ = self.give.send(chunk);
    }
}

/// Below the block layer, which hashes what it gives, one at a time.
fn look(store: &Persistent, chunk: Chunk) -> Seen {
    let mut look = Look::default();
    match chunk {
        Chunk::Keys(keys) => {
            for key in keys {
                let value = store.get(&key);
                look.at(key, value);
            }
        }
        Chunk::Stretch(stretch) => {
            for (key, value) in store.read(stretch) {
                look.at(key, value);
            }
        }
    }
    look.hash();
    look.seen
}

#[derive(Default)]
struct Look {
    seen: Seen,
    /// What is hashed next, and its bytes.
    group: Vec<(Key, Block)>,
    size: usize,
}

impl Look {
    fn at(&mut self, key: Key, value: datastore::Result<Option<Bytes>>) {
        match (value, cid(&key)) {
            (Ok(Some(data)), Some(cid)) => {
                self.seen.blocks += 1;
                self.size += data.len();
                self.group.push((key, Block::claimed(cid, data)));
            }
            // Removed since it was listed, or lost by the engine: the ledger knows.
            (Ok(None), _) => {}
            (Ok(Some(_)), None) => self.seen.nameless.push(key),
            (Err(error), _) => {
                self.seen.blocks += 1;
                let why = Damage::Unreadable(chain(&error));
                self.seen.wrong.push((key, why));
            }
        }
        if self.size >= GROUP {
            self.hash();
        }
    }

    fn hash(&mut self) {
        self.seen.bytes += std::mem::take(&mut self.size) as u64;
        let (keys, mut blocks): (Vec<Key>, Vec<Block>) = self.group.drain(..).unzip();
        if prove_all(&mut blocks).is_ok() {
            return;
        }
        // Those before the first wrong one are proven; the others one by one, to name them all.
        let claims = keys.into_iter().zip(blocks);
        for (key, block) in claims.filter(|(_, block)| !block.is_proven()) {
            let damage = match block.prove() {
                Ok(_) => continue,
                Err(block_cid::Error::WrongCid { actual, .. }) => Damage::Wrong { actual: *actual },
                Err(error) => Damage::Unreadable(chain(&error)),
            };
            self.seen.wrong.push((key, damage));
        }
    }
}
