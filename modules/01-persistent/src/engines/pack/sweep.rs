//! All blocks, in the order in which they lie.
//!
//! ```text
//! index   A → 7   B → 2   C → 9   D → 3        a batch, in the order of keys, with the places
//!         B   D   A   C                        the same in the order of places
//! log     ··B·D·······A·C··                    each stretch is read at once, up to 4 MiB of it
//! ```
//!
//! A hash says nothing about where its block lies: who reads by key, reads at random, and looks each
//! key up. Here the walk through the index tells the place with the key, and nothing is looked up.
//!
//! What is swept is what is there at the beginning. The places hold for as long as nothing is appended
//! to the log, which is the only way in which the index changes. Once something was, each block is
//! looked up, too: what is deleted before its stretch is read is not given, what was moved is left to
//! a get, and so is every section that is not whole.
//!
//! A batch has about a million blocks, 80 bytes each. A larger store is gone through once for each
//! batch, and where the blocks of one are far apart they are read one by one.
//!
//! A query goes the same way, by a quarter of a million and at most 256 KiB at once: whoever keeps a
//! value keeps no more than that.

use std::iter::{self, Peekable};
use std::sync::Arc;
use std::vec;

use bytes::Bytes;
use datastore::disk::Mode;
use datastore::{DiskFile, Error, Key, Result};

use super::core::{Core, lock};
use super::recover::TABLES;
use super::section::Frame;
use super::segment::{Place, Position};
use super::walk::{self, Walk};
use super::window::PIECE;
use crate::engine::Stretch;

/// So many bytes between two blocks are read rather than stepped over.
const GAP: u64 = 32 << 10;

/// Bytes that a query reads at once.
const QUERIED: u64 = 256 << 10;

/// A value of fewer bytes is a copy for whoever queries, so that it keeps no others in memory.
const COPIED: usize = 64 << 10;

/// Sweeps the log.
pub(super) struct Sweep {
    core: Arc<Core>,
    /// Blocks of a batch, and bytes of a stretch, at most.
    most: usize,
    piece: u64,
    walk: Walk,
    /// Where the log ended before that began.
    since: Position,
    batch: Peekable<vec::IntoIter<(Place, Key)>>,
    /// Why the walk ended early: that comes behind the batch.
    failed: Option<Error>,
    /// The segment that is read. Not the descriptor that gets share.
    open: Option<(u32, Arc<dyn DiskFile>)>,
}

impl Sweep {
    pub fn new(core: &Arc<Core>) -> Result<Sweep> {
        Sweep::of(core, core.limits.table.saturating_mul(TABLES), PIECE)
    }

    fn of(core: &Arc<Core>, most: usize, piece: u64) -> Result<Sweep> {
        let since = lock(&core.tail).end;
        Ok(Sweep {
            core: Arc::clone(core),
            most,
            piece,
            walk: walk::places(core)?,
            since,
            batch: Vec::new().into_iter().peekable(),
            failed: None,
            open: None,
        })
    }

    fn queried(core: &Arc<Core>) -> Result<Sweep> {
        Sweep::of(core, core.limits.table.saturating_mul(TABLES / 4), QUERIED)
    }

    fn key(&mut self) -> Option<Result<Key>> {
        if self.batch.peek().is_none() {
            self.fill();
        }
        match self.batch.next() {
            Some((_, key)) => Some(Ok(key)),
            None => self.failed.take().map(Err),
        }
    }

    fn fill(&mut self) {
        let mut batch = Vec::new();
        for entry in self.walk.by_ref().take(self.most) {
            match entry {
                Ok((key, place)) => batch.push((place, key)),
                Err(error) => self.failed = Some(error),
            }
        }
        batch.sort_unstable_by_key(|(place, _)| *place);
        self.batch = batch.into_iter().peekable();
    }

    /// The blocks that are read together next.
    fn cut(&mut self) -> Option<Stretch> {
        let (first, key) = self.batch.next()?;
        let begin = first.at;
        let mut end = first.end();
        let (mut keys, mut places) = (vec![key], vec![first]);
        let piece = self.piece;
        let near = |place: &Place, end: u64| {
            place.at.segment == begin.segment
                && place.at.offset <= end + GAP
                && place.end() <= begin.offset + piece
        };
        while let Some((place, key)) = self.batch.next_if(|(place, _)| near(place, end)) {
            end = end.max(place.end());
            keys.push(key);
            places.push(place);
        }
        let file = self.file(begin.segment);
        let (core, since) = (Arc::clone(&self.core), self.since);
        Some(Stretch {
            keys,
            read: Box::new(move |keys| {
                let len = end - begin.offset;
                let bytes = file.as_ref()?.read_vec(begin.offset, len).ok()?;
                let bytes = Bytes::from(bytes);
                let is_as_it_was = lock(&core.tail).end == since;
                let value = |(key, place): (&Key, &Place)| {
                    let from = (place.at.offset - begin.offset) as usize;
                    let value = value(key, bytes.slice(from..from + place.len as usize))?;
                    let is_there =
                        is_as_it_was || core.place(key).is_ok_and(|at| at == Some(*place));
                    is_there.then_some(value)
                };
                Some(keys.iter().zip(&places).map(value).collect())
            }),
        })
    }

    fn file(&mut self, number: u32) -> Option<Arc<dyn DiskFile>> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != number) {
            let path = self.core.segments.path(number);
            let file = self.core.segments.disk().open(&path, Mode::Read).ok();
            self.open = file.map(|file| (number, file.into()));
        }
        self.open.as_ref().map(|(_, file)| Arc::clone(file))
    }
}

/// Whether all blocks are below `prefix`.
pub(super) fn is_for(prefix: &Key) -> bool {
    prefix.scope().blocks.is_some_and(|tail| tail.is_empty())
}

/// The keys of all blocks, in the order of [`entries`].
pub(super) fn keys(core: &Arc<Core>) -> Result<impl Iterator<Item = Result<Key>> + use<>> {
    let mut sweep = Sweep::queried(core)?;
    Ok(iter::from_fn(move || sweep.key()))
}

/// All blocks with their values. One that is deleted before its stretch is read does not appear.
pub(super) fn entries(
    core: &Arc<Core>,
) -> Result<impl Iterator<Item = Result<(Key, Bytes)>> + use<>> {
    let sweep = Sweep::queried(core)?;
    let core = Arc::clone(core);
    Ok(sweep.flat_map(move |stretch| {
        let (keys, values, failed) = match stretch {
            Ok(Stretch { keys, read }) => {
                let values = read(&keys).unwrap_or_default();
                (keys, values, None)
            }
            Err(error) => (Vec::new(), Vec::new(), Some(Err(error))),
        };
        let core = Arc::clone(&core);
        let values = values.into_iter().chain(iter::repeat(None));
        let entry = move |(key, value): (Key, Option<Bytes>)| {
            let value = match value {
                Some(small) if small.len() < COPIED => Ok(Some(Bytes::copy_from_slice(&small))),
                Some(value) => Ok(Some(value)),
                None => core.get_once(&key),
            };
            value.map(|value| Some((key, value?))).transpose()
        };
        keys.into_iter().zip(values).filter_map(entry).chain(failed)
    }))
}

/// The block of a section, if it is the one of this key by its head.
fn value(key: &Key, section: Bytes) -> Option<Bytes> {
    let frame = Frame::read(&section).filter(|frame| frame.len == section.len())?;
    let is_its = key.as_block() == Some(frame.multihash(&section));
    is_its.then(|| section.slice(frame.value..))
}

impl Iterator for Sweep {
    type Item = Result<Stretch>;

    fn next(&mut self) -> Option<Result<Stretch>> {
        if self.batch.peek().is_none() {
            self.fill();
        }
        match self.cut() {
            Some(stretch) => Some(Ok(stretch)),
            None => self.failed.take().map(Err),
        }
    }
}
