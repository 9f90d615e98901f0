//! What of a segment is still needed, and what may be cut off.

use std::collections::HashSet;

use datastore::{Error, Key, Result};
use xxhash_rust::xxh3::xxh3_64;

use super::core::{Core, lock};
use super::scan::Found;
use super::segment::{HEADER, Place, Position};

/// A segment is moved in so many steps, at least ...
const STEPS: u64 = 64;

/// ... of so many bytes, at least.
const LEAST_STEP: u64 = 64 << 10;

/// Blocks of a segment that are not needed, by a hash of their keys.
pub(super) type Dead = HashSet<u64>;

/// What of a segment is needed.
#[derive(Debug)]
pub(super) struct Worth {
    pub number: u32,
    /// Where it may be cut: sections that begin a step apart, the first among them.
    pub cuts: Vec<u64>,
    pub len: u64,
    needed: u64,
    pub damaged: bool,
    /// Of the oldest segment alone; what is deleted may be in a segment before any other.
    pub dead: Option<Dead>,
}

impl Worth {
    /// Bytes that are not needed.
    pub fn free(&self) -> u64 {
        self.len - self.needed
    }

    /// Whether more than one byte in so many is not needed. What is damaged stays as it is: it is all
    /// that a salvage has to go by, and what cannot be read cannot be told to be needed no more.
    pub fn is_worth(&self, one_in: u64) -> bool {
        !self.damaged && self.free().saturating_mul(one_in) > self.len
    }
}

impl Core {
    /// Reads a segment through.
    pub(super) fn worth(&self, number: u32) -> Result<Worth> {
        let len = {
            // Of a write that is not done there may be a part behind the end.
            let tail = lock(&self.tail);
            match tail.end.segment == number {
                true => tail.end.offset,
                false => self.segments.len(number)?,
            }
        };
        let oldest = self.segments.numbers()?.first() == Some(&number);
        let mut worth = Worth {
            number,
            cuts: Vec::new(),
            len,
            needed: 0,
            damaged: false,
            dead: oldest.then(Dead::new),
        };
        // On a full disk there is what is left of the ballast, and copies need room first.
        let step = (len / STEPS).max(LEAST_STEP).min(self.limits.step);
        self.each(number, HEADER.len() as u64, len, &mut |found| {
            if self.is_stopped() {
                return Err(Error::Closed);
            }
            let (at, len, needed) = match &found {
                Found::Block {
                    at, len, multihash, ..
                } => {
                    let needed = self.is_at(multihash, number, *at, *len)?;
                    if let (false, Some(dead)) = (needed, &mut worth.dead) {
                        dead.insert(xxh3_64(multihash));
                    }
                    (*at, *len, needed)
                }
                Found::Deleted { at, len, blocks } => {
                    let hides = self.hidden(blocks, worth.dead.as_ref())?;
                    (*at, *len, !hides.is_empty())
                }
                Found::Loose { .. } | Found::Damage { .. } => {
                    worth.damaged = true;
                    return Ok(());
                }
            };
            if worth.cuts.last().is_none_or(|last| at - last >= step) {
                worth.cuts.push(at);
            }
            worth.needed += if needed { u64::from(len) } else { 0 };
            Ok(())
        })?;
        Ok(worth)
    }

    /// Whether the index has this block there.
    pub(super) fn is_at(
        &self,
        multihash: &[u8],
        number: u32,
        offset: u64,
        len: u32,
    ) -> Result<bool> {
        let at = Position {
            segment: number,
            offset,
        };
        let place = self.place(&Key::block(multihash)?)?;
        Ok(place == Some(Place { at, len }))
    }

    /// Those of these keys that are absent, and may be in an older segment, or are among the `dead`
    /// of this one, which is the oldest: a block comes back that loses its delete, if the index is
    /// made anew.
    pub(super) fn hidden(&self, blocks: &[Vec<u8>], dead: Option<&Dead>) -> Result<Vec<Key>> {
        let mut hidden = Vec::new();
        for multihash in blocks {
            let is_dead = dead.is_none_or(|dead| dead.contains(&xxh3_64(multihash)));
            if let Ok(key) = Key::block(multihash)
                && is_dead
                && self.place(&key)?.is_none()
            {
                hidden.push(key);
            }
        }
        Ok(hidden)
    }
}
