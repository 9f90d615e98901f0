//! The journals and blob files of fjall, record by record.
//!
//! ```text
//! journal   2, type, compression   1 byte each      blob   "BLOB"        4
//!           keyspace               8                       sum          16
//!           length of the key      2                       number        8
//!           of the value           4                       key length    2
//!           of it as it is stored  4                       value length  4
//!           key, value                                     as stored     4
//!                                                          key, value
//! ```
//!
//! (`journal/entry.rs` of fjall 3, `vlog/blob_file/writer.rs` of lsm-tree 3.) What lies between the
//! records is not asked for, and neither are the sums: where a record is damaged, the next one is
//! looked for byte by byte, and the hash says whether it is one. Tables are read by `table.rs`.

use std::fs;
use std::path::Path;

use datastore::Key;

use super::rescue::{Rescue, parse};
use super::{Result, table};

/// The length of nearly every key.
const KEY: usize = 34;

/// No length that is tried is more than this.
const FAR: usize = 4 << 20;

/// Reads the file at `path`, whatever it should be.
pub(super) fn read(path: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            rescue.unreadable(path, error);
            return Ok(());
        }
    };
    records(&bytes, &JOURNAL, rescue)?;
    records(&bytes, &BLOB, rescue)?;
    table::read(&bytes, rescue)
}

/// How a record begins.
struct Form {
    /// The bytes before the key.
    head: usize,
    /// Where the length of the key is, of two bytes, with those of the value behind it.
    lens: usize,
    /// Whether it begins as one does.
    begins: fn(&[u8]) -> bool,
    /// Whether it may be a deletion.
    deletes: fn(&[u8]) -> bool,
}

const JOURNAL: Form = Form {
    head: 21,
    lens: 11,
    begins: |head| matches!(head, [2, 0..=2, 0..=1, ..]),
    deletes: |head| !matches!(head, [_, 0, ..]),
};

const BLOB: Form = Form {
    head: 38,
    lens: 28,
    begins: |head| head.starts_with(b"BLOB"),
    deletes: |_| false,
};

fn records(bytes: &[u8], form: &Form, rescue: &mut Rescue<'_>) -> Result<()> {
    let mut at = 0;
    let mut steps = 0u32;
    while let Some(rest) = bytes.get(at..) {
        if rest.len() < form.head {
            break;
        }
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(1 << 20) {
            rescue.go_on()?;
        }
        at += record(rest, form, rescue)?.unwrap_or(1);
    }
    Ok(())
}

/// The length of the record that `bytes` begin with, if it is one that holds what it says.
fn record(bytes: &[u8], form: &Form, rescue: &mut Rescue<'_>) -> Result<Option<usize>> {
    let Some((head, body)) = bytes.split_at_checked(form.head) else {
        return Ok(None);
    };
    let begins = (form.begins)(head);
    // Most bytes are no beginning of anything, and are told from one here.
    if !begins && !body.starts_with(&[0x12, 0x20]) {
        return Ok(None);
    }
    let number = |at: usize, len: usize| {
        let bytes = head.get(form.lens + at..form.lens + at + len);
        let bytes = bytes.unwrap_or_default().iter().rev();
        bytes.fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let (key_len, value, stored) = (number(0, 2), number(2, 4), number(6, 4));
    let said = body.get(..key_len).unwrap_or_default();
    if begins
        && said.first() == Some(&b'/')
        && let Ok(key) = Key::from_bytes(said)
    {
        rescue.lost_other(&key)?;
        return Ok(None);
    }
    let usual = body.get(..KEY).unwrap_or_default();
    let Some(key) = [said, usual]
        .into_iter()
        .find(|key| parse(key).is_some())
        .or_else(|| {
            // Its first bytes were hit.
            (begins && key_len == KEY).then_some(said)
        })
    else {
        return Ok(None);
    };
    if begins && (form.deletes)(head) {
        return Ok(None);
    }
    let rest = body.get(key.len()..).unwrap_or_default();
    let mut lens = vec![(stored, value), (value, value)];
    // A length of which a bit was hit.
    lens.extend((0..FAR.ilog2()).map(|bit| (stored ^ (1 << bit), value)));
    for (stored, value) in lens {
        let Some(found) = rest.get(..stored) else {
            continue;
        };
        let kept = rescue.block(key, found)?
            || (stored != value && rescue.block(key, &table::unpacked(found, value))?);
        if kept {
            return Ok(Some(form.head + key.len() + stored));
        }
    }
    if begins {
        rescue.name(key);
    }
    Ok(None)
}
