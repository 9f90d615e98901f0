//! A page of a run: 4 KiB of entries in the order of their keys.
//!
//! ```text
//! 0      8   xxh3 of the rest of the page, seeded by the run's seed + the number of the page
//! 8      2   n, the number of entries
//! 10    2n   where each entry begins, in bytes from the start of the page
//! …          entries:   1   length of the multihash
//!                       …   multihash
//!                       4   number of the segment
//!                       5   offset of the section in it
//!                       4   length of the section; 0: deleted, by the note there
//! ```
//!
//! Numbers have their lowest byte first. The sum is looked at on every read: a page that is damaged,
//! or that of another place or run, never answers "absent".

use datastore::Key;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::segment::{Place, Position};

/// The length of a page in bytes.
pub(super) const PAGE: usize = 4096;

const HEAD: usize = 10;

/// Bytes of an entry beside its multihash.
const PLACE: usize = 13;

/// What is known of a key: where its block is, or that it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// A section.
    Here(Place),
    /// The note that deletes it.
    Deleted(Position),
}

impl At {
    /// Where the block is, unless it is deleted.
    pub fn place(self) -> Option<Place> {
        match self {
            At::Here(place) => Some(place),
            At::Deleted(_) => None,
        }
    }
}

/// A page in the making.
#[derive(Debug, Default)]
pub(super) struct Maker {
    begins: Vec<u16>,
    entries: Vec<u8>,
}

impl Maker {
    /// Adds an entry; false if it has no room.
    pub fn add(&mut self, multihash: &[u8], at: At) -> bool {
        let used = HEAD + 2 * self.begins.len() + self.entries.len();
        if used + 2 + 1 + multihash.len() + PLACE > PAGE {
            return false;
        }
        let (position, len) = match at {
            At::Here(place) => (place.at, place.len),
            At::Deleted(position) => (position, 0),
        };
        self.begins.push(self.entries.len() as u16);
        self.entries.push(multihash.len() as u8);
        self.entries.extend(multihash);
        self.entries.extend(position.segment.to_le_bytes());
        self.entries
            .extend(position.offset.to_le_bytes().iter().take(5));
        self.entries.extend(len.to_le_bytes());
        true
    }

    pub fn is_empty(&self) -> bool {
        self.begins.is_empty()
    }

    /// The page; what follows begins anew.
    pub fn finish(&mut self, seed: u64) -> Vec<u8> {
        let mut page = Vec::with_capacity(PAGE);
        page.extend([0; 8]);
        page.extend((self.begins.len() as u16).to_le_bytes());
        let first = HEAD + 2 * self.begins.len();
        for begin in self.begins.drain(..) {
            page.extend((begin + first as u16).to_le_bytes());
        }
        page.append(&mut self.entries);
        page.resize(PAGE, 0);
        let sum = xxh3_64_with_seed(page.get(8..).unwrap_or_default(), seed);
        page.splice(..8, sum.to_le_bytes());
        page
    }
}

/// A page that is what was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page<'a>(&'a [u8]);

impl<'a> Page<'a> {
    /// Checks the sum; `None` if it is not that page.
    pub fn read(bytes: &'a [u8], seed: u64) -> Option<Page<'a>> {
        let (sum, rest) = bytes.split_first_chunk::<8>()?;
        let whole =
            bytes.len() == PAGE && xxh3_64_with_seed(rest, seed) == u64::from_le_bytes(*sum);
        whole.then_some(Page(bytes))
    }

    pub fn len(&self) -> usize {
        self.number(8)
    }

    fn number(&self, at: usize) -> usize {
        let bytes = self.0.get(at..).and_then(<[u8]>::first_chunk::<2>);
        bytes.map_or(0, |bytes| usize::from(u16::from_le_bytes(*bytes)))
    }

    /// Entry `n`.
    pub fn entry(&self, n: usize) -> Option<(&'a [u8], At)> {
        let begin = self.number(HEAD + 2 * n);
        let (len, rest) = self.0.get(begin..)?.split_first()?;
        let (multihash, rest) = rest.split_at_checked(usize::from(*len))?;
        let (segment, rest) = rest.split_first_chunk::<4>()?;
        let (offset, rest) = rest.split_first_chunk::<5>()?;
        let mut wide = [0; 8];
        wide.iter_mut()
            .zip(offset)
            .for_each(|(to, from)| *to = *from);
        let at = Position {
            segment: u32::from_le_bytes(*segment),
            offset: u64::from_le_bytes(wide),
        };
        let at = match u32::from_le_bytes(*rest.first_chunk::<4>()?) {
            0 => At::Deleted(at),
            len => At::Here(Place { at, len }),
        };
        Some((multihash, at))
    }

    /// The entry of this multihash.
    pub fn find(&self, multihash: &[u8]) -> Option<At> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let (there, at) = self.entry(middle)?;
            match there.cmp(multihash) {
                std::cmp::Ordering::Equal => return Some(at),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Its entries, in order.
    pub fn entries(self) -> impl Iterator<Item = (Key, At)> {
        let entries = (0..self.len()).filter_map(move |n| self.entry(n));
        entries.filter_map(|(multihash, at)| Some((Key::block(multihash).ok()?, at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: u64) -> At {
        At::Here(Place {
            at: Position {
                segment: n as u32,
                offset: n << 30,
            },
            len: 7 + n as u32,
        })
    }

    #[test]
    fn a_page_finds_what_it_was_given_and_every_flipped_bit_is_seen() {
        let mut maker = Maker::default();
        let key = |n: u64| [&[0x12, 0x20][..], &(n * 2).to_be_bytes(), &[5; 24]].concat();
        let mut count = 0;
        while maker.add(&key(count), place(count)) {
            count += 1;
        }
        assert!(count > 75, "{count}");
        let bytes = maker.finish(9);
        assert!(maker.is_empty());
        let page = Page::read(&bytes, 9).unwrap();
        assert_eq!(page.len() as u64, count);
        for n in 0..count {
            assert_eq!(page.find(&key(n)), Some(place(n)), "{n}");
            let absent = [&[0x12, 0x20][..], &(n * 2 + 1).to_be_bytes(), &[5; 24]].concat();
            assert_eq!(page.find(&absent), None);
        }
        assert!(Page::read(&bytes, 10).is_none(), "another place");
        for bit in 0..PAGE * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Page::read(&bytes, 9).is_none(), "{bit}");
        }
    }

    #[test]
    fn the_longest_multihash_and_a_delete_fit() {
        let mut maker = Maker::default();
        let at = At::Deleted(Position {
            segment: 1,
            offset: (1 << 40) - 1,
        });
        assert!(maker.add(&[7; 156], at));
        let bytes = maker.finish(0);
        let page = Page::read(&bytes, 0).unwrap();
        assert_eq!(page.find(&[7; 156]), Some(at));
    }
}
