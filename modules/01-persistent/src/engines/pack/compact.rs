//! Giving back the space of what was deleted.
//!
//! ```text
//! 000003.car   A  b  C  d │ E  f  g  H        small letters: deleted, or written again elsewhere
//!                         └ one step: E and H are appended to the log, which is flushed;
//! 000003.car   A  b  C  d   then the segment is cut here, and flushed
//! ```
//!
//! A segment is taken from its end, in steps, so that it is a CAR all the time and little room is
//! needed beside it. A crash leaves at most a step twice. A delete goes with its segment only if
//! there is no older block that it hides, in this segment or in another.

use std::collections::HashSet;

use datastore::disk::Mode;
use datastore::{Error, Key, Result};
use xxhash_rust::xxh3::xxh3_64;

use super::core::{Core, lock};
use super::page::At;
use super::recover::Halt;
use super::scan::{Effort, Found, scan};
use super::segment::{HEADER, Place, Position};

/// A segment is compacted if more than one byte in so many is not needed.
const WORTH: u64 = 8;

/// A segment is moved in so many steps, at least ...
const STEPS: u64 = 64;

/// ... of so many bytes, at least.
const LEAST_STEP: u64 = 64 << 10;

/// What of a segment is needed.
#[derive(Default)]
struct Worth {
    /// Where the sections begin.
    sections: Vec<u64>,
    needed: u64,
    len: u64,
    damaged: bool,
    /// Blocks in it that are not needed, by a hash of their keys.
    dead: HashSet<u64>,
}

impl Core {
    /// Compacts every segment that is worth it.
    pub fn compact(&self) -> Result<()> {
        for number in self.segments.numbers()? {
            self.check()?;
            let worth = self.worth(number)?;
            // What is damaged is for salvage.
            let free = worth.len - worth.needed;
            if worth.damaged || free.saturating_mul(WORTH) <= worth.len || worth.sections.is_empty()
            {
                continue;
            }
            {
                let mut tail = lock(&self.tail);
                if tail.end.segment == number {
                    self.seal(&mut tail)?;
                }
            }
            // On a full disk there is a sixteenth of the store, and copies need room first.
            let step = (worth.len / STEPS).max(LEAST_STEP).min(self.limits.step);
            let mut end = worth.len;
            for (n, begin) in worth.sections.iter().enumerate().rev() {
                if end - begin >= step || n == 0 {
                    self.move_part(number, *begin, end, Some(&worth.dead))?;
                    self.sync()?;
                    self.truncate(number, *begin)?;
                    self.segments.forget(number);
                    end = *begin;
                }
            }
            let path = self.segments.path(number);
            let disk = self.segments.disk();
            let removed = disk.remove_file(&path);
            removed.map_err(|error| Error::io("remove", &path, error))?;
        }
        let dir = self.segments.dir();
        let synced = self.segments.disk().sync_dir(dir);
        synced.map_err(|error| self.fails(Error::io("flush", dir, error)))?;
        let settled = self.settle_all().and_then(|()| {
            let _upkeep = lock(&self.upkeep);
            self.merge_all()
        });
        match settled {
            // The log is on disk, and the index is made again from it.
            Err(full) if full.is_out_of_space() || full.is_out_of_handles() => Ok(()),
            settled => settled,
        }
    }

    /// Has everything in runs.
    pub fn settle_all(&self) -> Result<()> {
        self.sync()?;
        {
            let mut tail = lock(&self.tail);
            if self.index.in_memory() > 0 {
                self.freeze(&mut tail)?;
            }
        }
        // There may have been one on its way, too.
        while self.index.in_memory() > 0 {
            self.settle()?;
            let tail = lock(&self.tail);
            if self.index.in_memory() > 0 {
                self.index.freeze(tail.end, tail.file.clone());
            }
        }
        Ok(())
    }

    fn worth(&self, number: u32) -> Result<Worth> {
        let mut worth = Worth {
            len: self.segments.len(number)?,
            ..Worth::default()
        };
        let to = worth.len;
        self.each(number, HEADER.len() as u64, to, &mut |found| {
            let (at, len, needed) = match &found {
                Found::Block {
                    at, len, multihash, ..
                } => {
                    let needed = self.is_at(multihash, number, *at, *len)?;
                    if !needed {
                        worth.dead.insert(xxh3_64(multihash));
                    }
                    (*at, *len, needed)
                }
                Found::Deleted { at, len, blocks } => {
                    let hides = self.hidden(number, blocks, Some(&worth.dead))?;
                    (*at, *len, !hides.is_empty())
                }
                Found::Loose { .. } | Found::Damage { .. } => {
                    worth.damaged = true;
                    return Ok(());
                }
            };
            worth.sections.push(at);
            worth.needed += if needed { u64::from(len) } else { 0 };
            Ok(())
        })?;
        Ok(worth)
    }

    /// Appends what is needed of the sections from `from` on.
    pub(super) fn move_from(&self, number: u32, from: u64) -> Result<()> {
        let to = self.segments.len(number)?;
        self.move_part(number, from, to, None)?;
        self.sync()
    }

    fn move_part(
        &self,
        number: u32,
        from: u64,
        to: u64,
        dead: Option<&HashSet<u64>>,
    ) -> Result<()> {
        self.each(number, from, to, &mut |found| match found {
            Found::Block {
                at,
                len,
                multihash,
                value,
            } => {
                if self.is_at(multihash, number, at, len)? {
                    self.append_copy(&Key::block(multihash)?, value)?;
                }
                Ok(())
            }
            Found::Deleted { blocks, .. } => {
                let hidden = self.hidden(number, &blocks, dead)?;
                self.append_deletes(&hidden)
            }
            Found::Loose { .. } | Found::Damage { .. } => Ok(()),
        })
    }

    /// Whether the index has this block there.
    fn is_at(&self, multihash: &[u8], number: u32, offset: u64, len: u32) -> Result<bool> {
        let at = Position {
            segment: number,
            offset,
        };
        let place = self.place(&Key::block(multihash)?)?;
        Ok(place == Some(Place { at, len }))
    }

    /// Those of these keys that are absent, and may be in an older segment, or are among the `dead`
    /// of this one: a block comes back that loses its delete, if the index is made anew. `None` are
    /// dead that are not known.
    fn hidden(
        &self,
        number: u32,
        blocks: &[Vec<u8>],
        dead: Option<&HashSet<u64>>,
    ) -> Result<Vec<Key>> {
        let oldest = self.segments.numbers()?.first() == Some(&number);
        let mut hidden = Vec::new();
        for multihash in blocks {
            let is_dead = dead.is_none_or(|dead| dead.contains(&xxh3_64(multihash)));
            if let Ok(key) = Key::block(multihash)
                && (!oldest || is_dead)
                && self.place(&key)?.is_none()
            {
                hidden.push(key);
            }
        }
        Ok(hidden)
    }

    /// Gives what is found in a part of a segment.
    pub(super) fn each(
        &self,
        number: u32,
        from: u64,
        to: u64,
        with: &mut dyn FnMut(Found<'_>) -> Result<()>,
    ) -> Result<()> {
        let path = self.segments.path(number);
        // Not the one that gets share.
        let file = self.segments.disk().open(&path, Mode::Read);
        let file = file.map_err(|error| Error::io("open", &path, error))?;
        let mut emit = |found: Found<'_>| with(found).map_err(Halt::Store);
        let named = |offset, len, multihash: &[u8]| {
            let at = Position {
                segment: number,
                offset,
            };
            let found = Key::block(multihash).map(|key| self.index.find(&key));
            let place = found.ok().and_then(Result::ok).flatten();
            place
                .and_then(At::place)
                .is_some_and(|place| place.at == at && place.len as usize == len)
        };
        let scanned = scan::<Halt>(&*file, from..to, Effort::Opening, &named, &mut emit);
        scanned.map(drop).map_err(|halt| match halt {
            Halt::Store(error) => error,
            Halt::Io(error) => Error::io("read", self.segments.path(number), error),
        })
    }
}
