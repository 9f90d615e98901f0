//! Sorting what may be too much for memory: runs that fit are sorted and kept in a file, and merged.
//!
//! ```text
//! add, add, add …  -> sort -> run 1 ┐
//! add, add, add …  -> sort -> run 2 ├ in one file ─ merge -> all, in order
//! add, add         -> sort ─────────┘ in memory
//! ```

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::vec;

use block_cid::Multihash;
use datastore::DiskFile;

use super::{Error, Format, Result, Scratch};

/// How much is read of a run at once.
const PIECE: u64 = 32 << 10;

/// What a record in a file begins with: the code of the hash, where the section begins, and the length
/// of the digest, which follows.
const HEAD: usize = 8 + 8 + 1;

/// A section that an index knows. The order is that of an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// The code of the hash if entries are sorted by it, and the length of the digest.
    rank: (u64, usize),
    /// The digest.
    pub digest: Vec<u8>,
    /// Where the section begins, in bytes from the start of the CARv1.
    pub offset: u64,
    /// The code of the hash.
    pub code: u64,
}

impl Record {
    fn new(format: Format, code: u64, digest: &[u8], offset: u64) -> Record {
        let rank = match format {
            Format::Sorted => 0,
            Format::MultihashSorted => code,
        };
        Record {
            rank: (rank, digest.len()),
            digest: digest.to_vec(),
            offset,
            code,
        }
    }

    /// About what it takes in memory: itself, its digest, and what every allocation costs.
    fn size(&self) -> usize {
        size_of::<Record>() + self.digest.len() + 16
    }
}

/// What was added so far.
#[derive(Debug)]
pub(super) struct Runs {
    format: Format,
    scratch: Scratch,
    records: Vec<Record>,
    memory: usize,
    file: Option<File>,
    /// Where each run in the file ends.
    ends: Vec<u64>,
}

impl Runs {
    pub fn new(format: Format, scratch: Scratch) -> Runs {
        Runs {
            format,
            scratch,
            records: Vec::new(),
            memory: 0,
            file: None,
            ends: Vec::new(),
        }
    }

    pub fn push(&mut self, hash: &Multihash, offset: u64) -> Result<()> {
        let record = Record::new(self.format, hash.code(), hash.digest(), offset);
        self.memory += record.size();
        self.records.push(record);
        if self.memory >= self.scratch.memory {
            self.spill().map_err(failed)?;
        }
        Ok(())
    }

    /// A file for what does not fit into memory; none if all does.
    pub fn scratch_file(&self) -> Result<Option<File>> {
        match self.file {
            Some(_) => tempfile::tempfile_in(&self.scratch.dir)
                .map(Some)
                .map_err(failed),
            None => Ok(None),
        }
    }

    fn spill(&mut self) -> std::io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.scratch.dir)?,
        };
        let mut out = BufWriter::with_capacity(1 << 20, &file);
        let mut end = self.ends.last().copied().unwrap_or_default();
        self.records.sort_unstable();
        for record in self.records.drain(..) {
            let len = u8::try_from(record.digest.len()).unwrap_or(u8::MAX);
            out.write_all(&record.code.to_le_bytes())?;
            out.write_all(&record.offset.to_le_bytes())?;
            out.write_all(&[len])?;
            out.write_all(&record.digest)?;
            end += (HEAD + record.digest.len()) as u64;
        }
        out.flush()?;
        drop(out);
        self.ends.push(end);
        self.memory = 0;
        self.file = Some(file);
        Ok(())
    }

    pub fn sorted(mut self) -> Result<Sorted> {
        self.records.sort_unstable();
        let mut runs = vec![Run::Memory(self.records.into_iter())];
        if let Some(file) = self.file {
            let file = Arc::new(file);
            let mut at = 0;
            for end in self.ends {
                runs.push(Run::File(InFile {
                    file: Arc::clone(&file),
                    format: self.format,
                    piece: Vec::new(),
                    from: 0,
                    at,
                    end,
                }));
                at = end;
            }
        }
        let mut sorted = Sorted {
            runs,
            heads: BinaryHeap::new(),
        };
        for run in 0..sorted.runs.len() {
            sorted.refill(run)?;
        }
        Ok(sorted)
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::io("sort the index in a temporary file", error)
}

/// All records in order; ends after the first error.
#[derive(Debug)]
pub struct Sorted {
    runs: Vec<Run>,
    /// The next record of each run, and its run.
    heads: BinaryHeap<Reverse<(Record, usize)>>,
}

impl Sorted {
    fn refill(&mut self, run: usize) -> Result<()> {
        let next = match self.runs.get_mut(run) {
            Some(Run::Memory(records)) => records.next(),
            Some(Run::File(records)) => records.next().map_err(failed)?,
            None => None,
        };
        if let Some(record) = next {
            self.heads.push(Reverse((record, run)));
        }
        Ok(())
    }
}

impl Iterator for Sorted {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Result<Record>> {
        let Reverse((record, run)) = self.heads.pop()?;
        Some(match self.refill(run) {
            Ok(()) => Ok(record),
            Err(error) => {
                self.heads.clear();
                Err(error)
            }
        })
    }
}

#[derive(Debug)]
enum Run {
    Memory(vec::IntoIter<Record>),
    File(InFile),
}

#[derive(Debug)]
struct InFile {
    file: Arc<File>,
    format: Format,
    /// A part of the run, and how much of it was given.
    piece: Vec<u8>,
    from: usize,
    /// Where the next part begins, and where the run ends.
    at: u64,
    end: u64,
}

impl InFile {
    fn next(&mut self) -> std::io::Result<Option<Record>> {
        if self.at == self.end && self.from == self.piece.len() {
            return Ok(None);
        }
        let head = self.take(HEAD)?;
        let (code, rest) = head.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let (offset, len) = rest.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let (code, offset) = (u64::from_le_bytes(*code), u64::from_le_bytes(*offset));
        let len = usize::from(len.first().copied().unwrap_or_default());
        let format = self.format;
        let digest = self.take(len)?;
        Ok(Some(Record::new(format, code, digest, offset)))
    }

    /// The next bytes, which are fewer than a part has.
    fn take(&mut self, len: usize) -> std::io::Result<&[u8]> {
        if self.piece.len() - self.from < len {
            self.piece.drain(..self.from);
            self.from = 0;
            let more = PIECE.min(self.end - self.at);
            let bytes = self.file.read_vec(self.at, more)?;
            self.at += more;
            self.piece.extend(bytes);
        }
        let end = self.from + len;
        let taken = self.piece.get(self.from..end);
        self.from = end.min(self.piece.len());
        taken.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
    }
}
