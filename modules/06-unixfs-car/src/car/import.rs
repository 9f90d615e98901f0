//! The blocks of a CAR into a store.
//!
//! ```text
//! a thread of its own                       this thread
//! read a group ─> hash it on all cores ──>  put it as one batch
//! ```
//!
//! As with `ipfs dag import` this is no transaction: what came before a damage is in the store. Nothing
//! is decoded, so a block may have any codec.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use block_cid::car::MAX_SECTION;
use block_cid::{Block, Blockstore, Cid};
use persistent::ops::Watch;

use super::{Error, Reader, Result, Section};

/// How often it is asked whether to stop while nothing comes.
const PATIENCE: Duration = Duration::from_millis(100);

/// What was in a CAR.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Its version.
    pub version: u8,
    /// Its roots, in the order of the header.
    pub roots: Vec<Cid>,
    /// Blocks, those of identity CIDs too.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// How a CAR is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import {
    /// The longest section that is taken, in bytes.
    pub max_section: u64,
}

impl Default for Import {
    /// Sections of up to 4 MiB.
    fn default() -> Import {
        Import {
            max_section: MAX_SECTION,
        }
    }
}

/// Puts the blocks of the CAR that `input` gives into `store`, each proven, and syncs it. `input` should
/// be buffered, and is read by a thread of its own, which is left to itself when this is stopped.
///
/// # Errors
/// Those of [`Reader::new`] and [`Reader::group`], and of the store, in [`Error::After`] if there were blocks
/// before; [`Error::Stopped`]. What was put before stays.
pub fn import<R>(
    input: R,
    store: &dyn Blockstore,
    how: Import,
    watch: &dyn Watch,
) -> Result<Imported>
where
    R: Read + Send + 'static,
{
    // Two groups are under way, one on each side, and one is between them.
    let (send, groups) = sync_channel(1);
    thread::Builder::new()
        .name("import".to_owned())
        .spawn(move || read(input, how, &send))
        .map_err(|error| Error::io("start a thread", error))?;
    let mut done = Imported::default();
    let mut last = None;
    let end = receive(&groups, store, watch, &mut done, &mut last);
    let end = end.and_then(|()| Ok(store.sync()?));
    match (end, last) {
        (Ok(()), _) => Ok(done),
        (Err(Error::Stopped), _) => Err(Error::Stopped),
        (Err(error), None) => Err(error),
        (Err(error), Some(last)) => Err(Error::After {
            last: Box::new(last),
            source: Box::new(error),
        }),
    }
}

enum Message {
    Begin(u8, Vec<Cid>),
    /// None behind the last.
    Group(Vec<Section>),
}

/// Sends what there is, until nobody listens any more.
fn read(input: impl Read, how: Import, to: &SyncSender<Result<Message>>) {
    let send = |message| to.send(message).is_ok();
    let mut reader = match Reader::new(input) {
        Ok(reader) => reader.with_max_section(how.max_section),
        Err(error) => {
            send(Err(error));
            return;
        }
    };
    if !send(Ok(Message::Begin(
        reader.version(),
        reader.roots().to_vec(),
    ))) {
        return;
    }
    loop {
        let group = reader.group();
        let goes_on = matches!(&group, Ok(group) if !group.is_empty());
        if !send(group.map(Message::Group)) || !goes_on {
            return;
        }
    }
}

/// Puts what comes; `last` is the last block that was.
fn receive(
    groups: &Receiver<Result<Message>>,
    store: &dyn Blockstore,
    watch: &dyn Watch,
    done: &mut Imported,
    last: &mut Option<Cid>,
) -> Result<()> {
    loop {
        if watch.stops() {
            return Err(Error::Stopped);
        }
        let group = match groups.recv_timeout(PATIENCE) {
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => {
                let why = std::io::Error::other("the thread that reads it ended before it did");
                return Err(Error::io("read the CAR", why));
            }
            Ok(message) => match message? {
                Message::Begin(version, roots) => {
                    (done.version, done.roots) = (version, roots);
                    continue;
                }
                Message::Group(group) if group.is_empty() => return Ok(()),
                Message::Group(group) => group,
            },
        };
        let blocks: Vec<Block> = group.into_iter().map(|section| section.block).collect();
        if store.put_many(&blocks).is_err() {
            // Not all of it is wrong: what comes before the fault is put, and the fault is told.
            for block in &blocks {
                store.put(block)?;
                *last = Some(*block.cid());
            }
        }
        let bytes = blocks.iter().map(|block| block.len() as u64).sum();
        *last = blocks.last().map(|block| *block.cid());
        done.blocks += blocks.len() as u64;
        done.bytes += bytes;
        watch.did(blocks.len() as u64, bytes);
    }
}
