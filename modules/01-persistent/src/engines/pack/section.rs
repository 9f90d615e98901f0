//! A section: the frame that CARv1 puts around a block.
//!
//! ```text
//! varint   length of what follows
//! 01 55    a CID of version 1, codec raw         a block of a user
//!   …      its multihash, 12 20 and 32 bytes for sha2-256
//! bytes    the block
//!
//! varint   length
//! 01 71    codec dag-cbor                        a note of our own (`note.rs`)
//! 12 20 …  sha2-256 of the note
//! bytes    the note
//! ```
//!
//! A block of a user is always raw, whatever codec its CID has: it is kept under its multihash.
//! So a note cannot be forged by a put. A section has no checksum beside the hash, and needs none.

use block_cid::{Hash, Multihash, hash, varint};
use datastore::key::MAX_MULTIHASH;

/// The codec of users' blocks.
pub(super) const RAW: u8 = 0x55;

/// The codec of notes.
pub(super) const DAG_CBOR: u8 = 0x71;

/// The longest block, in bytes. Behind a damage any length may be wrong, and a search has as much in
/// memory as a section may take.
pub(super) const MAX_VALUE: usize = 64 << 20;

/// The longest head, in bytes: a length, a version, a codec and a multihash.
pub(super) const MAX_HEAD: usize = 5 + 2 + MAX_MULTIHASH;

/// The most that a section has, in bytes.
const MAX_SECTION: u64 = (MAX_HEAD + MAX_VALUE) as u64;

/// What the head of a section says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// [`RAW`] or [`DAG_CBOR`].
    pub codec: u8,
    /// Where the multihash begins, in bytes from the start of the section.
    pub multihash: usize,
    /// Where the block begins, and the multihash ends.
    pub value: usize,
    /// The length of the whole section.
    pub len: usize,
}

impl Frame {
    /// Reads the head of the section that `bytes` begin with, which may end before the section
    /// does; `None` if it is none of ours.
    pub fn read(bytes: &[u8]) -> Option<Frame> {
        let (len, rest) = varint::decode(bytes).ok()?;
        if len > MAX_SECTION {
            return None;
        }
        let prefix = bytes.len() - rest.len();
        let [1, codec @ (RAW | DAG_CBOR), tail @ ..] = rest else {
            return None;
        };
        // Nearly all there are.
        let size = match tail {
            [0x12, 0x20, ..] => 34,
            _ => multihash_len(tail)?,
        };
        let frame = Frame {
            codec: *codec,
            multihash: prefix + 2,
            value: prefix + 2 + size,
            len: prefix + len as usize,
        };
        (frame.value <= frame.len && frame.value <= bytes.len()).then_some(frame)
    }

    /// The multihash of a section that begins with `bytes`.
    pub fn multihash<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.multihash..self.value).unwrap_or_default()
    }

    /// The block of a section that `bytes` begin with, as far as they have it.
    pub fn value<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let end = self.len.min(bytes.len());
        bytes.get(self.value..end).unwrap_or_default()
    }
}

/// The length of the multihash that `bytes` begin with, if it can name a block and be computed.
pub(super) fn multihash_len(bytes: &[u8]) -> Option<usize> {
    let (_, rest) = varint::decode(bytes).ok()?;
    let (size, rest) = varint::decode(rest).ok()?;
    let size = usize::try_from(size).ok()?;
    let len = (bytes.len() - rest.len()).checked_add(size)?;
    parse(bytes.get(..len)?).map(|_| len)
}

/// The multihash that these bytes are, if blocks are kept under it: it is written in its only form,
/// and can be computed here.
pub(super) fn parse(bytes: &[u8]) -> Option<Multihash> {
    if bytes.len() > MAX_MULTIHASH {
        return None;
    }
    let multihash = Multihash::from_bytes(bytes).ok()?;
    let kept = Hash::of(&multihash).is_ok_and(|hash| hash != Hash::IDENTITY);
    (kept && multihash.to_bytes() == bytes).then_some(multihash)
}

/// Whether `value` is the block of this multihash.
pub(super) fn proves(multihash: &[u8], value: &[u8]) -> bool {
    let Some(multihash) = parse(multihash) else {
        return false;
    };
    let made =
        Hash::of(&multihash).and_then(|by| hash::hash_to(by, usize::from(multihash.size()), value));
    made.is_ok_and(|made| made == multihash)
}

/// The head of the section of a block.
pub(super) fn head(codec: u8, multihash: &[u8], value: usize, out: &mut Vec<u8>) {
    varint::encode((2 + multihash.len() + value) as u64, out);
    out.extend([1, codec]);
    out.extend(multihash);
}

/// The length of the head of the section of a block of `value` bytes.
pub(super) fn head_len(multihash: usize, value: usize) -> usize {
    let len = 2 + multihash + value;
    let bits = usize::BITS - len.leading_zeros();
    2 + multihash + bits.div_ceil(7).max(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use block_cid::Block;

    fn section(value: &[u8]) -> Vec<u8> {
        let multihash = hash::sha2_256(value).to_bytes();
        let mut out = Vec::new();
        head(RAW, &multihash, value.len(), &mut out);
        assert_eq!(out.len(), head_len(34, value.len()));
        out.extend(value);
        out
    }

    #[test]
    fn a_section_is_read_back_and_is_one_of_carv1() {
        for len in [0, 1, 91, 92, 1000, 16_347, 16_348, 100_000] {
            let value = vec![7; len];
            let bytes = section(&value);
            let frame = Frame::read(&bytes).unwrap();
            assert_eq!(frame.len, bytes.len());
            assert_eq!(frame.value(&bytes), value);
            assert!(proves(frame.multihash(&bytes), &value));
            let block = Block::raw(value);
            let mut writer = block_cid::car::Writer::new(Vec::new(), &[]).unwrap();
            let at = writer.put(&block).unwrap() as usize;
            assert_eq!(writer.finish().unwrap()[at..], bytes);
        }
    }

    #[test]
    fn of_a_head_that_is_cut_nothing_is_read() {
        let bytes = section(b"hello");
        for cut in 0..bytes.len() - 5 {
            assert_eq!(Frame::read(&bytes[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn only_what_can_be_proven_is_kept_in_the_log() {
        assert!(parse(&hash::sha2_256(b"a").to_bytes()).is_some());
        let blake3 = hash::hash(Hash::BLAKE3, b"a").unwrap().to_bytes();
        assert!(parse(&blake3).is_some());
        for odd in [
            &[][..],
            &[0x12, 0x20, 7],
            &[0x12, 0x04, 1, 2, 3, 4],
            // Identity, an unknown hash, and a length in two bytes.
            &[0, 1, 7],
            &[&[0x9f, 0x7f, 32][..], &[7; 32]].concat(),
            &[&[0x12, 0xa0, 0][..], &[7; 32]].concat(),
        ] {
            assert_eq!(parse(odd), None, "{odd:?}");
        }
    }
}
