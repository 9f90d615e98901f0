//! What is left of a section that was hit.
//!
//! ```text
//! n  01 55  12 20 …  block          one bit of the head is flipped: the block still hashes to nearly
//! ^^^^^^^^^^^^^^^^^                 what its head says, and nothing is lost
//! n  01 55  12 20 …  block
//!                    ^^^^^          one of the block: it is none that anybody put; of a short note each
//!                                   bit is turned back, to see which it was
//! ```
//!
//! Where the block ends is said by its length, or is where something else begins. A block whose own
//! bytes are damaged is not kept under the hash that they have now: whoever lists the store would
//! find a block that nobody put, and nobody would ask for it. Its bytes go to `torn/` with the rest
//! of the damage, or stay in their place, and salvage looks at both.

use std::io;

use block_cid::{Hash, hash};

use super::note::Note;
use super::resync::MAX_LENGTH;
use super::scan::{Emit, Found, Scan, near};
use super::section::{
    DAG_CBOR, Frame, MAX_HEAD, MAX_VALUE, head_len, multihash_len, parse, proves,
};

/// The first bytes of the multihash of nearly every block.
const USUAL: [u8; 2] = [0x12, 0x20];

/// Code and size of a multihash take as many bytes, or fewer.
const PREFIX: usize = 4;

/// Bits of a note that are tried, at most: a delete of some twenty blocks.
const TRIED: usize = 8 << 10;

/// A block in bytes that are a section with a damaged head.
pub(super) struct Mended {
    multihash: Vec<u8>,
    /// Where the block begins, in bytes from the beginning of the section.
    value: usize,
    /// Where both end.
    pub end: usize,
    /// The bytes of the block, if they are not those that stand there.
    turned_back: Option<Vec<u8>>,
}

impl Scan<'_> {
    /// What lies at `from`, where the chain of sections breaks, if its length is right.
    pub(super) fn mend_first(&mut self, from: u64) -> io::Result<Option<Mended>> {
        // It is on the way, and costs no more than the section would.
        self.window.move_to(from, MAX_HEAD as u64)?;
        let len = self.frame(from).map_or(0, |frame| frame.len as u64);
        self.spent.searched += len;
        self.broken = from;
        self.by_length(from)
    }

    /// What begins at `from`, if only its head is damaged. It ends where its length says, or at `to`,
    /// or `inside` of something that may be no section.
    pub(super) fn mend(
        &mut self,
        from: u64,
        to: u64,
        inside: &[u64],
    ) -> io::Result<Option<Mended>> {
        let most = from + (MAX_HEAD + MAX_VALUE) as u64;
        let mut mended = match self.broken == from {
            // Tried already.
            true => None,
            false => self.by_length(from)?,
        };
        let ends = inside.iter().filter(|end| **end > from && **end != to);
        for end in std::iter::once(&to).chain(ends) {
            if mended.is_some() || *end > most {
                break;
            }
            mended = self.until(from, *end)?;
        }
        Ok(mended)
    }

    /// By the length in its head, if that is not what is damaged.
    fn by_length(&mut self, from: u64) -> io::Result<Option<Mended>> {
        self.window.move_to(from, MAX_HEAD as u64)?;
        let Some(frame) = self.frame(from) else {
            return Ok(None);
        };
        if !self.pays((frame.len - frame.value) as u64, 0) {
            return Ok(None);
        }
        let bytes = self.window.at(from, frame.len as u64)?;
        let said = frame.multihash(bytes).to_vec();
        let found = match almost(&said, frame.value(bytes)) {
            Some(multihash) => Some((multihash, None)),
            None => {
                let value = self.turned_back(from, &frame)?;
                value.map(|value| (said, Some(value)))
            }
        };
        Ok(found.map(|(multihash, turned_back)| Mended {
            multihash,
            value: frame.value,
            end: frame.len,
            turned_back,
        }))
    }

    /// A note as it was before one of its bits was flipped: there are so few that each is tried. A
    /// delete that is not known brings its block back, when the index is made anew.
    fn turned_back(&mut self, from: u64, frame: &Frame) -> io::Result<Option<Vec<u8>>> {
        let bits = 8 * (frame.len - frame.value);
        if frame.codec != DAG_CBOR || bits > TRIED || !self.pays((bits * bits / 8) as u64, 0) {
            return Ok(None);
        }
        let bytes = self.window.at(from, frame.len as u64)?;
        let multihash = frame.multihash(bytes);
        let flipped = |bit: usize| {
            let mut value = frame.value(bytes).to_vec();
            if let Some(byte) = value.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
            value
        };
        Ok((0..bits)
            .map(flipped)
            .find(|value| proves(multihash, value)))
    }

    /// By where it ends.
    fn until(&mut self, from: u64, to: u64) -> io::Result<Option<Mended>> {
        let len = to - from;
        for length in 1..=MAX_LENGTH as usize {
            let bytes = self.window.at(from, len)?;
            for (multihash, head) in heads(bytes, length) {
                if !self.pays(len - head as u64, len) {
                    return Ok(None);
                }
                let bytes = self.window.at(from, len)?;
                let value = bytes.get(head..).unwrap_or_default();
                if let Some(multihash) = almost(&multihash, value) {
                    return Ok(Some(Mended {
                        multihash,
                        value: head,
                        end: len as usize,
                        turned_back: None,
                    }));
                }
            }
        }
        Ok(None)
    }

    /// Emits the block, or the note, that begins at `from`.
    pub(super) fn tell<E: From<io::Error>>(
        &mut self,
        from: u64,
        mended: &Mended,
        emit: &mut Emit<'_, E>,
    ) -> Result<(), E> {
        self.window.move_to(from, mended.end as u64)?;
        let bytes = self.window.from(from);
        let there = bytes.get(mended.value..mended.end).unwrap_or_default();
        let value = mended.turned_back.as_deref().unwrap_or(there);
        let codec = bytes.get((mended.value - mended.multihash.len()).saturating_sub(1));
        match self.note(from, value) {
            Some(Note::Deleted(blocks)) => emit(Found::Deleted {
                at: from,
                len: mended.end as u32,
                blocks,
            }),
            Some(Note::Mark) => Ok(()),
            // A note of which nobody can tell whether it is one of this segment.
            None if codec == Some(&DAG_CBOR) => Ok(()),
            None => emit(Found::Loose {
                multihash: mended.multihash.clone(),
                value,
                end: from + mended.end as u64,
            }),
        }
    }
}

/// The multihashes that the head may have had of a section in `bytes`, whose length took so many
/// bytes, and how long the head is then: sha2-256, as nearly all are; what stands there; and what
/// stood there before one bit of code or size was flipped.
fn heads(bytes: &[u8], length: usize) -> Vec<(Vec<u8>, usize)> {
    let begin = length + 2;
    let there = bytes.get(begin..bytes.len().min(begin + MAX_HEAD));
    let there = there.unwrap_or_default();
    let usual = [&USUAL, there.get(USUAL.len()..).unwrap_or_default()].concat();
    let flipped = (0..PREFIX * 8).map(|bit| {
        let mut flipped = there.to_vec();
        if let Some(byte) = flipped.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        flipped
    });
    let mut heads: Vec<(Vec<u8>, usize)> = Vec::new();
    for begins in [usual, there.to_vec()].into_iter().chain(flipped) {
        let Some(multihash) = multihash_len(&begins).and_then(|len| begins.get(..len)) else {
            continue;
        };
        let head = begin + multihash.len();
        let value = bytes.len().checked_sub(head);
        let fits = value.is_some_and(|value| head_len(multihash.len(), value) == head);
        if fits && !heads.iter().any(|(other, _)| other == multihash) {
            heads.push((multihash.to_vec(), head));
        }
    }
    heads
}

/// The multihash of `value`, if it is nearly this one.
fn almost(named: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    let named = parse(named)?;
    let by = Hash::of(&named).ok()?;
    let made = hash::hash_to(by, usize::from(named.size()), value).ok()?;
    near(made.digest(), named.digest()).then(|| made.to_bytes())
}
