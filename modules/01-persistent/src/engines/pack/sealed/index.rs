//! Where the blocks of a multihash lie, in memory.

use std::collections::HashSet;

/// Where a block lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// The file, by its place among the files of the folder.
    pub file: u32,
    /// The first byte of the block.
    pub at: u64,
    /// Its length.
    pub len: u32,
}

/// Which places a delete takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// Those before it, in any file.
    Before,
    /// Those before it in its file.
    Within,
}

impl Gone {
    /// The length of no block: here a delete lies.
    fn len(self) -> u32 {
        match self {
            Gone::Before => u32::MAX,
            Gone::Within => u32::MAX - 1,
        }
    }
}

/// Multihashes one behind the other, each after its length, and what refers to them: sorted by
/// multihash, then by place.
#[derive(Debug, Default)]
pub(super) struct Index {
    hashes: Vec<u8>,
    entries: Vec<Entry>,
}

/// Where a multihash begins, and a place of its block.
#[derive(Clone, Copy, Debug)]
struct Entry(usize, Place);

/// The multihash that begins here.
fn multihash(hashes: &[u8], at: usize) -> &[u8] {
    let len = hashes.get(at).copied().unwrap_or_default();
    hashes
        .get(at + 1..at + 1 + usize::from(len))
        .unwrap_or_default()
}

impl Index {
    /// Adds a place. Multihashes have at most 255 bytes.
    pub fn add(&mut self, multihash: &[u8], place: Place) {
        let Ok(len) = u8::try_from(multihash.len()) else {
            return;
        };
        self.entries.push(Entry(self.hashes.len(), place));
        self.hashes.push(len);
        self.hashes.extend(multihash);
    }

    /// Forgets places of this multihash that come before this one, once all is sorted.
    pub fn delete(&mut self, multihash: &[u8], gone: Gone, file: u32, at: u64) {
        let len = gone.len();
        self.add(multihash, Place { file, at, len });
    }

    /// Brings all into order; before, nothing is found.
    pub fn sort(&mut self) {
        let hashes = &self.hashes;
        let order = |a: &Entry, b: &Entry| {
            let by_hash = multihash(hashes, a.0).cmp(multihash(hashes, b.0));
            by_hash.then(a.1.cmp(&b.1))
        };
        self.entries.sort_unstable_by(order);
        // From the last to the first: what comes before a delete goes.
        let mut gone: HashSet<(&[u8], Option<u32>)> = HashSet::new();
        let mut kept = Vec::with_capacity(self.entries.len());
        for entry in self.entries.iter().rev() {
            let multihash = multihash(hashes, entry.0);
            let Place { file, len, .. } = entry.1;
            if len == Gone::Before.len() {
                gone.insert((multihash, None));
            } else if len == Gone::Within.len() {
                gone.insert((multihash, Some(file)));
            } else {
                let mut deletes = [None, Some(file)].into_iter();
                if gone.is_empty() || !deletes.any(|by| gone.contains(&(multihash, by))) {
                    kept.push(*entry);
                }
            }
        }
        kept.reverse();
        self.entries = kept;
    }

    /// The places of this multihash.
    pub fn find(&self, wanted: &[u8]) -> impl ExactSizeIterator<Item = &Place> {
        let hash = |entry: &Entry| multihash(&self.hashes, entry.0);
        let from = self.entries.partition_point(|entry| hash(entry) < wanted);
        let there = self.entries.get(from..).unwrap_or_default();
        let len = there.partition_point(|entry| hash(entry) == wanted);
        there.iter().take(len).map(|entry| &entry.1)
    }

    /// The multihash of the entry `n`, and the number of the first entry behind it that has another;
    /// `None` behind the last.
    pub fn entry(&self, n: usize) -> Option<(&[u8], usize)> {
        let hash = |entry: &Entry| multihash(&self.hashes, entry.0);
        let there = self.entries.get(n..)?;
        let first = hash(there.first()?);
        let len = there
            .iter()
            .take_while(|entry| hash(entry) == first)
            .count();
        Some((first, n + len))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn place(file: u32, at: u64) -> Place {
        Place { file, at, len: 1 }
    }

    #[test]
    fn what_was_added_is_found_and_what_was_deleted_after_it_is_not() {
        let mut index = Index::default();
        index.add(b"twice", place(1, 7));
        index.add(b"back", place(0, 0));
        index.add(b"gone", place(0, 9));
        index.add(b"twice", place(0, 3));
        index.delete(b"gone", Gone::Before, 1, 1);
        index.delete(b"back", Gone::Within, 0, 5);
        index.delete(b"twice", Gone::Within, 1, 6);
        index.add(b"back", place(2, 2));
        index.sort();
        let found = |hash: &[u8]| index.find(hash).copied().collect::<Vec<_>>();
        assert_eq!(found(b"twice"), [place(0, 3), place(1, 7)]);
        assert_eq!(found(b"back"), [place(2, 2)]);
        assert_eq!(found(b"gone"), []);
        assert_eq!(found(b"never"), []);
        assert_eq!(index.entry(0).unwrap(), (&b"back"[..], 1));
        assert_eq!(index.entry(1).unwrap(), (&b"twice"[..], 3));
        assert!(index.entry(3).is_none());
    }
}
