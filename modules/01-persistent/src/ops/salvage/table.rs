//! The tables of an lsm-tree, entry by entry.
//!
//! ```text
//! page      "LSM", 3     4    kind  1    sum of what follows  16
//!           length       4    length before compression        4    sum of these  4
//!           entries, and where to find them
//!
//! entry     type, number             1 byte, varint
//!           length of the key        varint          every 16th has its whole key, the others
//!           key                                      say how much they share with it instead
//!           length of the value      varint
//!           value
//! ```
//!
//! (`table/block/header.rs`, `table/data_block/mod.rs` of lsm-tree 3.) What is shared need not be
//! known: the hash of the value tells the key, and its end is compared with what is there.

use super::Result;
use super::rescue::{ENOUGH, Rescue, parse};
use super::scan::{KEY, every, number, unpacked, varint};

const MAGIC: [u8; 4] = [b'L', b'S', b'M', 3];

/// The bytes of the head of a page.
const HEAD: usize = 33;

/// Reads the entries of a table.
pub(super) fn read(bytes: &[u8], rescue: &mut Rescue<'_>) -> Result<()> {
    every(bytes, rescue, entry)?;
    let heads = bytes.windows(4).enumerate();
    for (at, _) in heads.filter(|(_, window)| *window == MAGIC) {
        let number = |from: usize| number(bytes, at + from, 4).unwrap_or_default();
        let (stored, whole) = (number(21), number(25));
        let page = bytes.get(at + HEAD..at + HEAD + stored);
        if stored != whole
            && let Some(page) = page
        {
            every(&unpacked(page, whole), rescue, entry)?;
        }
    }
    Ok(())
}

/// The length of the entry that `bytes` begin with, if it holds a block.
fn entry(bytes: &[u8], rescue: &mut Rescue<'_>) -> Result<Option<usize>> {
    // A value that lies here.
    let [0, behind @ ..] = bytes else {
        return Ok(None);
    };
    let Some((_, behind)) = varint(behind) else {
        return Ok(None);
    };
    let Some((first, behind)) = varint(behind) else {
        return Ok(None);
    };
    // With its whole key, or with the end of it behind what it shares.
    let whole = behind
        .split_at_checked(first)
        .map(|(key, rest)| (key.to_vec(), rest));
    let part = varint(behind).and_then(|(len, behind)| {
        let (end, rest) = behind.split_at_checked(len)?;
        if len < ENOUGH || first + len != KEY {
            return None;
        }
        let mut key = vec![0; first];
        key.extend_from_slice(end);
        Some((key, rest))
    });
    for (key, rest) in [whole.filter(|(key, _)| parse(key).is_some()), part]
        .into_iter()
        .flatten()
    {
        let Some((len, rest)) = varint(rest) else {
            continue;
        };
        let Some((value, rest)) = rest.split_at_checked(len) else {
            continue;
        };
        if rescue.block(&key, value)? {
            return Ok(Some(bytes.len() - rest.len()));
        }
        rescue.name_usual(&key);
    }
    Ok(None)
}
