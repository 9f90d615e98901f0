//! A backup that is being written.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::BufWriter;
use std::path::Path;

use block_cid::{Block, Cid, binary, car, codec};
use bytes::Bytes;
use datastore::{Datastore, Key};
use serde::Serialize;
use serde_bytes::ByteBuf;

use super::contents::{self, Entry, Links, MAX_PAGES, PAGE, Page, Root};
use super::room::Room;
use super::{LeftOut, Saved};
use crate::Persistent;
use crate::acks::Reading;
use crate::ops::error::chain;
use crate::ops::proof::{self, GROUP_BYTES, GROUP_ENTRIES};
use crate::ops::record::{named, walk};
use crate::ops::verify::Damage;
use crate::ops::{Error, Result, Watch};
use crate::sweep::Sweep;
use datastore::disk::Cursor;

type Car<'a> = car::Writer<BufWriter<Cursor<'a>>>;

/// A backup that is being written.
pub(super) struct Archive<'a> {
    path: &'a Path,
    room: &'a Room,
    car: Car<'a>,
    // The blocks since the last page.
    links: Links,
    root: Root,
    watch: &'a dyn Watch,
    left_out: &'a mut dyn FnMut(LeftOut),
    // Blocks that were read but not yet written, and their bytes.
    group: Vec<(Key, Bytes)>,
    size: usize,
    // The blocks that the listing came to: the ledger asks for the others. By a hash with a key of
    // its own, so that nobody can choose two blocks that have the same.
    seen: HashSet<u64>,
    keyed: RandomState,
    // Why the engine's listing of blocks ended early.
    unlisted: Option<datastore::Error>,
    missing: u64,
    ledger: Option<String>,
}

impl<'a> Archive<'a> {
    pub fn new(
        path: &'a Path,
        room: &'a Room,
        car: Car<'a>,
        root: Root,
        watch: &'a dyn Watch,
        left_out: &'a mut dyn FnMut(LeftOut),
    ) -> Archive<'a> {
        Archive {
            path,
            room,
            car,
            links: Links::default(),
            root,
            watch,
            left_out,
            group: Vec::new(),
            size: 0,
            seen: HashSet::new(),
            keyed: RandomState::new(),
            unlisted: None,
            missing: 0,
            ledger: None,
        }
    }

    /// Everything in `store`.
    pub fn save(&mut self, store: &Persistent) -> Result<()> {
        // First: what is put from here on need not be in the backup.
        let reading = store.reading()?;
        self.keys(store)?;
        if let Err(error) = self.listed(store)? {
            let why = format!("the engine cannot list all blocks: {}", chain(&error));
            self.breaks_off(&Key::blocks(), why);
            self.unlisted = Some(error);
        }
        if let Some(reading) = &reading {
            self.acknowledged(store, reading)?;
        }
        self.group()?;
        self.list()?;
        match &self.unlisted {
            Some(error) if self.root.blocks + self.root.keys == 0 => Err(Error::Damaged {
                path: store.path().unwrap_or(self.path).to_owned(),
                what: format!(
                    "the engine gives nothing of it ({}); `salvage` reads past the engine",
                    chain(error)
                ),
            }),
            _ => Ok(()),
        }
    }

    /// Every key that is no block, with its value.
    fn keys(&mut self, store: &Persistent) -> Result<()> {
        let mut page = Vec::new();
        if let Err(error) = self.others(store, &mut page)? {
            // No record says which there are.
            let why = format!("the engine cannot list all keys: {}", chain(&error));
            self.breaks_off(&Key::root(), why);
        }
        if !page.is_empty() {
            self.page(&Page::Keys(page))?;
        }
        Ok(())
    }

    /// The inner error is that of the listing.
    fn others(
        &mut self,
        store: &Persistent,
        page: &mut Vec<Entry>,
    ) -> Result<datastore::Result<()>> {
        let keys = match store.keys(&Key::root()) {
            Ok(keys) => keys,
            Err(error) => return Ok(Err(error)),
        };
        let mut size = 0;
        for key in keys {
            let key = match key {
                Ok(key) => key,
                Err(error) => return Ok(Err(error)),
            };
            if key.as_block().is_some() {
                // The others come first.
                break;
            }
            self.go_on()?;
            let value = match store.get(&key) {
                Ok(Some(value)) => value,
                // Removed since it was listed.
                Ok(None) => continue,
                Err(error) => {
                    self.leave_out(key.to_string(), chain(&error));
                    continue;
                }
            };
            self.root.keys += 1;
            let mut rest = &value[..];
            loop {
                let (part, after) = rest.split_at_checked(PAGE).unwrap_or((rest, &[]));
                rest = after;
                let more = !rest.is_empty();
                size += key.as_bytes().len() + part.len() + 16;
                page.push(Entry(
                    ByteBuf::from(key.as_bytes()),
                    ByteBuf::from(part),
                    more,
                ));
                if size >= PAGE / 2 {
                    self.page(&Page::Keys(std::mem::take(page)))?;
                    size = 0;
                }
                if !more {
                    break;
                }
            }
        }
        Ok(Ok(()))
    }

    /// Every block that the engine lists. The inner error is that of the listing.
    fn listed(&mut self, store: &Persistent) -> Result<datastore::Result<()>> {
        let list = || store.keys(&Key::blocks());
        let count = list().map_or(0, |keys| keys.take_while(|key| key.is_ok()).count());
        self.watch.expect(count as u64, 0);
        let listed = match store.sweep() {
            Ok(Some(sweep)) => return self.swept(store, sweep),
            Ok(None) => list(),
            Err(error) => Err(error),
        };
        let keys = match listed {
            Ok(keys) => keys,
            Err(error) => return Ok(Err(error)),
        };
        for key in keys {
            match key {
                Ok(key) => self.found(&key, store.get(&key))?,
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(()))
    }

    fn swept(&mut self, store: &Persistent, sweep: Sweep<'_>) -> Result<datastore::Result<()>> {
        for stretch in sweep {
            let stretch = match stretch {
                Ok(stretch) => stretch,
                Err(error) => return Ok(Err(error)),
            };
            for (key, value) in store.read(stretch) {
                self.found(&key, value)?;
            }
        }
        Ok(Ok(()))
    }

    /// A block that was listed.
    fn found(&mut self, key: &Key, value: datastore::Result<Option<Bytes>>) -> Result<()> {
        self.go_on()?;
        // If not, it was removed since it was listed, or lost by the engine: the ledger knows.
        if self.read(key, value)? {
            let hash = self.keyed.hash_one(key);
            self.seen.insert(hash);
        }
        Ok(())
    }

    /// Every block that was acknowledged before the backup began, and that was not listed.
    fn acknowledged(&mut self, store: &Persistent, reading: &Reading) -> Result<()> {
        let wrong = walk(reading, &mut |key, claim| {
            if self.seen.contains(&self.keyed.hash_one(key)) {
                return Ok(());
            }
            self.go_on()?;
            if !self.read(key, store.get(key))? && !store.deleted_since(reading, key)? {
                self.miss(key, claim.perhaps);
            }
            Ok(())
        })?;
        self.ledger = wrong.map(|wrong| named(reading, &wrong));
        Ok(())
    }

    /// Takes what was read of a block; false if there is none.
    fn read(&mut self, key: &Key, value: datastore::Result<Option<Bytes>>) -> Result<bool> {
        match value {
            Ok(Some(data)) => {
                self.size += data.len();
                self.group.push((key.clone(), data));
            }
            Ok(None) => return Ok(false),
            Err(error) => {
                let why = format!("it cannot be read: {}", chain(&error));
                self.leave_out(proof::name(key), why);
            }
        }
        if self.size >= GROUP_BYTES || self.group.len() >= GROUP_ENTRIES {
            self.group()?;
        }
        Ok(true)
    }

    /// Proves the blocks that were read, and writes those that are good.
    fn group(&mut self) -> Result<()> {
        self.size = 0;
        let (proven, wrong) = proof::prove(std::mem::take(&mut self.group));
        for (key, why) in wrong {
            self.leave_out(proof::name(&key), why);
        }
        for (key, data) in proven {
            self.go_on()?;
            let multihash = binary::multihash(key.as_block().unwrap_or_default())?;
            let (cid, len) = (Cid::new_v1(codec::RAW, multihash), data.len() as u64);
            if self.links.is_full() {
                self.list()?;
            }
            self.put(&Block::trusted(cid, data))?;
            self.links.push(cid);
            self.root.blocks += 1;
            self.root.bytes += len;
            self.watch.did(1, len);
        }
        Ok(())
    }

    /// A page of the blocks since the last one, if there are any.
    fn list(&mut self) -> Result<()> {
        match self.links.take() {
            none if none.is_empty() => Ok(()),
            cids => self.page(&Page::Blocks(cids)),
        }
    }

    fn page(&mut self, page: &Page) -> Result<()> {
        if self.root.pages.len() == MAX_PAGES {
            let why = "the store has more than a backup can list: move it with `migrate` instead";
            return Err(Error::refused(self.path, why));
        }
        let cid = self.own(page)?;
        self.root.pages.push(cid);
        Ok(())
    }

    /// Writes the root; its CID, and what is in the backup but for the length of the file.
    pub fn end(mut self) -> Result<(Cid, Saved)> {
        let root = self.own(&self.root.clone())?;
        self.car
            .finish()
            .map_err(|e| self.room.told(self.path, e))?;
        let saved = Saved {
            root,
            blocks: self.root.blocks,
            bytes: self.root.bytes,
            keys: self.root.keys,
            damaged: self.root.damaged - self.missing,
            missing: self.missing,
            unlisted: self.root.unlisted,
            ledger: self.ledger,
            len: 0,
        };
        Ok((root, saved))
    }

    fn own(&mut self, value: &impl Serialize) -> Result<Cid> {
        let block = contents::block(value).map_err(|why| Error::refused(self.path, why))?;
        self.put(&block)?;
        Ok(*block.cid())
    }

    fn put(&mut self, block: &Block) -> Result<()> {
        self.room.admit(block.len() as u64)?;
        let put = self.car.put(block);
        put.map(drop).map_err(|e| self.room.told(self.path, e))
    }

    fn leave_out(&mut self, name: String, why: String) {
        self.root.damaged += 1;
        (self.left_out)(LeftOut { name, why });
    }

    /// The engine broke off a listing: how much comes behind is not known.
    fn breaks_off(&mut self, below: &Key, why: String) {
        self.root.unlisted += 1;
        let name = below.to_string();
        (self.left_out)(LeftOut { name, why });
    }

    /// A block is not there. One that was perhaps deleted is named, and not counted.
    fn miss(&mut self, key: &Key, perhaps: bool) {
        let (name, why) = (
            proof::name(key),
            match perhaps {
                true => Damage::Perhaps.to_string(),
                false => Damage::Missing.to_string(),
            },
        );
        if perhaps {
            return (self.left_out)(LeftOut { name, why });
        }
        self.missing += 1;
        self.leave_out(name, why);
    }

    fn go_on(&self) -> Result<()> {
        if self.watch.stops() {
            return Err(Error::Stopped);
        }
        Ok(())
    }
}
