//! Chunkers: where a file is cut.
//!
//! A block has at most 2 MiB, so files are cut. Two ways are common:
//!
//! ```text
//! size-262144   |------|------|------|---|      every so many bytes
//! buzhash       |---|--------|----|-----|-|     where the bytes themselves say so
//! ```
//!
//! The first is the fastest, and what everybody uses. The second finds the same cuts again after
//! something was inserted, so that all chunks behind the insertion are the blocks that are there
//! already; cut by size, each of them would be new.
//!
//! Both of Kubo's chunkers of the second kind look at the last few bytes through a rolling hash,
//! which takes in a byte and lets go of the oldest one in a few instructions, and cut where the
//! lower bits of that hash are all zero. Neither looks beyond the chunk, so a cut is a function of
//! the bytes since the last one: [`Chunks`] reads until it holds as many as a chunk may have, and
//! asks where it ends. How the reader hands out its bytes changes nothing.
//!
//! Source: [boxo/chunker](https://github.com/ipfs/boxo/tree/main/chunker).

mod buzhash;
mod rabin;

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use bytes::Bytes;

use crate::{Error, Result};
pub use rabin::Rabin;

/// The longest chunk in bytes: 256 less than the 2 MiB of a block, which are for what is said
/// around a chunk in dag-pb.
pub const MAX_CHUNK: usize = (2 << 20) - 256;

/// The length of a chunk, or the average one, where nothing is said: 256 KiB.
pub const DEFAULT_CHUNK: usize = 256 << 10;

/// What is read at once where chunks are smaller.
const READ: usize = 64 << 10;

/// How files are cut, as `ipfs add --chunker` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chunker {
    /// `size-N`: every N bytes.
    Size(usize),
    /// `rabin`, `rabin-AVG`, `rabin-MIN-AVG-MAX`: by a Rabin fingerprint of 16 bytes.
    Rabin(Rabin),
    /// `buzhash`: by a cyclic polynomial of 32 bytes, from 128 to 512 KiB.
    Buzhash,
}

impl Chunker {
    /// The chunks of what `from` gives, in order; together they are all of it.
    pub fn chunks<R: Read>(self, from: R) -> Chunks<R> {
        let max = self.max();
        Chunks {
            from,
            chunker: self,
            // Chunks that may be shorter share what was read, and what is left over moves to the
            // front of the next read: the more is read at once, the less is moved.
            read: match self {
                Chunker::Size(size) => size * (READ / size).max(1),
                _ => 4 * max,
            },
            max,
            left: None,
            held: Bytes::new(),
            ended: false,
        }
    }

    /// The chunks of bytes that are in memory already, which are not copied.
    pub fn split(self, bytes: Bytes) -> Chunks<io::Empty> {
        Chunks {
            held: bytes,
            ended: true,
            ..self.chunks(io::empty())
        }
    }

    /// The longest chunk in bytes.
    pub fn max(self) -> usize {
        match self {
            Chunker::Size(size) => size,
            Chunker::Rabin(rabin) => rabin.max(),
            Chunker::Buzhash => buzhash::MAX,
        }
    }

    /// How many of `bytes`, which are at most [`max`](Self::max), are in the first chunk. All of
    /// them are if no cut is found.
    fn cut(self, bytes: &[u8]) -> usize {
        match self {
            Chunker::Size(_) => bytes.len(),
            Chunker::Rabin(rabin) => rabin.cut(bytes),
            Chunker::Buzhash => buzhash::cut(bytes),
        }
    }
}

impl Default for Chunker {
    fn default() -> Chunker {
        Chunker::Size(DEFAULT_CHUNK)
    }
}

impl fmt::Display for Chunker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Chunker::Size(size) => write!(f, "size-{size}"),
            Chunker::Rabin(rabin) => rabin.fmt(f),
            Chunker::Buzhash => f.write_str("buzhash"),
        }
    }
}

impl FromStr for Chunker {
    type Err = Error;

    /// Reads what `ipfs add --chunker` takes.
    fn from_str(text: &str) -> Result<Chunker> {
        let refuse = |reason: String| Error::Chunker {
            text: text.to_owned(),
            reason,
        };
        let parts: Vec<&str> = text.split('-').collect();
        match parts.as_slice() {
            ["default" | ""] => Ok(Chunker::default()),
            // Whatever follows: so it is in Kubo.
            ["buzhash", ..] => Ok(Chunker::Buzhash),
            ["size", size] => {
                let size = number(size).map_err(refuse)?;
                match size {
                    0 => Err(refuse("a chunk has a byte or more".into())),
                    1..=MAX_CHUNK => Ok(Chunker::Size(size)),
                    _ => Err(refuse(too_long(size))),
                }
            }
            ["rabin", sizes @ ..] => rabin::parse(sizes).map(Chunker::Rabin).map_err(refuse),
            _ => Err(refuse(
                "size-BYTES, rabin, rabin-AVG, rabin-MIN-AVG-MAX and buzhash are chunkers".into(),
            )),
        }
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is no number of bytes"))
}

fn too_long(size: usize) -> String {
    format!(
        "a chunk has at most {MAX_CHUNK} bytes, so that its block has no more than 2 MiB, and this is {size}"
    )
}

/// The chunks of a stream; made by [`Chunker::chunks`].
#[derive(Debug)]
pub struct Chunks<R> {
    from: R,
    chunker: Chunker,
    max: usize,
    /// How many bytes to hold after a read.
    read: usize,
    /// How many bytes there are to come, as far as that is known.
    left: Option<u64>,
    held: Bytes,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    /// Takes no more memory than `len` bytes need, if there are as few as that. It is a hint: should
    /// there be more, they are read all the same.
    pub fn with_len(mut self, len: u64) -> Chunks<R> {
        self.left = Some(len);
        self
    }

    /// Reads until a chunk must be among what is held.
    fn fill(&mut self) -> io::Result<()> {
        if self.ended || self.held.len() >= self.max {
            return Ok(());
        }
        let more = self.read - self.held.len();
        let likely = self.left.map_or(more, |left| {
            usize::try_from(left).map_or(more, |left| left.min(more))
        });
        let mut bytes = Vec::with_capacity(self.held.len() + likely);
        bytes.extend_from_slice(&self.held);
        let got = (&mut self.from).take(more as u64).read_to_end(&mut bytes)?;
        self.left = self.left.map(|left| left.saturating_sub(got as u64));
        self.ended = got < more;
        self.held = bytes.into();
        Ok(())
    }
}

impl<R: Read> Iterator for Chunks<R> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        if let Err(error) = self.fill() {
            // What was read before an error is no chunk, since nobody knows where it would end.
            self.ended = true;
            self.held.clear();
            return Some(Err(error));
        }
        let window = self.held.get(..self.max).unwrap_or(&self.held);
        if window.is_empty() {
            return None;
        }
        let cut = self.chunker.cut(window);
        Some(Ok(self.held.split_to(cut)))
    }
}

#[cfg(test)]
mod tests;
