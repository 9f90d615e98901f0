//! A list of CIDs that takes as many bytes as they have.

use block_cid::binary;

use crate::Cid;

/// CIDs in a row, in binary form: 36 bytes for most, where a [`Cid`] takes 160. What links a block
/// has, and what a walk has still to visit, may be long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CidList {
    bytes: Vec<u8>,
    len: usize,
}

impl CidList {
    /// Adds one at the end.
    pub fn push(&mut self, cid: &Cid) {
        self.bytes.extend(cid.to_bytes());
        self.len += 1;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The CIDs, in order.
    pub fn iter(&self) -> Iter<'_> {
        self.iter_from(0)
    }

    /// The CIDs from this byte on, which is 0 or what [`Iter::at`] said.
    pub(crate) fn iter_from(&self, at: usize) -> Iter<'_> {
        Iter {
            bytes: &self.bytes,
            at,
        }
    }
}

impl<'a> FromIterator<&'a Cid> for CidList {
    fn from_iter<I: IntoIterator<Item = &'a Cid>>(cids: I) -> CidList {
        let mut list = CidList::default();
        cids.into_iter().for_each(|cid| list.push(cid));
        list
    }
}

impl<'a> IntoIterator for &'a CidList {
    type Item = Cid;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Goes through a [`CidList`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iter<'_> {
    /// Where the next one begins, in bytes.
    pub(crate) fn at(&self) -> usize {
        self.at
    }
}

impl Iterator for Iter<'_> {
    type Item = Cid;

    fn next(&mut self) -> Option<Cid> {
        let rest = self.bytes.get(self.at..)?;
        // What was written as a CID is read as one; nothing is left at the end.
        let (cid, after) = binary::decode_first(rest).ok()?;
        self.at += rest.len() - after.len();
        Some(cid)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use block_cid::{Block, Hash, to_v0};

    use super::*;

    #[test]
    fn what_was_pushed_comes_back_in_order() {
        let raw = *Block::raw("a").cid();
        let inline = *Block::new(0x71, Hash::IDENTITY, vec![7; 128])
            .unwrap()
            .cid();
        let v0 = to_v0(Block::new(0x70, Hash::SHA2_256, "b").unwrap().cid()).unwrap();
        let long = *Block::new(0x0129, Hash::SHA2_512, "c").unwrap().cid();
        let cids = [raw, inline, v0, raw, long];
        let list: CidList = cids.iter().collect();
        assert_eq!((list.len(), list.is_empty()), (5, false));
        assert!(list.iter().eq(cids));
        let mut rest = list.iter();
        rest.next();
        assert!(list.iter_from(rest.at()).eq(cids.into_iter().skip(1)));
        assert!(CidList::default().is_empty() && CidList::default().iter().next().is_none());
    }
}
