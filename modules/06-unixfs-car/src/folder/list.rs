//! The entries of a folder, in as little memory as they need.

use block_cid::binary;

use crate::hamt::HashBits;
use crate::{Cid, Error, Result};

/// Names and what they lead to. A CID in memory takes 160 bytes and a name of its own as many as an
/// allocation has; here both lie in one buffer, 36 bytes and so many letters, so that a million entries
/// take 100 MB.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    /// The bytes of a CID and of a name, one after the other, for every entry.
    bytes: Vec<u8>,
    index: Vec<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The hash of the name, once it is needed.
    hash: u64,
    /// The bytes of the DAG.
    size: u64,
    /// Where the CID begins, which the name follows.
    at: usize,
    cid: u8,
    name: u32,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub name: &'a [u8],
    pub cid: Cid,
    pub size: u64,
}

impl List {
    /// Adds one. The name is shorter than 4 GiB, or cut.
    pub fn push(&mut self, name: &[u8], cid: &Cid, size: u64) {
        let at = self.bytes.len();
        let cid = cid.to_bytes();
        self.bytes.extend_from_slice(&cid);
        self.bytes.extend_from_slice(name);
        self.index.push(Place {
            hash: 0,
            size,
            at,
            // At most 3 varints and 128 bytes.
            cid: cid.len() as u8,
            name: name.len() as u32,
        });
    }

    pub fn len(&self) -> usize {
        self.index.len()
    }

    pub fn name(&self, n: usize) -> &[u8] {
        self.index
            .get(n)
            .map_or(&[], |place| place.name(&self.bytes))
    }

    pub fn hash(&self, n: usize) -> u64 {
        self.index.get(n).map_or(0, |place| place.hash)
    }

    /// The entry at `n`.
    ///
    /// # Errors
    /// Never: what is there was a CID when it came.
    pub fn get(&self, n: usize) -> Result<Entry<'_>> {
        let place = self.index.get(n);
        let cid = place.map_or(&[][..], |place| place.cid(&self.bytes));
        Ok(Entry {
            name: self.name(n),
            cid: binary::decode(cid)?,
            size: place.map_or(0, |place| place.size),
        })
    }

    /// The lengths of CID and name, and the bytes of the DAG, of every entry.
    pub fn sizes(&self) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
        let index = self.index.iter();
        index.map(|place| (place.cid.into(), place.name as usize, place.size))
    }

    pub fn sort_by_name(&mut self) -> Result<()> {
        let List { bytes, index } = self;
        // Most come sorted, and then this costs one look at each.
        index.sort_by(|a, b| a.name(bytes).cmp(b.name(bytes)));
        self.refuse_twice()
    }

    /// In the order in which a trie has them.
    pub fn sort_by_hash(&mut self) -> Result<()> {
        let List { bytes, index } = self;
        for place in index.iter_mut() {
            place.hash = HashBits::of(place.name(bytes)).hash();
        }
        index.sort_unstable_by(|a, b| (a.hash, a.name(bytes)).cmp(&(b.hash, b.name(bytes))));
        self.refuse_twice()
    }

    fn refuse_twice(&self) -> Result<()> {
        let twice = |pair: &&[Place]| match pair {
            [a, b] => a.name(&self.bytes) == b.name(&self.bytes),
            _ => false,
        };
        match self.index.windows(2).find(twice).and_then(<[Place]>::first) {
            None => Ok(()),
            Some(place) => Err(Error::Entry {
                name: String::from_utf8_lossy(place.name(&self.bytes)).into_owned(),
                reason: "the folder has it already".into(),
            }),
        }
    }
}

impl Place {
    fn cid<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let end = self.at + usize::from(self.cid);
        bytes.get(self.at..end).unwrap_or_default()
    }

    fn name<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let start = self.at + usize::from(self.cid);
        bytes
            .get(start..start + self.name as usize)
            .unwrap_or_default()
    }
}
