//! The blocks of a CAR into a store.
//!
//! ```text
//! a thread of its own     another one                  this thread
//! read a group ─────────> hash it on all cores ──────> put it as one batch
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

use super::group::prove;
use super::{Error, Reader, Result};

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
    // Each has a group, and one is between two of them.
    let (send, claimed) = sync_channel(1);
    let (proven, groups) = sync_channel(1);
    start("read a CAR", move || read(input, how, &send))?;
    start("prove a CAR", move || prove_each(&claimed, &proven))?;
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

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = thread::Builder::new().name(name.to_owned());
    let started = thread.spawn(work);
    started
        .map(drop)
        .map_err(|error| Error::io("start a thread", error))
}

enum Message {
    Begin(u8, Vec<Cid>),
    /// Where sections begin, and their blocks; none behind the last.
    Group(Vec<u64>, Vec<Block>),
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
        let group = reader.claimed();
        let goes_on = matches!(&group, Ok((_, blocks)) if !blocks.is_empty());
        if !send(group.map(|(offsets, blocks)| Message::Group(offsets, blocks))) || !goes_on {
            return;
        }
    }
}

/// Passes on what was proven, up to the first block that is not what its CID names.
fn prove_each(claimed: &Receiver<Result<Message>>, to: &SyncSender<Result<Message>>) {
    for message in claimed {
        let (message, wrong) = match message {
            Ok(Message::Group(offsets, mut blocks)) => {
                let wrong = prove(&offsets, &mut blocks);
                // None at all would be the end.
                let group = (!blocks.is_empty() || wrong.is_none())
                    .then_some(Ok(Message::Group(offsets, blocks)));
                (group, wrong)
            }
            other => (Some(other), None),
        };
        for message in message.into_iter().chain(wrong.map(Err)) {
            let is_last = message.is_err();
            if to.send(message).is_err() || is_last {
                return;
            }
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
        let blocks = match groups.recv_timeout(PATIENCE) {
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
                Message::Group(_, blocks) if blocks.is_empty() => return Ok(()),
                Message::Group(_, blocks) => blocks,
            },
        };
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
