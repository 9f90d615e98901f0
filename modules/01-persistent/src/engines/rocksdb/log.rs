//! The logs and the manifest, looked through before RocksDB reads them.
//!
//! ```text
//! blocks of 32 KiB, each of records: sum 4 bytes · length 2 · type 1 · so many bytes
//!   types 1-4     whole, first, middle, last           what is written here
//!   types 5-8 …   the same in a file that is used a second time, which is done with no file here
//! ```
//!
//! One flipped bit makes a 5 of a 1. RocksDB 11 does not get past a record of a reused file in one
//! that is not (`Reader::ReadPhysicalRecord` returns without moving on), and opening never ends. So
//! such a record is refused before.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use datastore::{Error, Result};

/// The size of a block, in bytes.
pub(super) const BLOCK: u64 = 32_768;

/// Sum, length and type.
pub(super) const HEADER: usize = 7;

/// The types of reused files, as in `log_format.h`.
const REUSED: [u8; 6] = [5, 6, 7, 8, 11, 131];

/// Looks for records that RocksDB would read forever.
///
/// # Errors
/// [`Error::Corrupt`] if there is one.
pub fn check(dir: &Path) -> Result<()> {
    for path in files(dir, |name| is_log(name) || name.starts_with("MANIFEST-"))? {
        let found = reused(&path).map_err(|error| Error::io("read", &path, error))?;
        if let Some(at) = found {
            return Err(Error::Corrupt {
                path,
                what: format!(
                    "the record at {at} is of no type that is written here; salvage the store, or \
                     restore a backup"
                ),
            });
        }
    }
    Ok(())
}

/// Bytes that the logs have.
pub fn bytes(dir: &Path) -> Result<u64> {
    let logs = logs(dir)?;
    // One that is let go of meanwhile holds nothing.
    let lens = logs
        .iter()
        .map(|path| fs::metadata(path).map_or(0, |meta| meta.len()));
    Ok(lens.sum())
}

/// The logs, in no order.
pub(super) fn logs(dir: &Path) -> Result<Vec<PathBuf>> {
    files(dir, is_log)
}

fn is_log(name: &str) -> bool {
    name.ends_with(".log")
}

/// The files in the folder, of which there may be none, whose names are wanted.
pub(super) fn files(dir: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::io("list", dir, error);
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(&wanted) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Where the first record of a reused file stands in this one, if any does.
fn reused(path: &Path) -> io::Result<Option<u64>> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut file = BufReader::with_capacity(BLOCK as usize, file);
    let mut at = 0;
    while at + HEADER as u64 <= len {
        let left = BLOCK - at % BLOCK;
        // Too little for a header is left empty, and so is what was only reserved.
        let mut next = left;
        if left >= HEADER as u64 {
            let mut header = [0; HEADER];
            file.read_exact(&mut header)?;
            let [.., low, high, kind] = header;
            if REUSED.contains(&kind) {
                return Ok(Some(at));
            }
            let whole = HEADER as u64 + u64::from(u16::from_le_bytes([low, high]));
            // A record lies in one block. What does not is damaged, and RocksDB sees that.
            if whole <= left && header != [0; HEADER] {
                next = whole;
            }
            file.seek_relative((next - HEADER as u64) as i64)?;
        } else {
            file.seek_relative(left as i64)?;
        }
        at += next;
    }
    Ok(None)
}
