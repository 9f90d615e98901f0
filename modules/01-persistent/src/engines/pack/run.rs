//! A run: the index of one stretch of the log, sorted and never changed.
//!
//! ```text
//! page × 640    entries in the order of their multihashes (`page.rs`)
//! page × 16     of the filter, one for 40 pages of entries (`bloom.rs`)
//! …             again and again, the last time fewer
//! fences        16 bytes a page of entries: what its first multihash begins with
//! 64 bytes at the end:
//!   0   8  "cairnrun"
//!   8   8  number of pages of entries
//!   16  8  number of entries
//!   24  8  zeros
//!   32  4, 8   where the stretch of the log begins: segment, offset
//!   44  4, 8   where it ends
//!   56  8  xxh3 of fences and what stands above, seeded by the version, 3
//! ```
//!
//! A run is named by its stretch of the log, `SEGMENT-OFFSET-SEGMENT-OFFSET.run` in hexadecimal, so
//! that no list of runs is needed: a run whose stretch lies inside that of another is what a merge
//! left, and a stretch that no run covers is read again. Fences are in memory, and filters as far as
//! there is room; a look reads one page, and for most absent keys none, or one of a filter that is on
//! disk.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use datastore::{DiskFile, Key};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::bloom::{self, SHARED};
use super::firsts::{Firsts, guessed};
use super::page::{At, PAGE, Page};
use super::segment::Position;
use super::wanted::{Fence, Wanted, half};

pub(super) const MAGIC: &[u8; 8] = b"cairnrun";
const TRAILER: usize = 64;
pub(super) const VERSION: u64 = 3;
const EXTENSION: &str = ".run";

/// Pages are written, and read by who reads all, so many at once.
pub(super) const PAGES: usize = 64;

/// Pages of entries that have their filter behind them.
pub(super) const GROUP: usize = 16 * SHARED;

type Entries = Vec<(Key, At)>;

/// Where the filter of a run tells of a multihash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// It is not in this run.
    Nowhere,
    /// On this page.
    Page(usize),
    /// On several, or on disk.
    Unknown,
}

/// The file name of the run of a stretch.
pub(super) fn name(of: &Range<Position>) -> String {
    let (a, b) = (of.start, of.end);
    format!(
        "{:06x}-{:010x}-{:06x}-{:010x}{EXTENSION}",
        a.segment, a.offset, b.segment, b.offset
    )
}

/// The stretch of the run whose file has this name.
pub(super) fn stretch(file: &str) -> Option<Range<Position>> {
    let mut parts = file.strip_suffix(EXTENSION)?.split('-');
    let mut position = || {
        Some(Position {
            segment: u32::from_str_radix(parts.next()?, 16).ok()?,
            offset: u64::from_str_radix(parts.next()?, 16).ok()?,
        })
    };
    let range = position()?..position()?;
    (range.start < range.end && name(&range) == file).then_some(range)
}

/// Why a run gives no answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// It cannot be read.
    Io(io::Error),
    /// It is not what was written.
    Damaged,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Fault::Damaged,
            _ => Fault::Io(error),
        }
    }
}

/// An open run.
pub(super) struct Run {
    pub of: Range<Position>,
    file: Arc<dyn DiskFile>,
    seed: u64,
    fences: Arc<Vec<Fence>>,
    /// What every 40th of them begins with, the first that shares a page of the filter: so few that
    /// they stay in the processor's cache, and most looks need no others.
    firsts: Arc<Firsts>,
    /// The pages of the filter, if they are in memory.
    filter: OnceLock<Vec<u8>>,
    pub entries: u64,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name(&self.of))
    }
}

pub(super) fn seed(of: &Range<Position>) -> u64 {
    xxh3_64(name(of).as_bytes())
}

/// Where in the file this page of entries is.
fn page_at(page: usize) -> u64 {
    ((page + page / GROUP * (GROUP / SHARED)) * PAGE) as u64
}

/// Where this page of the filter is, in a run of so many pages of entries.
fn filter_at(filter: usize, pages: usize) -> u64 {
    let group = filter / (GROUP / SHARED);
    let first = group * GROUP;
    let entries = pages.saturating_sub(first).min(GROUP);
    page_at(first) + ((entries + filter % (GROUP / SHARED)) * PAGE) as u64
}

pub(super) fn filter_seed(seed: u64, filter: usize) -> u64 {
    (!seed).wrapping_add(filter as u64)
}

/// The first of these pages that may have what begins so: pages may begin alike, so that the first
/// that does is not the first that may have it.
fn first_of<T: Ord>(fences: &[T], wanted: &T) -> usize {
    let first = fences.partition_point(|fence| fence < wanted);
    first.saturating_sub(1)
}

impl Run {
    /// Reads the fences of the run of this stretch.
    pub fn open(file: Box<dyn DiskFile>, of: Range<Position>) -> Result<Run, Fault> {
        let len = file.len()?;
        let body = len.checked_sub(TRAILER as u64).ok_or(Fault::Damaged)?;
        let trailer = file.read_vec(body, TRAILER as u64)?;
        let said = Trailer::read(&trailer).filter(|said| said.of == of);
        let said = said.ok_or(Fault::Damaged)?;
        let both = said.pages.checked_add(said.pages.div_ceil(SHARED as u64));
        let begin = both.and_then(|pages| pages.checked_mul(PAGE as u64));
        let begin = begin.filter(|begin| begin.checked_add(said.pages * 16) == Some(body));
        let begin = begin.ok_or(Fault::Damaged)?;
        let mut fences = vec![Fence::default(); said.pages as usize];
        file.read_exact_at(fences.as_flattened_mut(), begin)?;
        let mut sum = Xxh3::with_seed(VERSION);
        sum.update(fences.as_flattened());
        sum.update(trailer.get(..TRAILER - 8).unwrap_or_default());
        if sum.digest() != said.sum {
            return Err(Fault::Damaged);
        }
        let seed = seed(&of);
        Ok(Run {
            of,
            file: file.into(),
            seed,
            firsts: Arc::new(Firsts::new(
                fences.iter().step_by(SHARED).map(half).collect(),
            )),
            fences: Arc::new(fences),
            filter: OnceLock::new(),
            entries: said.entries,
        })
    }

    /// Bytes of the filter.
    pub fn filter_len(&self) -> u64 {
        (self.fences.len().div_ceil(SHARED) * PAGE) as u64
    }

    /// Whether the filter is in memory.
    pub fn has_filter(&self) -> bool {
        self.filter.get().is_some()
    }

    /// Has the filter in memory.
    pub fn load_filter(&self) -> Result<(), Fault> {
        if self.has_filter() {
            return Ok(());
        }
        let mut filter = vec![0; self.filter_len() as usize];
        for (group, bytes) in filter.chunks_mut(GROUP / SHARED * PAGE).enumerate() {
            let first = group * (GROUP / SHARED);
            let at = filter_at(first, self.fences.len());
            self.file.read_exact_at(bytes, at)?;
            for (n, page) in (first..).zip(bytes.chunks(PAGE)) {
                Page::read(page, filter_seed(self.seed, n)).ok_or(Fault::Damaged)?;
            }
        }
        let _ = self.filter.set(filter);
        Ok(())
    }

    /// The same run, whose filter is on disk alone.
    pub fn without_filter(&self) -> Run {
        Run {
            of: self.of.clone(),
            file: Arc::clone(&self.file),
            seed: self.seed,
            fences: Arc::clone(&self.fences),
            firsts: Arc::clone(&self.firsts),
            filter: OnceLock::new(),
            entries: self.entries,
        }
    }

    /// Which page of the filter to ask for it, from what is in memory.
    pub fn share(&self, wanted: &Wanted<'_>) -> Share {
        if !self.has_filter() {
            return Share::Unknown;
        }
        let Some(n) = self.firsts.up_to(wanted.begin).checked_sub(1) else {
            return Share::Nowhere;
        };
        match self.firsts.as_slice().get(n) == Some(&wanted.begin) {
            true => Share::Unknown,
            false => Share::Page(n),
        }
    }

    /// False: it is not here. Reads one line of memory, and takes no branch for what stands in it:
    /// the lines of many runs are on their way at once so.
    pub fn may_have(&self, share: Share, wanted: &Wanted<'_>) -> bool {
        match (share, self.filter.get()) {
            (Share::Nowhere, _) => false,
            (Share::Page(n), Some(filter)) => {
                let page = filter.get(n * PAGE..(n + 1) * PAGE).unwrap_or_default();
                bloom::may_have(page, wanted.hash, self.seed)
            }
            _ => true,
        }
    }

    /// Whether it may be in one of the pages that share this page of the filter.
    fn shares(&self, n: usize, wanted: &Wanted<'_>) -> Result<bool, Fault> {
        if self.has_filter() {
            return Ok(self.may_have(Share::Page(n), wanted));
        }
        let mut page = [0; PAGE];
        let at = filter_at(n, self.fences.len());
        self.file.read_exact_at(&mut page, at)?;
        Page::read(&page, filter_seed(self.seed, n)).ok_or(Fault::Damaged)?;
        Ok(bloom::may_have(&page, wanted.hash, self.seed))
    }

    /// What is known of this multihash.
    pub fn find(&self, wanted: &Wanted<'_>) -> Result<Option<At>, Fault> {
        let firsts = self.firsts.as_slice();
        let skipped = first_of(firsts, &wanted.begin);
        let shares = (skipped..).zip(firsts.iter().skip(skipped));
        for (n, _) in shares.take_while(|(_, first)| **first <= wanted.begin) {
            if self.shares(n, wanted)?
                && let Some(at) = self.find_in(n, wanted)?
            {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Looks into those of the pages that share page `n` of the filter that may have it.
    fn find_in(&self, n: usize, wanted: &Wanted<'_>) -> Result<Option<At>, Fault> {
        let first = n * SHARED;
        let end = self.fences.len().min(first + SHARED);
        let fences = self.fences.get(first..end).unwrap_or_default();
        let guess = self.firsts.part_of(wanted.begin, n, fences.len());
        let below = guessed(fences, guess, |fence| *fence < wanted.fence);
        // Pages may begin alike, so that the first that does is not the first that may have it.
        let skipped = below.saturating_sub(1);
        let pages = (first + skipped..).zip(fences.iter().skip(skipped));
        let mut page = [0; PAGE];
        for (n, _) in pages.take_while(|(_, fence)| **fence <= wanted.fence) {
            self.file.read_exact_at(&mut page, page_at(n))?;
            let page = Page::read(&page, self.seed.wrapping_add(n as u64)).ok_or(Fault::Damaged)?;
            if let Some(at) = page.find(wanted.multihash) {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// How many pages it has.
    pub fn pages(&self) -> usize {
        self.fences.len()
    }

    /// What the first multihash of this page begins with; of one behind the last page zeros.
    pub fn fence(&self, page: usize) -> Fence {
        self.fences.get(page).copied().unwrap_or_default()
    }

    /// The first page that may have what begins so.
    pub fn page_of(&self, wanted: Fence) -> usize {
        first_of(&self.fences, &wanted)
    }

    /// The entries of some pages from `page` on, and the page behind them; `None` at the end.
    pub fn entries(&self, page: usize) -> Result<Option<(Entries, usize)>, Fault> {
        // Filters lie between groups.
        let group = (page / GROUP + 1) * GROUP;
        let end = self.fences.len().min(page + PAGES).min(group);
        if page >= end {
            return Ok(None);
        }
        let bytes = self
            .file
            .read_vec(page_at(page), ((end - page) * PAGE) as u64)?;
        let mut entries = Vec::new();
        for (n, bytes) in (page..).zip(bytes.chunks(PAGE)) {
            let page = Page::read(bytes, self.seed.wrapping_add(n as u64));
            entries.extend(page.ok_or(Fault::Damaged)?.entries());
        }
        Ok(Some((entries, end)))
    }

    /// Bytes of memory that it takes.
    #[cfg(test)]
    pub fn memory(&self) -> usize {
        self.fences.len() * 16
            + self.firsts.as_slice().len() * 8
            + self.filter.get().map_or(0, Vec::len)
    }
}

struct Trailer {
    pages: u64,
    entries: u64,
    of: Range<Position>,
    sum: u64,
}

impl Trailer {
    fn read(bytes: &[u8]) -> Option<Trailer> {
        let word = |at: usize| {
            let bytes = bytes.get(at..)?.first_chunk::<8>()?;
            Some(u64::from_le_bytes(*bytes))
        };
        let position = |at: usize| {
            let segment = bytes.get(at..)?.first_chunk::<4>()?;
            Some(Position {
                segment: u32::from_le_bytes(*segment),
                offset: word(at + 4)?,
            })
        };
        bytes.starts_with(MAGIC).then_some(Trailer {
            pages: word(8)?,
            entries: word(16)?,
            of: position(32)?..position(44)?,
            sum: word(56)?,
        })
    }
}
