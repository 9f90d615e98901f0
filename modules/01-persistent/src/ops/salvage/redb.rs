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
//! table of blocks and that of tails have under its key. Where a count or an end was hit, the
//! others say what it was, or one of its bits is turned back: the hash knows.

use std::collections::BTreeMap;
use std::path::Path;

use datastore::disk::Mode;
use datastore::{Disk, DiskFile, Key, Os};

use super::Result;
use super::rescue::{Rescue, alike, parse};
use super::scan::{FAR, KEY, number};
use crate::engines::tables::fills_its_page;

/// Pages begin at multiples of this.
const PAGE: usize = 4096;

/// What is read at once.
const STRIDE: u64 = 1 << 20;

/// No tail is longer.
const TAIL: usize = 256;

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
        tails: BTreeMap::new(),
        suspects: Vec::new(),
    };
    let mut at = 0;
    while at < reader.file.len {
        reader.rescue.go_on()?;
        let Some(bytes) = reader.file.read(at, STRIDE.min(reader.file.len - at)) else {
            // A bad spot of the disk; what is behind it is read.
            at += PAGE as u64;
            continue;
        };
        for (n, page) in bytes.chunks(PAGE).enumerate() {
            reader.page(at + (n * PAGE) as u64, page)?;
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
}

/// Where a value should be, whose hash is not that of its key.
struct Suspect {
    key: Vec<u8>,
    page: u64,
    start: usize,
    end: usize,
}

struct Reader<'a, 'b> {
    file: File,
    rescue: &'a mut Rescue<'b>,
    /// Short values that are no blocks by themselves, by their keys.
    tails: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    suspects: Vec<Suspect>,
}

impl Reader<'_, '_> {
    fn page(&mut self, at: u64, page: &[u8]) -> Result<()> {
        let said = number(page, 2, 2).unwrap_or_default();
        let count = if page.first() == Some(&1) && is_leaf(page, said) {
            said
        } else {
            // So many keys of the usual length that the ends agree.
            match (1..PAGE / (8 + KEY)).find(|count| looks_like(page, *count)) {
                Some(count) => count,
                None => return Ok(()),
            }
        };
        let first = 4 + 8 * count;
        let ends = |from: usize| {
            (0..count).map(move |n| number(page, from + 4 * n, 4).unwrap_or_default())
        };
        let keys: Vec<usize> = ends(4).collect();
        let values: Vec<usize> = ends(4 + 4 * count).collect();
        let mut key_start = first;
        // The values begin where the keys end.
        let mut start = keys.last().copied().unwrap_or(first);
        for (n, (key_end, end)) in keys.into_iter().zip(values).enumerate() {
            let said = page.get(key_start..key_end);
            let usual = first + n * KEY;
            let usual = page.get(usual..usual + KEY);
            let key = [said, usual].into_iter().flatten();
            let key = key.clone().find(|key| parse(key).is_some()).or(said);
            self.pair(at, key.unwrap_or_default(), start, end)?;
            (key_start, start) = (key_end, end);
        }
        Ok(())
    }

    fn pair(&mut self, page: u64, key: &[u8], start: usize, end: usize) -> Result<()> {
        if key.first() == Some(&b'/')
            && let Ok(key) = Key::from_bytes(key)
        {
            return self.rescue.lost_other(&key);
        }
        if let Some(value) = self.value(page, start, end) {
            if self.rescue.block(key, &value)? {
                return Ok(());
            }
            if value.len() <= TAIL {
                self.tails.entry(key.to_vec()).or_default().push(value);
            }
        }
        self.rescue.name(key);
        self.suspects.push(Suspect {
            key: key.to_vec(),
            page,
            start,
            end,
        });
        Ok(())
    }

    fn value(&self, page: u64, start: usize, end: usize) -> Option<Vec<u8>> {
        let len = end.checked_sub(start)?;
        self.file.read(page + start as u64, len as u64)
    }

    /// What needed the whole file to be seen first.
    fn end(mut self) -> Result<()> {
        let tails = std::mem::take(&mut self.tails);
        let suspects = std::mem::take(&mut self.suspects);
        for suspect in &suspects {
            self.rescue.go_on()?;
            if self.rescue.has(&suspect.key)? || self.join(suspect, &tails, &suspects)? {
                continue;
            }
            for (start, end) in suspect.turned(FAR) {
                if let Some(value) = self.value(suspect.page, start, end) {
                    self.rescue.block(&suspect.key, &value)?;
                }
            }
        }
        Ok(())
    }

    /// Puts a block together that was cut; true if there was one.
    fn join(
        &mut self,
        suspect: &Suspect,
        tails: &BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
        suspects: &[Suspect],
    ) -> Result<bool> {
        let key = &suspect.key;
        let Some(first) = self.value(suspect.page, suspect.start, suspect.end) else {
            return Ok(false);
        };
        if !fills_its_page(key.len(), first.len()) {
            return Ok(false);
        }
        // One of the two keys may have been hit.
        let near = tails.iter().filter(|(other, _)| alike(other, key));
        for (other, tails) in tails.get_key_value(key).into_iter().chain(near) {
            for tail in tails {
                if self.rescue.block(key, &[&first[..], tail].concat())? {
                    if other != key {
                        self.rescue.alias(other);
                    }
                    return Ok(true);
                }
            }
        }
        // Or where the tail ends.
        for other in suspects.iter().filter(|other| alike(&other.key, key)) {
            for (start, end) in other.turned(TAIL) {
                if let Some(tail) = self.value(other.page, start, end)
                    && self.rescue.block(key, &[&first[..], &tail].concat())?
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

impl Suspect {
    /// Where it may begin and end if a bit of either was hit, with at most so many bytes between.
    fn turned(&self, most: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (start, end) = (self.start, self.end);
        let bits = (0..FAR.ilog2()).map(|bit| 1 << bit);
        bits.flat_map(move |bit| [(start, end ^ bit), (start ^ bit, end)])
            .filter(move |(start, end)| start < end && end - start <= most)
    }
}

/// Whether a page of so many pairs is made as a leaf is.
fn is_leaf(page: &[u8], count: usize) -> bool {
    let first = 4 + 8 * count;
    let end = number(page, 4, 4);
    count > 0
        && first < page.len()
        && end.is_some_and(|end| (first + 1..first + 1100).contains(&end))
}

/// Whether it has so many keys of the usual length, but for one of them or one of their ends.
fn looks_like(page: &[u8], count: usize) -> bool {
    let first = 4 + 8 * count;
    let right = (0..count)
        .filter(|n| {
            let key = first + n * KEY;
            number(page, 4 + 4 * n, 4) == Some(key + KEY)
                && page.get(key..key + 2) == Some(&[0x12, 0x20])
        })
        .count();
    right > 0 && right + 1 >= count
}
