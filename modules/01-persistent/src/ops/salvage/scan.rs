//! Records that say how long their key and value are, wherever they lie in a file.
//!
//! What lies between the records is not asked for, and neither are their sums: where a record is
//! damaged, the next one is looked for byte by byte, and the hash says whether it is one.

use datastore::Key;

use super::Result;
use super::rescue::{Rescue, parse};

/// The length of nearly every key.
pub(super) const KEY: usize = 34;

/// No length that is tried is more than this.
pub(super) const FAR: usize = 4 << 20;

/// How a record begins: what is before its key, and where in it the lengths are.
pub(super) struct Form {
    /// The bytes before the key.
    pub head: usize,
    /// Where the length of the key is, and in how many bytes.
    pub key: (usize, usize),
    /// That of the value before it was compressed.
    pub value: (usize, usize),
    /// That of the value as it is stored behind the key.
    pub stored: (usize, usize),
    /// Whether these bytes begin one.
    pub begins: fn(&[u8]) -> bool,
    /// Whether it may be a deletion.
    pub deletes: fn(&[u8]) -> bool,
    /// A value of the second length as it was before it was compressed.
    pub unpacked: fn(&[u8], usize) -> Vec<u8>,
}

/// Reads every record of this form in `bytes`.
pub(super) fn records(bytes: &[u8], form: &Form, rescue: &mut Rescue<'_>) -> Result<()> {
    every(bytes, rescue, |bytes, rescue| record(bytes, form, rescue))
}

/// Has `one` look at every byte for what may begin there, but for those that it says to be in what
/// it has found.
pub(super) fn every(
    bytes: &[u8],
    rescue: &mut Rescue<'_>,
    one: impl Fn(&[u8], &mut Rescue<'_>) -> Result<Option<usize>>,
) -> Result<()> {
    let (mut at, mut asked) = (0, 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if at >= asked {
            rescue.go_on()?;
            asked = at + (1 << 20);
        }
        at += one(rest, rescue)?.unwrap_or(1).max(1);
    }
    Ok(())
}

/// The length of the record that `bytes` begin with, if it holds what its key says.
fn record(bytes: &[u8], form: &Form, rescue: &mut Rescue<'_>) -> Result<Option<usize>> {
    let Some((head, body)) = bytes.split_at_checked(form.head) else {
        return Ok(None);
    };
    let begins = (form.begins)(head);
    // Most bytes are no beginning of anything, and are told from one here.
    if !begins && !body.starts_with(&[0x12, 0x20]) {
        return Ok(None);
    }
    let number = |(at, len): (usize, usize)| number(head, at, len).unwrap_or_default();
    let (key_len, value, stored) = (number(form.key), number(form.value), number(form.stored));
    let said = body.get(..key_len).unwrap_or_default();
    if begins
        && said.first() == Some(&b'/')
        && let Ok(key) = Key::from_bytes(said)
    {
        rescue.lost_other(&key)?;
        return Ok(None);
    }
    let usual = body.get(..KEY).unwrap_or_default();
    let whole = [said, usual].into_iter().find(|key| parse(key).is_some());
    // Or its first bytes were hit.
    let Some(key) = whole.or_else(|| (begins && key_len == KEY).then_some(said)) else {
        return Ok(None);
    };
    if begins && (form.deletes)(head) {
        return Ok(None);
    }
    let rest = body.get(key.len()..).unwrap_or_default();
    // As they are said, or with a bit of them turned back.
    let turned = (0..usize::BITS).map(|bit| stored ^ (1 << bit));
    let turned = turned.filter(|len| *len <= FAR);
    for stored in [stored, value].into_iter().chain(turned) {
        let Some(found) = rest.get(..stored) else {
            continue;
        };
        if rescue.block(key, found)? || rescue.block(key, &(form.unpacked)(found, value))? {
            return Ok(Some(form.head + key.len() + stored));
        }
    }
    if begins {
        rescue.name(key);
    }
    Ok(None)
}

/// The number of so many bytes at `at`, the lowest first.
pub(super) fn number(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    let mut bytes = bytes.get(at..at + len)?.iter().rev();
    bytes.try_fold(0usize, |number, byte| {
        number.checked_mul(256)?.checked_add(usize::from(*byte))
    })
}

/// A number of seven bits a byte, the lowest first, and what is behind it.
pub(super) fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0usize;
    for (n, byte) in bytes.iter().enumerate().take(9) {
        number |= usize::from(byte & 0x7f).checked_shl(7 * n as u32)?;
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(n + 1..)?));
        }
    }
    None
}

/// What was compressed by LZ4, of at most 16 MiB here; nothing if it was not.
pub(super) fn unpacked(bytes: &[u8], len: usize) -> Vec<u8> {
    if len > 16 << 20 || bytes.len() >= len {
        return Vec::new();
    }
    lz4_flex::decompress(bytes, len).unwrap_or_default()
}
