//! Where sections begin again behind a damage, and what is left of the one that was hit.
//!
//! ```text
//! damage        ┌ 01 55 12 20 …     might be the CID of a section
//! ──────────────┼──────────────     its length stands before it: is there one that fits?
//!               └ n                 and is it the block of that hash?
//! ```
//!
//! Only a hash, or the id of the segment, proves that a section begins. What is found may lie in the
//! inside of a block, where somebody stores CARs as blocks. The scan goes on where it ends, and misses
//! what begins before that.

use std::io;

use block_cid::{Hash, hash};

use super::note::Note;
use super::scan::{Emit, Found, Scan, near};
use super::section::{DAG_CBOR, Frame, MAX_HEAD, MAX_VALUE, RAW, head_len, parse, proves};

/// Bytes that may be hashed in any case, so that the section behind a small damage is found.
const FREE: u64 = 4 << 20;

/// A length takes as many bytes, at most.
const MAX_LENGTH: u64 = 5;

impl Scan<'_> {
    /// Emits what can be told of the damage that begins at `from`; where sections begin again.
    pub(super) fn damaged<E: From<io::Error>>(
        &mut self,
        from: u64,
        emit: &mut Emit<'_, E>,
    ) -> Result<u64, E> {
        let to = self.next(from)?;
        self.spent.damaged += to - from;
        self.loose(from, to, emit)?;
        emit(Found::Damage { from, to })?;
        Ok(to)
    }

    /// The beginning of the first section behind `from`.
    fn next(&mut self, from: u64) -> io::Result<u64> {
        let mut at = from + 1;
        while at < self.to {
            self.window.move_to(at, MAX_HEAD as u64)?;
            let bytes = self.window.from(at);
            let len = bytes.len() as u64;
            let hits: Vec<u64> = bytes
                .windows(2)
                .enumerate()
                .filter(|(_, pair)| matches!(pair, [1, RAW | DAG_CBOR]))
                .map(|(n, _)| at + n as u64)
                .collect();
            for cid in hits {
                for length in 1..=MAX_LENGTH {
                    let start = cid.saturating_sub(length);
                    if start > from && self.begins(start, length as usize, from)? {
                        return Ok(start);
                    }
                }
            }
            if at + len >= self.to {
                break;
            }
            // A head may lie across the end of the window.
            at += len - (MAX_HEAD as u64).min(len - 1);
        }
        Ok(self.to)
    }

    /// Whether a section begins at `at` with a length of so many bytes.
    fn begins(&mut self, at: u64, length: usize, damage: u64) -> io::Result<bool> {
        let head = self.window.at(at, MAX_HEAD as u64)?;
        let Some(frame) = Frame::read(head) else {
            return Ok(false);
        };
        if frame.multihash != length + 2 || at + frame.len as u64 > self.to {
            return Ok(false);
        }
        if self.known.contains(&at) {
            return Ok(true);
        }
        let damaged = self.spent.damaged + (at - damage);
        let may = FREE.saturating_add(damaged.saturating_mul(self.effort.factor()));
        let value = (frame.len - frame.value) as u64;
        if self.spent.hashed + value > may {
            return Ok(false);
        }
        self.spent.hashed += value;
        let bytes = self.window.at(at, frame.len as u64)?;
        let proven = proves(frame.multihash(bytes), frame.value(bytes));
        let is_note = frame.codec == DAG_CBOR;
        Ok(proven && (!is_note || self.note(frame.value(self.window.from(at))).is_some()))
    }

    /// Emits the block, or the note, whose section lay from `from` to `to`, if only its head is
    /// damaged. Then it is the one that the head nearly names.
    fn loose<E: From<io::Error>>(
        &mut self,
        from: u64,
        to: u64,
        emit: &mut Emit<'_, E>,
    ) -> Result<(), E> {
        let most = (MAX_HEAD + MAX_VALUE) as u64;
        let mut found = None;
        // By its length, if that is not what is damaged.
        self.window.move_to(from, MAX_HEAD as u64)?;
        if let Some(frame) = self.frame(from) {
            let bytes = self.window.at(from, frame.len as u64)?;
            let multihash = almost(frame.multihash(bytes), frame.value(bytes));
            found = multihash.map(|multihash| (multihash, frame.value, frame.len));
        }
        if found.is_none() && to - from <= most {
            let bytes = self.window.at(from, to - from)?;
            found = (1..=MAX_LENGTH as usize).find_map(|length| of_length(bytes, length));
        }
        let Some((multihash, value, len)) = found else {
            return Ok(());
        };
        let bytes = self.window.from(from);
        let value = bytes.get(value..len).unwrap_or_default();
        match self.note(value) {
            Some(Note::Deleted(blocks)) => emit(Found::Deleted {
                at: from,
                len: len as u32,
                blocks,
            }),
            Some(Note::Mark) => Ok(()),
            None => emit(Found::Loose { multihash, value }),
        }
    }
}

/// The multihash of the block in `bytes`, which are a section whose length took so many bytes, and
/// where the block begins and ends; by sha2-256, as nearly all are.
fn of_length(bytes: &[u8], length: usize) -> Option<(Vec<u8>, usize, usize)> {
    let head = length + 36;
    let (digest, value) = (bytes.get(length + 4..head)?, bytes.get(head..)?);
    if head_len(34, value.len()) != head {
        return None;
    }
    let multihash = almost(&[&[0x12, 0x20], digest].concat(), value)?;
    Some((multihash, head, bytes.len()))
}

/// The multihash of `value`, if it is nearly this one.
fn almost(named: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    let named = parse(named)?;
    let by = Hash::of(&named).ok()?;
    let made = hash::hash_to(by, usize::from(named.size()), value).ok()?;
    near(made.digest(), named.digest()).then(|| made.to_bytes())
}
