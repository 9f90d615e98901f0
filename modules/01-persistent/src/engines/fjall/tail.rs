//! Where a journal stops being whole, found before fjall reads it.
//!
//! ```text
//! batch    1, count of items: 4 bytes, number: 8 bytes
//!          items (`item.rs`)
//!          3, XXH3 of the items: 8 bytes, "FJL" 3
//! ```
//!
//! fjall cuts a journal off at the first entry that it cannot read, whatever lies behind it: it
//! takes every one for the write that a crash cut short. A damaged page would so cost every
//! block behind it, and `salvage` would find none of them any more. So:
//!
//! | the store | and its journal ends in | then |
//! | --- | --- | --- |
//! | was closed | anything but a whole batch, or zeros | it is refused, and nothing is written |
//! | was not | the beginning of a batch | fjall cuts it off: nobody was told that it is written |
//! | was not | what is no batch, with the end of one behind it | it is put aside, and fjall cuts it off |
//!
//! The last is a damage, or what a power cut leaves of batches that were not flushed, of which the
//! disk may have written the later pages alone. A killed process leaves no such gap: the page cache
//! has all that was written, in order.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use datastore::{Error, Result};
use xxhash_rust::xxh3::Xxh3;

use super::error::SALVAGE;
use super::item;
use crate::engines::aside;

const CHUNK: usize = 64 << 10;

/// How a journal goes on behind its whole batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Break {
    /// The byte behind the last whole batch.
    batch: u64,
    /// The byte behind the last whole entry of the next.
    entry: u64,
    /// Whether the next has its end, and it does not fit: fjall refuses that by itself.
    ends_wrong: bool,
}

/// Looks through the journal at `path`, of a store that was closed or not.
///
/// # Errors
/// [`Error::Corrupt`] if it is damaged. I/O errors.
pub(super) fn check(dir: &Path, path: &Path, unclean: bool) -> Result<()> {
    let read = |error| Error::io("read", path, error);
    let mut file = File::open(path).map_err(read)?;
    let found = find_break(&mut file).map_err(read)?;
    let rest = rest(&mut file, found.batch).map_err(read)?;
    if rest.is_empty() {
        return Ok(());
    }
    if !unclean || found.ends_wrong {
        return Err(Error::Corrupt {
            path: path.to_owned(),
            what: format!(
                "from byte {} on it is not what was written; it is left as it is: {SALVAGE}",
                found.batch
            ),
        });
    }
    let behind = (found.entry - found.batch) as usize;
    if has_end(rest.get(behind..).unwrap_or_default()) {
        // fjall looks at no folder but its own.
        aside::keep(dir, path, &rest)?;
    }
    Ok(())
}

fn find_break(file: &mut File) -> io::Result<Break> {
    let mut entries = Entries {
        file: BufReader::with_capacity(CHUNK, file),
        at: 0,
    };
    let mut batch = 0;
    loop {
        let (entry, ends_wrong) = match entries.batch()? {
            Batch::Whole => {
                batch = entries.at;
                continue;
            }
            Batch::Broken(entry) => (entry, false),
            Batch::EndsWrong(entry) => (entry, true),
        };
        return Ok(Break {
            batch,
            entry,
            ends_wrong,
        });
    }
}

enum Batch {
    Whole,
    /// From this byte on.
    Broken(u64),
    /// At this byte.
    EndsWrong(u64),
}

struct Entries<R> {
    file: R,
    at: u64,
}

impl<R: Read> Entries<R> {
    fn batch(&mut self) -> io::Result<Batch> {
        let mut entry = self.at;
        let (Some([1]), Some(count), Some(_number)) =
            (self.take()?, self.take()?, self.take::<8>()?)
        else {
            return Ok(Batch::Broken(entry));
        };
        let mut left = u32::from_le_bytes(count);
        let mut sum = Xxh3::new();
        loop {
            entry = self.at;
            match self.take()? {
                Some([2]) if left > 0 => {
                    let Some(rest) = self.take::<{ item::HEAD - 1 }>()? else {
                        return Ok(Batch::Broken(entry));
                    };
                    let mut head = [2; item::HEAD];
                    if let Some(place) = head.get_mut(1..) {
                        place.copy_from_slice(&rest);
                    }
                    sum.update(&head);
                    if !item::begins(&head) || !self.pass(item::body(&head), &mut sum)? {
                        return Ok(Batch::Broken(entry));
                    }
                    left -= 1;
                }
                // A keyspace was emptied.
                Some([4]) if left > 0 => {
                    sum.update(&[4]);
                    if !self.pass(8, &mut sum)? {
                        return Ok(Batch::Broken(entry));
                    }
                    left -= 1;
                }
                Some([3]) => {
                    let (Some(said), Some([b'F', b'J', b'L', 3])) = (self.take()?, self.take()?)
                    else {
                        return Ok(Batch::Broken(entry));
                    };
                    return Ok(if left == 0 && sum.digest() == u64::from_le_bytes(said) {
                        Batch::Whole
                    } else {
                        Batch::EndsWrong(entry)
                    });
                }
                _ => return Ok(Batch::Broken(entry)),
            }
        }
    }

    /// The next bytes, if there are so many.
    fn take<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut bytes = [0; N];
        match self.file.read_exact(&mut bytes) {
            Ok(()) => {
                self.at += N as u64;
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes so many bytes into the sum; false if there are fewer.
    fn pass(&mut self, len: u64, sum: &mut Xxh3) -> io::Result<bool> {
        let passed = io::copy(&mut self.file.by_ref().take(len), &mut Sum(sum))?;
        self.at += passed;
        Ok(passed == len)
    }
}

struct Sum<'a>(&'a mut Xxh3);

impl Write for Sum<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the file holds from this byte on, without the zeros at its end: fjall makes a journal 64
/// MiB long before it writes to it.
fn rest(file: &mut File, from: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let (mut rest, mut zeros) = (Vec::new(), 0);
    let none = vec![0; CHUNK];
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        chunk.clear();
        file.take(CHUNK as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(rest);
        } else if none.starts_with(&chunk) {
            zeros += chunk.len();
        } else {
            rest.resize(rest.len() + zeros, 0);
            rest.extend_from_slice(&chunk);
            zeros = 0;
        }
    }
}

/// Whether a batch ends somewhere in these bytes.
fn has_end(bytes: &[u8]) -> bool {
    let mut windows = bytes.windows(1 + 8 + 4);
    windows.any(|end| matches!(end, [3, .., b'F', b'J', b'L', 3]))
}

#[cfg(test)]
mod tests;
