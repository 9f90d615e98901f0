//! A backup, read and proven from its first byte to its last.
//!
//! | damage | is seen by |
//! | --- | --- |
//! | a bit of a block, of a page or of the root | its CID |
//! | a bit of a CID, or of a length | the bytes that follow, which have another CID |
//! | a section that is gone, twice there, or in another place | the page that lists it |
//! | a page that is gone | the root |
//! | an end that is gone, wherever it was cut | the root is the last section |
//! | the header | no section has the CID that it names |
//!
//! What is held in memory is one group of blocks, the CIDs of one page, and those of the pages.

use std::io::Read;
use std::path::Path;

use block_cid::{Block, Cid, Hash, car, codec, prove_all};
use datastore::{Batch, Key};

use crate::ops::backup::contents::{Entry, Links, MAX_PAGES, Page, Root};
use crate::ops::proof::{GROUP_BYTES, GROUP_ENTRIES};
use crate::ops::{Error, Result, Watch};

/// The longest value of a key that is no block, in bytes: what a hostile backup may have this
/// program hold in memory.
const MAX_VALUE: usize = 1 << 30;

/// The longest section that is read at all, in bytes: a block of 1 GiB, and its CID.
pub(super) const MAX_BIG: u64 = (1 << 30) + 4096;

/// Where what was proven goes.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Batch) -> Result<()>;

/// Reads a backup to its end, and has `sink` take what was proven.
pub(super) struct Reader<'a> {
    pub file: &'a Path,
    /// The longest section, in bytes.
    pub max_section: u64,
    pub watch: &'a dyn Watch,
    pub sink: Sink<'a>,
}

impl Reader<'_> {
    /// The root of the backup, once everything that it lists has been seen.
    ///
    /// # Errors
    /// [`Error::Refused`] for a CAR that is no backup; [`Error::Damaged`] for a backup that is
    /// not what was written; [`Error::Stopped`]; those of the sink.
    pub fn run(&mut self, input: impl Read) -> Result<(Cid, Root)> {
        let car = car::Reader::new(input).map_err(|e| self.wrong(e))?;
        let mut car = car.with_max_section(self.max_section);
        let &[root] = car.roots() else {
            return Err(self.foreign(&format!("it has {} roots", car.roots().len())));
        };
        if root.codec() != codec::DAG_CBOR {
            let codec = codec::display(root.codec());
            return Err(self.foreign(&format!("its root is {codec}")));
        }
        let mut seen = Seen::default();
        loop {
            if self.watch.stops() {
                return Err(Error::Stopped);
            }
            let at = car.offset();
            let Some(block) = car.next() else {
                return Err(self.damaged("it ends before its root does: the rest of it is missing"));
            };
            let block = block.map_err(|e| self.wrong(e))?;
            let cid = *block.cid();
            match cid.codec() {
                codec::RAW => self.block(&mut seen, block)?,
                codec::DAG_CBOR => {
                    let block = block.prove().map_err(|e| self.wrong(e))?;
                    self.flush(&mut seen)?;
                    if cid == root {
                        let root = Root::decode(block.data()).map_err(|why| self.foreign(&why))?;
                        self.agree(&seen, &root)?;
                        if car.next().is_some() {
                            return Err(self.damaged("something follows its root"));
                        }
                        return Ok((cid, root));
                    }
                    let page = Page::decode(block.data());
                    let page = page.map_err(|why| {
                        self.foreign(&format!("the block at byte {at} is no page: {why}"))
                    })?;
                    self.page(&mut seen, cid, page)?;
                }
                other => {
                    let codec = codec::display(other);
                    return Err(self.foreign(&format!("there is a {codec} block at byte {at}")));
                }
            }
        }
    }

    /// Every block of any CAR; how many, and their bytes.
    ///
    /// # Errors
    /// As [`run`](Self::run), but for what only backups have.
    pub fn plain(&mut self, input: impl Read) -> Result<(u64, u64)> {
        let car = car::Reader::new(input).map_err(|e| self.wrong(e))?;
        let mut seen = Seen::default();
        for block in car.with_max_section(self.max_section) {
            if self.watch.stops() {
                return Err(Error::Stopped);
            }
            let block = block.map_err(|e| self.wrong(e))?;
            // The bytes of an identity CID are in the CID, and never stored.
            if block.cid().hash().code() != Hash::IDENTITY.code() {
                self.group(&mut seen, block)?;
            }
        }
        self.flush(&mut seen)?;
        Ok((seen.blocks, seen.bytes))
    }

    fn block(&mut self, seen: &mut Seen, block: Block) -> Result<()> {
        if seen.links.is_full() {
            return Err(self.damaged("blocks follow each other and no page lists them"));
        }
        seen.links.push(*block.cid());
        self.group(seen, block)
    }

    fn group(&mut self, seen: &mut Seen, block: Block) -> Result<()> {
        seen.size += block.len();
        seen.group.push(block);
        if seen.size >= GROUP_BYTES || seen.group.len() >= GROUP_ENTRIES {
            self.flush(seen)?;
        }
        Ok(())
    }

    /// Proves the group and hands it on.
    fn flush(&mut self, seen: &mut Seen) -> Result<()> {
        let mut group = std::mem::take(&mut seen.group);
        seen.size = 0;
        prove_all(&mut group).map_err(|e| self.wrong(e))?;
        let mut batch = Batch::new();
        let (blocks, mut bytes) = (group.len() as u64, 0);
        for block in group {
            let (cid, data) = block.into_parts();
            bytes += data.len() as u64;
            batch.put(Key::block(&cid.hash().to_bytes())?, data);
        }
        if !batch.is_empty() {
            (self.sink)(batch)?;
        }
        seen.blocks += blocks;
        seen.bytes += bytes;
        self.watch.did(blocks, bytes);
        Ok(())
    }

    fn page(&mut self, seen: &mut Seen, cid: Cid, page: Page) -> Result<()> {
        if seen.pages.len() == MAX_PAGES {
            return Err(self.damaged("it has more pages than a root can list"));
        }
        seen.pages.push(cid);
        match page {
            Page::Keys(_) if seen.blocks > 0 => {
                Err(self.damaged("keys that are no blocks stand behind blocks"))
            }
            Page::Keys(entries) => entries.into_iter().try_for_each(|e| self.entry(seen, e)),
            Page::Blocks(cids) if seen.links.take() == cids => Ok(()),
            Page::Blocks(_) => Err(self.damaged("a page lists other blocks than those before it")),
        }
    }

    fn entry(&mut self, seen: &mut Seen, Entry(key, part, more): Entry) -> Result<()> {
        let mut value = match seen.value.take() {
            None => part.into_vec(),
            Some((begun, mut value)) if key == begun => {
                if value.len() + part.len() > MAX_VALUE {
                    return Err(self.damaged("a value is longer than 1 GiB"));
                }
                value.extend_from_slice(&part);
                value
            }
            Some(_) => return Err(self.damaged("a value ends in the middle")),
        };
        if more {
            seen.value = Some((key.into_vec(), std::mem::take(&mut value)));
            return Ok(());
        }
        let key = Key::from_bytes(&key).map_err(|e| self.damaged(&e.to_string()))?;
        if key.as_block().is_some() || key == Key::root() {
            return Err(self.damaged("a key that names a block is among those that do not"));
        }
        seen.keys += 1;
        let mut batch = Batch::new();
        batch.put(key, value);
        (self.sink)(batch)
    }

    /// Whether the root lists what was seen, and nothing else.
    fn agree(&self, seen: &Seen, root: &Root) -> Result<()> {
        if seen.pages != root.pages || !seen.links.cids().is_empty() || seen.value.is_some() {
            return Err(self.damaged("its root lists other pages than there are"));
        }
        if (seen.blocks, seen.bytes, seen.keys) != (root.blocks, root.bytes, root.keys) {
            return Err(self.damaged("its root counts other blocks than there are"));
        }
        Ok(())
    }

    /// An error of reading the CAR.
    fn wrong(&self, error: block_cid::Error) -> Error {
        let too_long = format!(" {} are the most", self.max_section);
        match error {
            block_cid::Error::Car { offset, reason }
                if self.max_section < MAX_BIG && reason.ends_with(&too_long) =>
            {
                let what = format!(
                    "at byte {offset}: {reason}; --allow-big-block takes blocks of up to 1 GiB \
                     (in a pack store 64 MiB), which `put --allow-big-block` makes; nothing was replaced"
                );
                Error::refused(self.file, what)
            }
            block_cid::Error::Car { offset, reason } => {
                self.damaged(&format!("at byte {offset}: {reason}"))
            }
            block_cid::Error::Io { source, .. } => Error::Store(datastore::Error::Io {
                action: "read",
                path: self.file.to_owned(),
                source,
            }),
            other => self.damaged(&other.to_string()),
        }
    }

    fn damaged(&self, what: &str) -> Error {
        Error::Damaged {
            path: self.file.to_owned(),
            what: format!("{what}; nothing was replaced: use another copy of it"),
        }
    }

    fn foreign(&self, why: &str) -> Error {
        let what =
            format!("it is no backup of this program ({why}); --plain takes the blocks of any CAR");
        Error::refused(self.file, what)
    }
}

/// What has been read so far.
#[derive(Default)]
struct Seen {
    pages: Vec<Cid>,
    // Blocks that no page has listed yet.
    links: Links,
    group: Vec<Block>,
    size: usize,
    // A value of which there is more to come, and its key.
    value: Option<(Vec<u8>, Vec<u8>)>,
    blocks: u64,
    bytes: u64,
    keys: u64,
}
