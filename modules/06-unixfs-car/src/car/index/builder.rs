//! An index that is being made.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use block_cid::{Multihash, varint};

use super::run::{Runs, Sorted};
use super::{Error, Format, Index, Result, Source};

/// Room for what is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scratch {
    /// Bytes of memory, at least; what does not fit is kept in a file.
    pub memory: usize,
    /// The folder for that file, which has no name there and is gone when nobody uses it any more.
    pub dir: PathBuf,
}

impl Scratch {
    /// 16 MiB, which is some 250,000 blocks, and beyond that a file in `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Scratch {
        Scratch {
            memory: 16 << 20,
            dir: dir.into(),
        }
    }
}

/// Collects where sections lie, and sorts them.
#[derive(Debug)]
pub struct Builder {
    runs: Runs,
    format: Format,
    /// How many entries there are of a hash (in MultihashIndexSorted) and a length of digests.
    counts: BTreeMap<(Option<u64>, usize), u64>,
}

impl Builder {
    /// A builder of an index in this format.
    pub fn new(format: Format, scratch: &Scratch) -> Builder {
        Builder {
            runs: Runs::new(format, scratch.clone()),
            format,
            counts: BTreeMap::new(),
        }
    }

    /// Adds a section.
    ///
    /// # Errors
    /// [`Io`](block_cid::Error::Io) of the file of the [`Scratch`].
    pub fn add(&mut self, hash: &Multihash, offset: u64) -> Result<()> {
        let code = (self.format == Format::MultihashSorted).then(|| hash.code());
        let count = self.counts.entry((code, hash.digest().len())).or_default();
        *count += 1;
        self.runs.push(hash, offset)
    }

    /// All that was added, in the order of the format.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn sorted(self) -> Result<Sorted> {
        self.runs.sorted()
    }

    /// Writes the index.
    ///
    /// # Errors
    /// [`Io`](block_cid::Error::Io) of `out` and of the file of the [`Scratch`].
    pub fn write(self, out: &mut dyn Write) -> Result<()> {
        let failed = |error| Error::io("write the index", error);
        let mut head = Vec::new();
        varint::encode(self.format.code(), &mut head);
        let codes = self.codes();
        if self.format == Format::MultihashSorted {
            head.extend((codes.len() as u32).to_le_bytes());
        } else if codes.is_empty() {
            head.extend([0; 4]);
        }
        let (format, counts) = (self.format, self.counts);
        let mut last = None;
        for record in self.runs.sorted()? {
            let record = record?;
            let code = (format == Format::MultihashSorted).then_some(record.code);
            let bucket = (code, record.digest.len());
            if last != Some(bucket) {
                if last.is_none_or(|(last, _)| last != code) {
                    head.extend(code.into_iter().flat_map(u64::to_le_bytes));
                    head.extend(codes.get(&code).unwrap_or(&0).to_le_bytes());
                }
                let count = counts.get(&bucket).copied().unwrap_or_default();
                let width = record.digest.len() as u32 + 8;
                head.extend(width.to_le_bytes());
                head.extend((count * u64::from(width)).to_le_bytes());
                last = Some(bucket);
            }
            head.extend(&record.digest);
            head.extend(record.offset.to_le_bytes());
            if head.len() >= 64 << 10 {
                out.write_all(&head).map_err(failed)?;
                head.clear();
            }
        }
        out.write_all(&head).map_err(failed)
    }

    /// How many lengths of digests there are of each hash.
    fn codes(&self) -> BTreeMap<Option<u64>, u32> {
        let mut codes = BTreeMap::new();
        for (code, _) in self.counts.keys() {
            *codes.entry(*code).or_default() += 1;
        }
        codes
    }

    /// The index, to be searched: in memory if it was sorted there, or else in a file.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn index(self) -> Result<Index> {
        let source = match self.runs.scratch_file()? {
            None => {
                let mut bytes = Vec::new();
                self.write(&mut bytes)?;
                Source::memory(bytes)
            }
            Some(file) => {
                let mut out = &file;
                self.write(&mut out)?;
                let len = file.metadata().map(|meta| meta.len());
                let len = len.map_err(|error| Error::io("write the index", error))?;
                Source::file(std::sync::Arc::new(file), 0..len)
            }
        };
        Index::open(source)
    }
}
