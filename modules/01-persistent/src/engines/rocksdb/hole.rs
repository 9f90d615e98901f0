//! Holes in a log, which a power cut leaves of what was not flushed.
//!
//! A file system writes back the pages of a file in any order, and each as it is at that moment. Of
//! what was not flushed it may so keep a later page and lose an earlier one, or the rest of one;
//! there are zeros then, up to where a page ends, or the file. RocksDB takes a file that ends in the middle of a
//! record for one that a crash cut short, and one with such a hole for a damaged one, which it
//! refuses. Nothing that was flushed lies behind a hole: a flush takes the whole file.
//!
//! | the store | and its log has | then |
//! | --- | --- | --- |
//! | was not closed | a record that is not whole, in a page that ends in a zero; or zeros to the end behind a part of a write | what follows is put aside, and cut off |
//! | was not closed | another record that is not whole | RocksDB decides: where the file ends it is cut off, else refused |
//! | was closed | any | RocksDB decides |
//!
//! What of a cut log had been flushed and damaged later is no longer there, and is not silently
//! gone: the record of what was acknowledged names it, and RocksDB knows how much of a finished
//! log was flushed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use datastore::{Error, Result};

use super::log::{BLOCK, HEADER, logs};
use crate::engines::aside;

/// What a file system writes back at once, in bytes.
const PAGE: usize = 4096;

/// Cuts off each log of the database in `dir` where it has a hole.
///
/// # Errors
/// I/O errors.
pub fn cut(dir: &Path) -> Result<()> {
    for path in logs(dir)? {
        let read = |error| Error::io("read", &path, error);
        let mut file = File::open(&path).map_err(read)?;
        let Some(whole) = find(&mut file).map_err(read)? else {
            continue;
        };
        // From the start of a block on, so that what is kept can be read as a log.
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(whole - whole % BLOCK))
            .and_then(|_| file.read_to_end(&mut rest))
            .map_err(read)?;
        aside::keep(dir, &path, &rest)?;
        OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|file| {
                file.set_len(whole)?;
                file.sync_all()
            })
            .map_err(|error| Error::io("cut", &path, error))?;
    }
    Ok(())
}

/// The byte behind the last whole write before the hole, if the log has one.
fn find(file: &mut File) -> io::Result<Option<u64>> {
    let len = file.metadata()?.len();
    let mut file = BufReader::with_capacity(BLOCK as usize, file);
    let (mut at, mut whole) = (0, 0);
    let mut block = Vec::with_capacity(BLOCK as usize);
    while at < len {
        block.clear();
        (&mut file).take(BLOCK).read_to_end(&mut block)?;
        let is_last = at + block.len() as u64 >= len;
        let mut begin = 0;
        while let Some(record) = Record::at(&block, begin) {
            if !record.is_whole() {
                // RocksDB takes zeros for an end where no write is left half done before them.
                let is_end = record.is_cut_off && is_last
                    || whole == at + begin as u64
                        && is_zeros(block.get(begin..).unwrap_or_default(), &mut file)?;
                return Ok(
                    (!is_end && has_hole(&block, begin, record.bytes.len())).then_some(whole)
                );
            }
            begin += record.bytes.len();
            if record.ends_write() {
                whole = at + begin as u64;
            }
        }
        at += block.len() as u64;
    }
    Ok(None)
}

/// A record with its header, or what stands in the place of one.
struct Record<'a> {
    bytes: &'a [u8],
    /// Whether it should have more bytes than there are.
    is_cut_off: bool,
}

impl Record<'_> {
    /// The one at this byte of a block, if there is room for one.
    fn at(block: &[u8], begin: usize) -> Option<Record<'_>> {
        let rest = block.get(begin..)?;
        let [_, _, _, _, low, high, kind, ..] = *rest else {
            return None;
        };
        let len = HEADER + usize::from(u16::from_le_bytes([low, high]));
        // Nothing has this type: the rest of the block was never written.
        let len = if kind == 0 { rest.len() } else { len };
        Some(Record {
            bytes: rest.get(..len).unwrap_or(rest),
            is_cut_off: len > rest.len(),
        })
    }

    /// Whether it has the bytes that its sum was made of (`log_writer.cc`, `util/crc32c.h`).
    fn is_whole(&self) -> bool {
        let [a, b, c, d, low, high, typed @ ..] = self.bytes else {
            return false;
        };
        let said = u32::from_le_bytes([*a, *b, *c, *d]);
        let len = usize::from(u16::from_le_bytes([*low, *high]));
        let sum = crc32c::crc32c(typed);
        typed.len() == len + 1 && said == sum.rotate_right(15).wrapping_add(0xa282_ead8)
    }

    /// Whether a write ends with it: it is the whole of one, or the last of its records.
    fn ends_write(&self) -> bool {
        matches!(self.bytes, [_, _, _, _, _, _, 1 | 4, ..])
    }
}

/// Whether a page of the block that the record at `begin` touches ends in a zero; the last one may
/// end with the file.
fn has_hole(block: &[u8], begin: usize, len: usize) -> bool {
    let first = begin / PAGE;
    let last = (begin + len - 1) / PAGE;
    let mut touched = block.chunks(PAGE).skip(first).take(last + 1 - first);
    touched.any(|page| page.ends_with(&[0]))
}

/// Whether there is nothing but zeros from here on.
fn is_zeros(rest: &[u8], file: &mut impl Read) -> io::Result<bool> {
    let mut chunk = rest.to_vec();
    while chunk.iter().all(|byte| *byte == 0) {
        chunk.clear();
        if file.by_ref().take(BLOCK).read_to_end(&mut chunk)? == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
