//! A CAR of either version in a file, of which any section can be read.

use std::io::BufReader;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use block_cid::car::{self, MAX_SECTION};
use block_cid::{Block, Cid};
use datastore::DiskFile;
use datastore::disk::Cursor;

use super::index::Source;
use super::{Error, Header, Index, Reader, Result};

/// How much is read at once to find heads: as a rule the whole of a small section.
const PIECE: u64 = 4 << 10;

/// An open CAR.
#[derive(Clone, Debug)]
pub struct File {
    file: Arc<dyn DiskFile>,
    name: PathBuf,
    len: u64,
    header: Option<Header>,
    roots: Vec<Cid>,
    sections: Range<u64>,
    max_section: u64,
}

/// The head of a section, and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Where the section begins, in bytes from the start of the file.
    pub offset: u64,
    /// The CID that the block is claimed to have.
    pub cid: Cid,
    /// Where the block begins, in bytes from the start of the file, and its length.
    pub block: (u64, u64),
}

impl File {
    /// Reads the headers of `file`, whose `name` is for messages.
    ///
    /// # Errors
    /// Those of [`Reader::new`].
    pub fn open(file: Arc<dyn DiskFile>, name: &Path) -> Result<File> {
        let len = file.len();
        let len = len.map_err(|error| Error::io("look at the CAR", error))?;
        let reader = Reader::new(BufReader::new(Cursor::new(&*file)))?;
        let header = reader.header().copied();
        let roots = reader.roots().to_vec();
        let end = header.map_or(len, |header| header.data_end());
        let sections = reader.offset()..end;
        Ok(File {
            file,
            name: name.to_owned(),
            len,
            header,
            roots,
            sections,
            max_section: MAX_SECTION,
        })
    }

    /// With another limit on the length of a section, in bytes.
    pub fn with_max_section(mut self, bytes: u64) -> File {
        self.max_section = bytes;
        self
    }

    /// What the file is called in messages.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// The length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has no sections.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The header of a CARv2; a CARv1 has none.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The roots, in the order of the header. Their blocks need not be in the CAR.
    pub fn roots(&self) -> &[Cid] {
        &self.roots
    }

    /// Where the CARv1 begins, in bytes from the start of the file. An index counts from here.
    pub fn start(&self) -> u64 {
        self.header.map_or(0, |header| header.data_offset)
    }

    /// A reader of all of it, from the headers on.
    ///
    /// # Errors
    /// Those of [`Reader::new`].
    pub fn reader(&self) -> Result<Reader<BufReader<Cursor<'_>>>> {
        let input = BufReader::with_capacity(1 << 20, Cursor::new(&*self.file));
        Ok(Reader::new(input)?.with_max_section(self.max_section))
    }

    /// The heads of all sections. Blocks are stepped over.
    pub fn heads(&self) -> Heads<'_> {
        Heads {
            car: self,
            piece: (0, Vec::new()),
            at: self.sections.start,
        }
    }

    /// The index in the file, if there is one.
    ///
    /// # Errors
    /// [`Error::Index`] if what is there is none; [`Error::IndexFormat`];
    /// [`Io`](block_cid::Error::Io).
    pub fn index(&self) -> Result<Option<Index>> {
        let at = match &self.header {
            Some(header) => header.index(self.len)?,
            None => None,
        };
        let Some(at) = at else {
            return Ok(None);
        };
        let file = Arc::clone(&self.file);
        Index::open(Source::file(file, at..self.len)).map(Some)
    }

    /// The head of the section at byte `offset` of the file.
    ///
    /// # Errors
    /// [`Car`](block_cid::Error::Car) if no section begins there; [`Io`](block_cid::Error::Io).
    pub fn head(&self, offset: u64) -> Result<Head> {
        if !self.sections.contains(&offset) {
            return Err(Error::car(offset, "no section begins here"));
        }
        let bytes = self.bytes(offset, car::Head::MAX as u64)?;
        self.parse(&bytes, offset)
    }

    /// The block behind this head, not proven.
    ///
    /// # Errors
    /// [`Io`](block_cid::Error::Io).
    pub fn block(&self, head: &Head) -> Result<Block> {
        let (at, len) = head.block;
        Ok(Block::claimed(head.cid, self.bytes(at, len)?))
    }

    /// Where the last section ends; before the end of the data if the file was cut.
    fn end(&self) -> u64 {
        self.sections.end.min(self.len)
    }

    /// Up to `len` bytes of the sections.
    fn bytes(&self, at: u64, len: u64) -> Result<Vec<u8>> {
        let bytes = self
            .file
            .read_vec(at, len.min(self.end().saturating_sub(at)));
        bytes.map_err(|error| Error::io("read the CAR", error))
    }

    /// The head that `bytes` begin with, at byte `offset` of the file.
    fn parse(&self, bytes: &[u8], offset: u64) -> Result<Head> {
        let head = car::Head::read(bytes, offset, self.max_section)?;
        let left = self.end().saturating_sub(offset);
        if head.section() > left {
            let reason = format!(
                "the CAR ends {left} bytes into a section of {}",
                head.section()
            );
            return Err(Error::car(offset, reason));
        }
        Ok(Head {
            offset,
            cid: head.cid,
            block: (offset + head.len as u64, head.block),
        })
    }
}

/// The heads of sections, in the order of the file; ends after the first error.
#[derive(Debug)]
pub struct Heads<'a> {
    car: &'a File,
    /// A part of the file, and where it begins.
    piece: (u64, Vec<u8>),
    at: u64,
}

impl Heads<'_> {
    fn next_head(&mut self) -> Result<Head> {
        let (at, end) = (self.at, self.car.end());
        let from = match self.from(end) {
            Some(from) => from,
            None => {
                self.piece = (at, self.car.bytes(at, PIECE)?);
                0
            }
        };
        let bytes = self.piece.1.get(from..).unwrap_or_default();
        self.car.parse(bytes, at)
    }

    /// Where in the piece the next head begins, if all of it is there.
    fn from(&self, end: u64) -> Option<usize> {
        let (start, bytes) = &self.piece;
        let from = usize::try_from(self.at.checked_sub(*start)?).ok()?;
        let rest = bytes.get(from..).filter(|rest| !rest.is_empty())?;
        let all = start + bytes.len() as u64 == end;
        (all || rest.len() >= car::Head::MAX).then_some(from)
    }
}

impl Iterator for Heads<'_> {
    type Item = Result<Head>;

    fn next(&mut self) -> Option<Result<Head>> {
        let data_end = self.car.sections.end;
        if self.at >= data_end {
            return None;
        }
        let head = if self.at < self.car.end() {
            self.next_head()
        } else {
            let missing = data_end - self.at;
            let reason = format!("the file ends {missing} bytes before its data does");
            Err(Error::car(self.at, reason))
        };
        self.at = match &head {
            Ok(head) => head.block.0 + head.block.1,
            Err(_) => data_end,
        };
        Some(head)
    }
}

impl std::iter::FusedIterator for Heads<'_> {}
