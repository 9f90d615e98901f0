//! Going through the sections of a CAR of any origin, head by head.
//!
//! ```text
//! length CID block  length CID block  ??????????????  length CID block
//!   └ says where the next begins      damage          └ the first whose block hashes
//! ```
//!
//! Where no section begins, a length before may be what is wrong, and what followed it may only have
//! looked like a section. So the last ones are hashed, back to one that is its block, and the search
//! begins behind that. Whatever it finds is proven. (A file that lost bytes in its middle, just as many
//! as the section behind them has, hides that one: to see it all would have to be hashed.)

use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use block_cid::{Hash, binary, varint};
use datastore::DiskFile;
use datastore::key::MAX_MULTIHASH;

use super::super::section::{MAX_VALUE, proves};

/// How much is read at once.
const PIECE: u64 = 16 << 10;

/// The longest head: a length, a version, a codec, and a multihash.
const MAX_HEAD: u64 = (3 * varint::MAX_LEN + MAX_MULTIHASH) as u64;

/// How many sections are held back, so that they can be doubted. A wrong length leads to what is no
/// section at once, or after one or two that only look like one.
const HELD: usize = 8;

/// Bytes that are hashed in any case to find a section, and for each byte that is damaged.
const EFFORT: (u64, u64) = (4 << 20, 8);

/// A section, of which only the head was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// Where it begins.
    pub at: u64,
    pub codec: u64,
    pub multihash: Vec<u8>,
    /// By what it can be proven; `None` if by nothing that is known here.
    pub hash: Option<Hash>,
    /// Where its block begins.
    pub value: u64,
    /// The length of the block.
    pub len: u64,
}

impl Section {
    fn end(&self) -> u64 {
        self.value + self.len
    }
}

/// What a CAR consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Section(Section),
    /// What lies here is none.
    Damage(Range<u64>),
}

/// Why one goes no further.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    /// A section is longer than any block may be.
    TooLong {
        at: u64,
        len: u64,
    },
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

/// The sections of a file.
pub(super) struct Sections<'a> {
    file: &'a dyn DiskFile,
    end: u64,
    /// A part of the file, and where it begins.
    piece: (u64, Vec<u8>),
    /// Where the next part begins.
    at: u64,
    /// The sections before that, and a damage behind them.
    held: VecDeque<Section>,
    damage: Option<Range<u64>>,
    damaged: u64,
    hashed: u64,
}

impl<'a> Sections<'a> {
    pub fn new(file: &'a dyn DiskFile, end: u64) -> Sections<'a> {
        Sections {
            file,
            end,
            piece: (0, Vec::new()),
            at: 0,
            held: VecDeque::new(),
            damage: None,
            damaged: 0,
            hashed: 0,
        }
    }

    /// The next part; the first section begins at `begin`.
    pub fn next_part(&mut self, begin: u64) -> Result<Option<Part>, Fault> {
        self.at = self.at.max(begin);
        loop {
            if self.damage.is_some() || self.at >= self.end {
                let held = self.held.pop_front().map(Part::Section);
                return Ok(held.or_else(|| self.damage.take().map(Part::Damage)));
            }
            match self.section(self.at)? {
                Some(section) if section.len > MAX_VALUE as u64 => {
                    let (at, len) = (section.at, section.len);
                    if self.is_followed(&section)? {
                        return Err(Fault::TooLong { at, len });
                    }
                    self.damaged()?;
                }
                Some(section) => {
                    self.at = section.end();
                    self.held.push_back(section);
                    if self.held.len() > HELD {
                        return Ok(self.held.pop_front().map(Part::Section));
                    }
                }
                None => self.damaged()?,
            }
        }
    }

    /// No section begins here: finds where one does again.
    fn damaged(&mut self) -> io::Result<()> {
        let mut doubted = VecDeque::new();
        while let Some(last) = self.held.pop_back() {
            if self.may_hash(last.len, 0) && self.proves(&last)? {
                self.held.push_back(last);
                break;
            }
            doubted.push_front(last);
        }
        let mut from = doubted.front().map_or(self.at, |first| first.at);
        let to = self.search(from + 1)?;
        // Those that hide nothing may only have damaged blocks.
        for section in doubted {
            if section.end() > to {
                break;
            }
            from = section.end();
            self.held.push_back(section);
        }
        self.damaged += to - from;
        self.damage = Some(from..to);
        self.at = to;
        Ok(())
    }

    /// Whether so many bytes may be hashed behind a damage of `damage` bytes; then they are counted.
    fn may_hash(&mut self, len: u64, damage: u64) -> bool {
        let damaged = self.damaged + damage;
        let may = EFFORT.0.saturating_add(damaged.saturating_mul(EFFORT.1));
        let cost = self.hashed.saturating_add(len);
        if cost > may {
            return false;
        }
        self.hashed = cost;
        true
    }

    /// Up to `len` bytes from `at` on.
    fn bytes(&mut self, at: u64, len: u64) -> io::Result<&[u8]> {
        let len = len.min(self.end.saturating_sub(at));
        let (start, bytes) = &self.piece;
        if at < *start || at + len > *start + bytes.len() as u64 {
            let more = len.max(PIECE).min(self.end.saturating_sub(at));
            self.piece = (at, self.file.read_vec(at, more)?);
        }
        let (start, bytes) = &self.piece;
        let from = (at - start) as usize;
        Ok(bytes.get(from..from + len as usize).unwrap_or_default())
    }

    /// The section that begins at `at`. One that cannot be proven counts only if another follows it.
    fn section(&mut self, at: u64) -> io::Result<Option<Section>> {
        let section = self.head(at)?;
        match section {
            Some(section) if section.hash.is_none() && !self.is_followed(&section)? => Ok(None),
            section => Ok(section),
        }
    }

    /// Whether the file ends behind this section, or what seems to be another follows.
    fn is_followed(&mut self, section: &Section) -> io::Result<bool> {
        Ok(section.end() == self.end || self.head(section.end())?.is_some())
    }

    /// What the head at `at` says, if it is one.
    fn head(&mut self, at: u64) -> io::Result<Option<Section>> {
        let end = self.end;
        let bytes = self.bytes(at, MAX_HEAD)?;
        let Ok((len, rest)) = varint::decode(bytes) else {
            return Ok(None);
        };
        let begin = at + (bytes.len() - rest.len()) as u64;
        let fits = begin.checked_add(len).filter(|to| *to <= end);
        let rest = rest.get(..rest.len().min(len as usize)).unwrap_or_default();
        let (Some(to), Ok((cid, tail))) = (fits, binary::decode_first(rest)) else {
            return Ok(None);
        };
        let value = begin + (rest.len() - tail.len()) as u64;
        Ok(Some(Section {
            at,
            codec: cid.codec(),
            multihash: cid.hash().to_bytes(),
            hash: Hash::of(cid.hash()).ok(),
            value,
            len: to - value,
        }))
    }

    fn proves(&mut self, section: &Section) -> io::Result<bool> {
        let value = self.file.read_vec(section.value, section.len)?;
        Ok(proves(&section.multihash, &value))
    }

    /// The first section from `at` on that is proven, within the effort that is made; the end of
    /// the file if there is none.
    fn search(&mut self, at: u64) -> io::Result<u64> {
        let mut from = at;
        while from < self.end {
            let bytes = self.bytes(from, PIECE)?;
            let len = bytes.len() as u64;
            let begins = |n: &usize| {
                let rest = bytes.get(*n..).unwrap_or_default();
                let rest = varint::decode(rest).map_or(&[][..], |(_, rest)| rest);
                matches!(rest, [1, ..] | [0x12, 0x20, ..])
            };
            let hits: Vec<usize> = (0..bytes.len()).filter(begins).collect();
            for hit in hits {
                let hit = from + hit as u64;
                let Some(section) = self.head(hit)? else {
                    continue;
                };
                let can = section.hash.is_some() && section.len <= MAX_VALUE as u64;
                if can && self.may_hash(section.len, hit - at) && self.proves(&section)? {
                    return Ok(hit);
                }
            }
            if from + len >= self.end {
                break;
            }
            // A head may lie across the end of the piece.
            from += len - MAX_HEAD.min(len - 1);
        }
        Ok(self.end)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use block_cid::{Block, car};
    use testkit::Rng;

    use super::super::super::memory::Memory;
    use super::*;

    fn file(bytes: &[u8]) -> Memory {
        let file = Memory::default();
        file.write_all_at(bytes, 0).unwrap();
        file
    }

    /// All parts, which lie one behind the other and leave nothing out.
    fn parts(bytes: &[u8], begin: u64) -> Vec<Part> {
        let file = file(bytes);
        let mut sections = Sections::new(&file, bytes.len() as u64);
        let mut parts = Vec::new();
        let mut at = begin;
        while let Some(part) = sections.next_part(begin).unwrap() {
            let range = match &part {
                Part::Section(section) => section.at..section.end(),
                Part::Damage(range) => range.clone(),
            };
            assert_eq!(range.start, at);
            assert!(range.end > at);
            at = range.end;
            parts.push(part);
        }
        assert_eq!(at, begin.max(bytes.len() as u64));
        parts
    }

    #[test]
    fn whatever_is_done_to_a_file_each_section_that_was_not_hit_is_found() {
        for round in 0..300 {
            let mut rng = Rng::of(1, &[round]);
            let mut writer = car::Writer::new(Vec::new(), &[]).unwrap();
            let mut sections = Vec::new();
            for _ in 0..20 {
                let most = [40, 400, 40_000][rng.below(3) as usize];
                let len = rng.below(most) as usize;
                let block = Block::raw(rng.bytes(len));
                sections.push((writer.put(&block).unwrap() as usize, block));
            }
            let begin = sections[0].0;
            let good = writer.finish().unwrap();
            // Some bytes, in the place of others or between them; or the end is gone.
            let from = begin + rng.below((good.len() - begin) as u64) as usize;
            let len = 1 + rng.below(100) as usize;
            let (to, new) = match rng.below(3) {
                0 => (good.len().min(from + len), rng.bytes(len)),
                1 => (from, rng.bytes(len)),
                _ => (good.len(), Vec::new()),
            };
            let bad = [&good[..from], &new, &good[to..]].concat();
            let parts = parts(&bad, begin as u64);
            for (n, (at, block)) in sections.iter().enumerate() {
                let end = sections.get(n + 1).map_or(good.len(), |next| next.0);
                let moved = match *at {
                    at if end <= from => at,
                    at if at >= to && to < good.len() => at + bad.len() - good.len(),
                    _ => continue,
                };
                let hash = block.cid().hash().to_bytes();
                let found = parts.iter().any(|part| match part {
                    Part::Section(section) => {
                        section.at == moved as u64 && section.multihash == hash
                    }
                    Part::Damage(_) => false,
                });
                assert!(found, "round {round}: section {n} of {from}..{to}");
            }
        }
    }

    /// Heads of sections that are none, as close as they fit: each claims 60 KiB.
    #[test]
    fn a_file_of_heads_that_are_none_is_gone_through_within_the_effort() {
        let fake = [&[0xe0, 0xd4, 0x03, 1, 0x55, 0x12, 0x20][..], &[7; 32]].concat();
        let bytes = [&[0xff; 10][..], &fake.repeat(50_000)].concat();
        let file = file(&bytes);
        let mut sections = Sections::new(&file, bytes.len() as u64);
        while sections.next_part(0).unwrap().is_some() {}
        let may = EFFORT.0 + EFFORT.1 * bytes.len() as u64;
        assert!(sections.hashed <= may, "{} of {may}", sections.hashed);
        assert!(sections.hashed > EFFORT.0, "{}", sections.hashed);
    }
}
