//! The logs, blob files and tables of RocksDB.
//!
//! ```text
//! blob    length of the key     8        log    a kind, and the family if it is not the first
//!         of the value          8               length of the key    varint
//!         expiration            8               key
//!         sums              4 + 4               length of the value  varint
//!         key, value                            value
//!
//! table   shared with the key before    varint
//!         length of the rest, and 8     varint
//!         length of the value           varint
//!         the rest, number and kind     .. + 8
//!         value
//! ```
//!
//! (`db/blob/blob_log_format.h`, `db/write_batch.cc`, `db/log_format.h` and
//! `table/block_based/block_builder.cc` of RocksDB.) A log is cut into pages of 32 KiB, and each
//! begins with seven bytes that are no part of what goes on behind them. Where tables are
//! compressed, only the engine can tell where a page of one ends, and their small blocks come from
//! it alone.

use std::fs;
use std::path::Path;

use super::Result;
use super::rescue::{ENOUGH, Rescue, parse};
use super::scan::{FAR, Form, KEY, every, records, unpacked, varint};

/// A page of a log, and what it begins with.
const PAGE: usize = 32 << 10;
const HEAD: usize = 7;

/// Behind each key in a table: the number of the write, and its kind.
const TRAILER: usize = 8;

/// Reads the file at `path`, whatever it should be.
pub(super) fn read(path: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            rescue.unreadable(path, error);
            return Ok(());
        }
    };
    records(&bytes, &BLOB, rescue)?;
    every(&bytes, rescue, entry)?;
    let log: Vec<u8> = bytes
        .chunks(PAGE)
        .flat_map(|page| page.iter().skip(HEAD))
        .copied()
        .collect();
    every(&log, rescue, put)
}

const BLOB: Form = Form {
    head: 32,
    key: (0, 8),
    value: (8, 8),
    stored: (8, 8),
    begins: |head| {
        matches!(
            head,
            [1..=156, 0, 0, 0, 0, 0, 0, 0, _, _, _, _, 0, 0, 0, 0, ..]
        )
    },
    deletes: |_| false,
    unpacked: |bytes, _| match varint(bytes) {
        // It says itself how long it was.
        Some((len, rest)) => unpacked(rest, len),
        None => Vec::new(),
    },
};

/// The length of the write that `bytes` begin with, in a log.
fn put(bytes: &[u8], rescue: &mut Rescue<'_>) -> Result<Option<usize>> {
    // The kind that has a family is 5, the families are few.
    let (begins, rest) = match bytes {
        [5, 0..=9, rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    let Some((len, rest)) = varint(rest) else {
        return Ok(None);
    };
    let Some((key, rest)) = rest.split_at_checked(len) else {
        return Ok(None);
    };
    if parse(key).is_none() && !(begins && len == KEY) {
        return Ok(None);
    }
    let found = valued(key, rest, rescue)?;
    if found.is_none() {
        rescue.name_usual(key);
    }
    Ok(found.map(|rest| bytes.len() - rest))
}

/// How many bytes are left behind the value that `bytes` begin with its length; that length may
/// have a bit that was hit.
fn valued(key: &[u8], bytes: &[u8], rescue: &mut Rescue<'_>) -> Result<Option<usize>> {
    let said = varint(bytes).into_iter();
    // Read anew, for the bit may be the one that says that a byte is the last.
    let turned = (0..32).filter_map(|bit| {
        let mut head = bytes.get(..5)?.to_vec();
        *head.get_mut(bit / 8)? ^= 1 << (bit % 8);
        let (len, left) = varint(&head)?;
        Some((len, bytes.get(5 - left.len()..)?))
    });
    for (len, rest) in said.chain(turned) {
        if let Some((value, rest)) = rest.split_at_checked(len)
            && len <= FAR.max(value.len())
            && rescue.block(key, value)?
        {
            return Ok(Some(rest.len()));
        }
    }
    Ok(None)
}

/// The length of the entry that `bytes` begin with, in a table.
fn entry(bytes: &[u8], rescue: &mut Rescue<'_>) -> Result<Option<usize>> {
    let Some((shared, rest)) = varint(bytes).filter(|(shared, _)| *shared < KEY) else {
        return Ok(None);
    };
    let Some((len, rest)) = varint(rest) else {
        return Ok(None);
    };
    // The end of a key of the usual length is enough; others lie whole in every 16th entry.
    let Some(own) = len
        .checked_sub(TRAILER)
        .filter(|own| *own >= ENOUGH && *own <= 156)
    else {
        return Ok(None);
    };
    if shared > 0 && shared + own != KEY {
        return Ok(None);
    }
    let Some((value_len, rest)) = varint(rest) else {
        return Ok(None);
    };
    let Some((end, rest)) = rest.split_at_checked(len) else {
        return Ok(None);
    };
    // A value that lies here; the kind is the lowest byte of the trailer.
    let (Some(end), Some(1)) = (end.get(..own), end.get(own)) else {
        return Ok(None);
    };
    let Some((value, rest)) = rest.split_at_checked(value_len) else {
        return Ok(None);
    };
    let mut key = vec![0; shared];
    key.extend_from_slice(end);
    if rescue.block(&key, value)? {
        return Ok(Some(bytes.len() - rest.len()));
    }
    if shared == 0 {
        rescue.name_usual(&key);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use block_cid::Block;
    use datastore::{Datastore, Key};

    use super::*;
    use crate::ops::Silent;
    use crate::{Config, Kind, Persistent};

    /// A blob file with these blocks, as RocksDB writes it.
    fn blobs(blocks: &[Block]) -> Vec<u8> {
        let mut bytes = vec![0; 30];
        for block in blocks {
            let key = block.cid().hash().to_bytes();
            bytes.extend((key.len() as u64).to_le_bytes());
            bytes.extend((block.len() as u64).to_le_bytes());
            bytes.extend([0; 8]);
            bytes.extend([0x5a; 8]);
            bytes.extend(key);
            bytes.extend(&block.data()[..]);
        }
        bytes
    }

    #[test]
    fn no_bit_in_front_of_a_blob_costs_a_block() {
        let blocks = [1, 2, 3].map(|n| Block::raw(vec![n; 1000 + usize::from(n)]));
        let whole = blobs(&blocks);
        let second = 30 + 32 + KEY + 1001;
        for bit in 0..32 * 8 {
            let mut bytes = whole.clone();
            bytes[second + bit / 8] ^= 1 << (bit % 8);
            let to = Persistent::open(&Config::new(Kind::Memory)).unwrap();
            let mut rescue = Rescue::new(&to, &Silent);
            records(&bytes, &BLOB, &mut rescue).unwrap();
            rescue.finish().unwrap();
            for block in &blocks {
                let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
                let found = to.get(&key).unwrap();
                assert!(found.as_ref() == Some(block.data()), "bit {bit}");
            }
        }
    }
}
