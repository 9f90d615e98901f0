//! A DAG out of a store, as a CAR: the one that `ipfs dag export` writes.
//!
//! The header names one root. The walk goes depth first, and takes the links of a block in the order in
//! which its bytes have them; each CID is written once, where it is met first, those of identity too. That
//! is the order of
//! [`TraverseV1`](https://pkg.go.dev/github.com/ipld/go-car/v2#TraverseV1) with a selector for everything,
//! and so the file is the same to the byte.
//!
//! ```text
//! links of the root    a    b     c            stack   what is left of the links of the blocks
//!                           │                          from the root to here
//!                      b1   b2    b3           ready   the blocks of the next links, read and
//!                           ▲                          proven together
//! ```
//!
//! Of a block on the way its links are kept, not its bytes. Where a hostile DAG has too many of them, those
//! nearest to the root are forgotten, and read again on the way back.

mod frame;
mod way;

use std::io::{Seek, Write};

use block_cid::{Block, Blockstore, Cid};
use dag_ipld::Codec;
use persistent::ops::Watch;

use super::copy::Copied;
use super::seen::Seen;
use super::{Error, Result, Writer};
use frame::Frame;
pub use way::Way;

/// How many blocks are read at once.
const AHEAD: usize = 16;

/// How many bytes of blocks may wait while the walk is below them.
const WAITING: usize = 8 << 20;

/// How many links may be remembered.
const LINKS: usize = 1 << 16;

/// Writes `root` and everything below it to `writer`, whose header should name it. Blocks are proven by
/// the store, which does so by default.
///
/// # Errors
/// [`Error::Missing`] and [`Error::Links`], which say how the walk came there; [`Error::Stopped`]; those
/// of the store and of the writer. What was written until then is no whole CAR.
pub fn export<W: Write + Seek>(
    store: &dyn Blockstore,
    root: &Cid,
    writer: &mut Writer<W>,
    watch: &dyn Watch,
) -> Result<Copied> {
    let mut walk = Walk {
        store,
        watch,
        root,
        stack: Vec::new(),
        seen: Seen::default(),
        waiting: 0,
        links: 0,
    };
    let mut copied = Copied::default();
    let mut next = walk.begin()?;
    while let Some(block) = next {
        writer.put(&block)?;
        copied.blocks += 1;
        copied.bytes += block.len() as u64;
        watch.did(1, block.len() as u64);
        walk.enter(&block)?;
        next = walk.step()?;
    }
    Ok(copied)
}

struct Walk<'a> {
    store: &'a dyn Blockstore,
    watch: &'a dyn Watch,
    root: &'a Cid,
    stack: Vec<Frame>,
    seen: Seen,
    /// Bytes that are ready in all frames but the last.
    waiting: usize,
    /// Links that are remembered in all frames.
    links: usize,
}

impl Walk<'_> {
    fn begin(&mut self) -> Result<Option<Block>> {
        self.seen.insert(self.root);
        let found = self.store.get(self.root)?;
        found.map(Some).ok_or_else(|| self.missing(self.root))
    }

    /// Goes below this block, if it has links.
    fn enter(&mut self, block: &Block) -> Result<()> {
        let links = self.links_of(block)?;
        if links.is_empty() {
            return Ok(());
        }
        if let Some(above) = self.stack.last_mut() {
            let size = above.ready_bytes();
            if self.waiting + size > WAITING {
                above.forget_ready();
            } else {
                self.waiting += size;
            }
        }
        self.links += links.len();
        self.stack.push(Frame::new(*block.cid(), links));
        let mut frames = self.stack.iter_mut();
        while self.links > LINKS {
            match frames.next() {
                Some(frame) if frames.len() > 0 => self.links -= frame.forget_links(),
                _ => break,
            }
        }
        Ok(())
    }

    /// The next block that was not met before; `None` at the end.
    fn step(&mut self) -> Result<Option<Block>> {
        while !self.stack.is_empty() {
            if self.watch.stops() {
                return Err(Error::Stopped);
            }
            self.remember()?;
            let Some(frame) = self.stack.last_mut() else {
                break;
            };
            if let Some((cid, block)) = frame.next(self.store, &self.seen)? {
                if !self.seen.insert(&cid) {
                    continue;
                }
                return match block {
                    Some(block) => Ok(Some(block)),
                    None => Err(self.missing(&cid)),
                };
            }
            if let Some(done) = self.stack.pop() {
                self.links -= done.len();
            }
            if let Some(above) = self.stack.last() {
                self.waiting = self.waiting.saturating_sub(above.ready_bytes());
            }
        }
        Ok(None)
    }

    /// Reads the links of the last frame again if they were forgotten.
    fn remember(&mut self) -> Result<()> {
        let Some(cid) = self.stack.last().and_then(Frame::forgotten) else {
            return Ok(());
        };
        let block = self.store.get(&cid)?;
        let block = block.ok_or_else(|| self.missing(&cid))?;
        let links = self.links_of(&block)?;
        self.links += links.len();
        if let Some(frame) = self.stack.last_mut() {
            frame.remember(links);
        }
        Ok(())
    }

    /// The links of a block, in the order of its bytes.
    fn links_of(&self, block: &Block) -> Result<Vec<Cid>> {
        let mut links = Vec::new();
        Codec::of(block.cid())
            .and_then(|codec| codec.links(block.data(), &mut |cid| links.push(cid)))
            .map_err(|source| Error::Links {
                cid: Box::new(*block.cid()),
                way: self.way(),
                source,
            })?;
        Ok(links)
    }

    fn missing(&self, cid: &Cid) -> Error {
        Error::Missing {
            cid: Box::new(*cid),
            way: self.way(),
        }
    }

    /// From the root to the last frame.
    fn way(&self) -> Way {
        Way::new(*self.root, self.stack.iter().skip(1).map(Frame::cid))
    }
}
