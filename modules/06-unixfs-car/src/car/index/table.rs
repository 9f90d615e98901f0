//! The tables of an index: which entries there are, and where.

use block_cid::hash::MAX_DIGEST;
use block_cid::varint;

use super::{Error, Format, Result, Source};

/// More hashes and lengths of digests than any CAR has. Each costs memory.
const MAX_BUCKETS: usize = 1024;

/// The bytes of an offset behind each digest.
const OFFSET: u64 = 8;

/// Entries whose digests have one length, and in MultihashIndexSorted one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    /// The code of the hash, where the format says it.
    pub code: Option<u64>,
    /// The length of the digests in bytes.
    pub digest: usize,
    /// Where the first entry begins, in bytes from the start of the index.
    pub start: u64,
    /// How many there are.
    pub count: u64,
}

impl Bucket {
    /// The length of an entry in bytes.
    pub fn width(&self) -> u64 {
        self.digest as u64 + OFFSET
    }
}

/// All tables of an index.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub format: Format,
    pub buckets: Vec<Bucket>,
    /// Where the index ends, in bytes from its start.
    pub end: u64,
}

impl Tables {
    pub fn read(source: &Source) -> Result<Tables> {
        let start = source.read(0, source.len().min(varint::MAX_LEN as u64))?;
        let (code, rest) = varint::decode(&start)
            .map_err(|fault| source.damaged(0, format!("in its format: {fault}")))?;
        let Some(format) = Format::ALL.into_iter().find(|format| format.code() == code) else {
            return Err(Error::IndexFormat { code });
        };
        let mut reader = Tabler {
            source,
            at: (start.len() - rest.len()) as u64,
            buckets: Vec::new(),
        };
        match format {
            Format::Sorted => reader.widths(None)?,
            Format::MultihashSorted => reader.codes()?,
        }
        Ok(Tables {
            format,
            end: reader.at,
            buckets: reader.buckets,
        })
    }
}

struct Tabler<'a> {
    source: &'a Source,
    at: u64,
    buckets: Vec<Bucket>,
}

impl Tabler<'_> {
    fn number<const N: usize>(&mut self) -> Result<u64> {
        let bytes = self.source.read(self.at, N as u64)?;
        self.at += N as u64;
        let number = |number, byte: &u8| number << 8 | u64::from(*byte);
        Ok(bytes.iter().rev().fold(0, number))
    }

    /// A count, each of which takes at least so many bytes.
    fn count(&mut self, what: &str, least: u64) -> Result<u64> {
        let at = self.at;
        let count = self.number::<4>()?;
        let left = self.source.len() - self.at;
        if count > left / least {
            let reason = format!("{count} {what} do not fit into the {left} bytes that follow");
            return self.bad(at, reason);
        }
        Ok(count)
    }

    fn codes(&mut self) -> Result<()> {
        let mut last = None;
        for _ in 0..self.count("hashes", 12)? {
            let at = self.at;
            let code = self.number::<8>()?;
            if last.replace(code).is_some_and(|last| last >= code) {
                return self.bad(at, "the hashes are not in order".into());
            }
            self.widths(Some(code))?;
        }
        Ok(())
    }

    fn widths(&mut self, code: Option<u64>) -> Result<()> {
        let mut last = None;
        for _ in 0..self.count("lengths of digests", 12)? {
            let at = self.at;
            if self.buckets.len() == MAX_BUCKETS {
                return self.bad(at, format!("it has more than {MAX_BUCKETS} tables"));
            }
            let width = self.number::<4>()?;
            let len = self.number::<8>()?;
            if !(OFFSET..=OFFSET + MAX_DIGEST as u64).contains(&width) {
                return self.bad(at, format!("no entry has {width} bytes"));
            }
            if last.replace(width).is_some_and(|last| last >= width) {
                return self.bad(at, "the lengths of digests are not in order".into());
            }
            let left = self.source.len() - self.at;
            if len > left {
                return self.bad(at, format!("{len} bytes of entries, and {left} are there"));
            }
            if !len.is_multiple_of(width) {
                let reason = format!("{len} bytes of entries, which have {width} each");
                return self.bad(at, reason);
            }
            self.buckets.push(Bucket {
                code,
                digest: (width - OFFSET) as usize,
                start: self.at,
                count: len / width,
            });
            self.at += len;
        }
        Ok(())
    }

    fn bad<T>(&self, at: u64, reason: String) -> Result<T> {
        Err(self.source.damaged(at, reason))
    }
}
