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

use std::iter::Peekable;
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

/// Sweeps the log.
pub(super) struct Sweep {
    core: Arc<Core>,
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
        let since = lock(&core.tail).end;
        Ok(Sweep {
            core: Arc::clone(core),
            walk: walk::places(core)?,
            since,
            batch: Vec::new().into_iter().peekable(),
            failed: None,
            open: None,
        })
    }

    fn fill(&mut self) {
        let most = self.core.limits.table.saturating_mul(TABLES);
        let mut batch = Vec::new();
        for entry in self.walk.by_ref().take(most) {
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
        let near = |place: &Place, end: u64| {
            place.at.segment == begin.segment
                && place.at.offset <= end + GAP
                && place.end() <= begin.offset + PIECE
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
