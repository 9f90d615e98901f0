//! 01-10: backups that are whole, that prove themselves, and of which the right ones are kept.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};

use datastore::{Batch, Datastore, Key};
use sha2::{Digest, Sha256};

use crate::folder::Folder;

/// What a backup begins with.
pub const MAGIC: &[u8; 8] = b"backup 1";

/// Which backups to keep, by the day they were made: all of the last 7 days, the newest of each of the last 4
/// weeks and the newest of each of the last 12 months. Day 0 is the first of week 0 and of month 0; a week has 7
/// days, a month 30. What is newer than `today` is kept, too: a clock was wrong.
pub fn keep(days: &BTreeSet<u32>, today: u32) -> BTreeSet<u32> {
    //~ todo: three rules, and what one of them keeps is kept
    let mut kept: BTreeSet<u32> = days.range(today.saturating_sub(6)..).copied().collect();
    for (length, count) in [(7, 4), (30, 12)] {
        let now = today / length;
        for part in now.saturating_sub(count - 1)..=now {
            let newest = days.range(part * length..(part + 1) * length).next_back();
            kept.extend(newest);
        }
    }
    kept
    //~ end
}

/// Writes all blocks of a store into the file `name`; how many. The file is there whole, or not at all. It is an
/// error of the kind `AlreadyExists` if there is one of that name, and of the kind `InvalidData` if a block of the
/// store is not what its key says.
///
/// ```text
/// "backup 1"   then for each block, in order of keys:   length of key (2)   length of block (4)   key   block
/// then sha2-256 of everything before (32); numbers are little-endian
/// ```
pub fn backup(store: &dyn Datastore, folder: &dyn Folder, name: &str) -> io::Result<u64> {
    //~ todo: make the bytes, prove each block on the way, and write them as in 01-3
    if folder.read(name)?.is_some() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, name));
    }
    let mut blocks = Vec::new();
    for entry in store.query(&Key::blocks()).map_err(io::Error::other)? {
        blocks.push(entry.map_err(io::Error::other)?);
    }
    blocks.sort();
    let mut bytes = MAGIC.to_vec();
    for (key, block) in &blocks {
        if !proven(key, block) {
            return Err(damaged(format!("{key} in the store is damaged")));
        }
        bytes.extend_from_slice(&(key.as_bytes().len() as u16).to_le_bytes());
        bytes.extend_from_slice(&(block.len() as u32).to_le_bytes());
        bytes.extend_from_slice(key.as_bytes());
        bytes.extend_from_slice(block);
    }
    bytes.extend_from_slice(&Sha256::digest(&bytes));
    let temp = format!("{name}.new");
    if folder.read(&temp)?.is_some() {
        folder.remove(&temp)?;
    }
    folder.create(&temp)?;
    folder.append(&temp, &bytes)?;
    folder.flush(&temp)?;
    folder.rename(&temp, name)?;
    folder.flush_names()?;
    Ok(blocks.len() as u64)
    //~ end
}

/// Puts the blocks of a backup into a store; how many. All is proven first: if anything is damaged, it is an error
/// of the kind `InvalidData`, and nothing is put.
pub fn restore(folder: &dyn Folder, name: &str, store: &dyn Datastore) -> io::Result<u64> {
    //~ todo: the hash of the whole, then record by record, then one batch
    let bytes = folder.read(name)?.ok_or(ErrorKind::NotFound)?;
    let cut = || damaged(format!("{name} is cut off"));
    let end = bytes.len().checked_sub(32).ok_or_else(cut)?;
    let (body, hash) = bytes.split_at(end);
    if hash != &Sha256::digest(body)[..] {
        return Err(damaged(format!("{name} is damaged or cut off")));
    }
    let mut rest = body
        .strip_prefix(MAGIC)
        .ok_or_else(|| damaged(format!("{name} is no backup")))?;
    let mut batch = Batch::new();
    while !rest.is_empty() {
        let (key, block, after) = record(rest).ok_or_else(cut)?;
        let key = Key::from_bytes(key).map_err(|error| damaged(error.to_string()))?;
        if !proven(&key, block) {
            return Err(damaged(format!("{key} in {name} is damaged")));
        }
        batch.put(key, block.to_vec());
        rest = after;
    }
    let count = batch.ops().len() as u64;
    store.apply(batch).map_err(io::Error::other)?;
    store.sync().map_err(io::Error::other)?;
    Ok(count)
    //~ end
}
//~ blank: an error, a proof and a record help both

fn damaged(why: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

/// Whether a block by sha2-256 is what its key says; of others nothing here can tell.
fn proven(key: &Key, block: &[u8]) -> bool {
    let digest = key
        .as_block()
        .and_then(|hash| hash.strip_prefix(&[0x12, 0x20]));
    digest.is_none_or(|digest| digest == &Sha256::digest(block)[..])
}

/// The key and the block at the start of `bytes`, and what follows them.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (key_len, rest) = bytes.split_first_chunk::<2>()?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let (key, rest) = rest.split_at_checked(u16::from_le_bytes(*key_len) as usize)?;
    let (block, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    Some((key, block, rest))
}
//~ end
