//! The leaf pages of a redb file, whether a tree still leads to them or not.
//!
//! ```text
//! a page begins at a multiple of 4096 bytes
//! 0     1      a leaf
//! 2     n      pairs, two bytes
//! 4     n × 4  where each key ends, from the start of the page
//!       n × 4  where each value ends
//!       keys, then values
//! ```
//!
//! (redb's `docs/design.md`.) A block that was cut (`tables/fit.rs`) is put together from what the
//! table of blocks and that of tails have under its key.
//!
//! Whatever is hit in front of the values, the rest says what it was (`leaf.rs`): a multihash says
//! how long it is, so the keys tell how many there are and where each ends, and a damaged key is
//! known by the hash of its value. Where a value ends nothing repeats. If one does not hash, a bit
//! of either end is turned back; then each end in the next 4 MiB is tried in one pass (`search.rs`),
//! near ones first, until 2^26 of them were; the next value begins at the one that is right. So of
//! one wrong byte only the block is lost that has it among its own.
//!
//! A leaf of several values may be longer than a page. If its whole first page is gone, nothing says
//! where the values in the others begin and end, nor whose they are: those are lost with it.

mod leaf;
mod search;
mod suspect;

use std::path::Path;

use datastore::disk::Mode;
use datastore::{Disk, DiskFile, Key, Os};
use sha2::{Digest as _, Sha256};

use super::Result;
use super::rescue::{Rescue, alike, parse};
use super::scan::KEY;
use crate::engines::tables::fills_its_page;
use search::Search;
use suspect::{Halves, Suspect};

/// Pages begin at multiples of this.
const PAGE: usize = 4096;

/// What is read at once.
const STRIDE: u64 = 1 << 20;

/// The keys of a leaf and their ends are in its first so many bytes.
const HEAD: u64 = 1 << 16;

/// No tail is longer.
const TAIL: usize = 256;

/// In how many bytes an end is looked for: near for all, before it is looked for farther away.
const ROUNDS: [u64; 3] = [8 << 10, 64 << 10, 4 << 20];

/// Reads every page of the file at `path`.
pub(super) fn read(path: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    let opened = Os.open(path, Mode::Read);
    let file = match opened.and_then(|file| Ok((file.len()?, file))) {
        Ok((len, file)) => File { file, len },
        Err(error) => {
            rescue.unreadable(path, error);
            return Ok(());
        }
    };
    let mut reader = Reader {
        file,
        rescue,
        suspects: Vec::new(),
        search: Search::new(),
    };
    let mut at = 0;
    while at < reader.file.len {
        reader.rescue.go_on()?;
        let Some(bytes) = reader.file.upto(at, STRIDE + HEAD) else {
            // A bad spot of the disk; what is behind it is read.
            at += PAGE as u64;
            continue;
        };
        for n in (0..STRIDE.min(bytes.len() as u64)).step_by(PAGE) {
            let head = bytes.get(n as usize..).unwrap_or_default();
            let head = head.get(..HEAD as usize).unwrap_or(head);
            reader.page(at + n, head)?;
        }
        at += STRIDE;
    }
    reader.end()
}

struct File {
    file: Box<dyn DiskFile>,
    len: u64,
}

impl File {
    fn read(&self, at: u64, len: u64) -> Option<Vec<u8>> {
        let end = at.checked_add(len)?;
        (end <= self.len).then(|| self.file.read_vec(at, len).ok())?
    }

    /// As many of `most` bytes as there are.
    fn upto(&self, at: u64, most: u64) -> Option<Vec<u8>> {
        self.read(at, most.min(self.len.checked_sub(at)?))
    }
}

struct Reader<'a, 'b> {
    file: File,
    rescue: &'a mut Rescue<'b>,
    suspects: Vec<Suspect>,
    search: Search,
}

impl Reader<'_, '_> {
    /// The blocks of a page; what is none by itself waits for the end.
    fn page(&mut self, at: u64, page: &[u8]) -> Result<()> {
        for pair in leaf::pairs(page) {
            if pair.key.first() == Some(&b'/')
                && let Ok(key) = Key::from_bytes(pair.key)
            {
                self.rescue.lost_other(&key)?;
                continue;
            }
            let suspect = Suspect {
                key: pair.key.to_vec(),
                page: at,
                start: pair.start,
                end: pair.end,
                before: pair.before,
            };
            if self.any_of(&suspect, suspect.said())?.is_none() {
                self.rescue.name(pair.key);
                // Or one of redb's own.
                if pair.key.len() == KEY || parse(pair.key).is_some() {
                    self.suspects.push(suspect);
                }
            }
        }
        Ok(())
    }

    fn value(&self, page: u64, start: usize, end: usize) -> Option<Vec<u8>> {
        let len = end.checked_sub(start)?;
        self.file.read(page + start as u64, len as u64)
    }

    /// What needed the whole file to be seen first: what costs least for all, then what costs more
    /// for those that are left.
    fn end(mut self) -> Result<()> {
        let suspects = std::mem::take(&mut self.suspects);
        let halves = Halves::of(&suspects);
        self.each(&suspects, |reader, suspect| {
            let first = (suspect.start, suspect.end);
            reader.join(suspect, first, &halves, Suspect::said)
        })?;
        self.each(&suspects, |reader, suspect| {
            reader.any_of(suspect, suspect.turned())
        })?;
        self.each(&suspects, |reader, suspect| {
            for first in suspect.said().chain(suspect.full()) {
                if let Some(end) = reader.join(suspect, first, &halves, Suspect::said_or_turned)? {
                    return Ok(Some(end));
                }
            }
            Ok(None)
        })?;
        self.each(&suspects, |reader, suspect| {
            reader.search_tail(suspect, &halves)
        })?;
        for most in ROUNDS {
            self.each(&suspects, |reader, suspect| reader.search(suspect, most))?;
        }
        Ok(())
    }

    /// Has `find` look for the value of each suspect that is still missing, and say where it ends:
    /// the next one begins there.
    fn each(
        &mut self,
        suspects: &[Suspect],
        find: impl Fn(&mut Self, &Suspect) -> Result<Option<usize>>,
    ) -> Result<()> {
        let mut before: Option<(&Suspect, usize)> = None;
        for suspect in suspects {
            self.rescue.go_on()?;
            if self.rescue.has(&suspect.key)? {
                continue;
            }
            let mut moved = suspect.clone();
            if let Some((before, end)) = before
                && (before.page, before.end) == (suspect.page, suspect.start)
            {
                moved.start = end;
            }
            let end = match self.any_of(&moved, moved.said())? {
                None => find(self, &moved)?,
                found => found,
            };
            before = end.map(|end| (suspect, end));
        }
        Ok(())
    }

    /// Where the value ends, if it is at one of these places.
    fn any_of(
        &mut self,
        suspect: &Suspect,
        places: impl IntoIterator<Item = (usize, usize)>,
    ) -> Result<Option<usize>> {
        for (start, end) in places {
            if let Some(value) = self.value(suspect.page, start, end)
                && self.rescue.block(&suspect.key, &value)?
            {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// Looks for the end among the next so many bytes.
    fn search(&mut self, suspect: &Suspect, most: u64) -> Result<Option<usize>> {
        let at = suspect.page + suspect.start as u64;
        let behind = self.file.upto(at, most).unwrap_or_default();
        let len = self.search.end(&suspect.key, Sha256::new(), &behind);
        let places = len.map(|len| (suspect.start, suspect.start + len));
        self.any_of(suspect, places)
    }

    /// Puts a block together that was cut, of a first part that begins and ends there and a tail from
    /// one of these places; where the first part ends, if there was one.
    fn join<P: Iterator<Item = (usize, usize)>>(
        &mut self,
        suspect: &Suspect,
        (start, end): (usize, usize),
        halves: &Halves<'_>,
        places: impl Fn(&Suspect) -> P,
    ) -> Result<Option<usize>> {
        let Some((first, tails)) = self.first(suspect, start, end, halves) else {
            return Ok(None);
        };
        for tail in tails {
            for (from, to) in places(tail).filter(|(from, to)| to.saturating_sub(*from) <= TAIL) {
                if let Some(rest) = self.value(tail.page, from, to)
                    && self
                        .rescue
                        .block(&suspect.key, &[&first[..], &rest].concat())?
                {
                    if tail.key != suspect.key {
                        self.rescue.alias(&tail.key);
                    }
                    return Ok(Some(end));
                }
            }
        }
        Ok(None)
    }

    /// Looks for the tail of a block that was cut, wherever it begins and ends behind the start of
    /// the one before it.
    fn search_tail(&mut self, suspect: &Suspect, halves: &Halves<'_>) -> Result<Option<usize>> {
        let Some((first, tails)) = self.first(suspect, suspect.start, suspect.end, halves) else {
            return Ok(None);
        };
        let hash = Sha256::new_with_prefix(&first);
        for tail in tails {
            let at = tail.page + tail.before as u64;
            let bytes = self.file.upto(at, 2 * TAIL as u64).unwrap_or_default();
            for from in 0..=TAIL {
                let behind = bytes.get(from..).unwrap_or_default();
                let behind = behind.get(..TAIL).unwrap_or(behind);
                if let Some(len) = self.search.end(&suspect.key, hash.clone(), behind)
                    && let Some(rest) = behind.get(..len)
                    && self
                        .rescue
                        .block(&suspect.key, &[&first[..], rest].concat())?
                {
                    return Ok(Some(suspect.end));
                }
            }
        }
        Ok(None)
    }

    /// What lies there, if it fills its page as the first part of a block does that was cut,
    /// and where its tail may be: one of the two keys may have been hit.
    fn first<'s>(
        &self,
        suspect: &Suspect,
        start: usize,
        end: usize,
        halves: &Halves<'s>,
    ) -> Option<(Vec<u8>, Vec<&'s Suspect>)> {
        let len = end.checked_sub(start)?;
        if !fills_its_page(suspect.key.len(), len) {
            return None;
        }
        let is_tail = |other: &&Suspect| {
            alike(&other.key, &suspect.key)
                && (other.page, other.start) != (suspect.page, suspect.start)
        };
        let tails: Vec<_> = halves.near(&suspect.key).filter(is_tail).collect();
        if tails.is_empty() {
            return None;
        }
        Some((self.value(suspect.page, start, end)?, tails))
    }
}

#[cfg(test)]
mod tests;
