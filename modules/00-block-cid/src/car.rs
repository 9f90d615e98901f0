//! CARv1: blocks in a row.
//!
//! ```text
//! header    varint length   dag-cbor {"roots": [CID, …], "version": 1}
//! section   varint length   CID (binary)   the block's bytes
//! section   …                              to the end of the file
//! ```
//!
//! The length of a section counts its CID too. Nothing says how many sections follow, and nothing
//! protects a length, so a reader bounds each before it makes room for it: headers at
//! [`MAX_HEADER`], sections at [`MAX_SECTION`]. A section's bytes are only claimed to have the CID
//! before them; whoever stores the block hashes it.
//!
//! The [specification](https://ipld.io/specs/transport/car/carv1/) leaves open whether a CAR has
//! roots, whether blocks repeat, and in which order they come; so does this. The header is read
//! strictly: dag-cbor has one spelling for each value, and any other is an error.

use std::io::{Read, Write};

use bytes::Bytes;

use crate::{Block, Cid, Error, Result, varint};

mod head;
mod header;

pub use head::Head;

/// The longest header, in bytes: some 25,000 roots.
pub const MAX_HEADER: u64 = 1 << 20;

/// The longest section, in bytes, CID included: twice the largest block that IPFS moves.
pub const MAX_SECTION: u64 = 4 << 20;

/// Reads a CAR, a block at a time. An iterator over [claimed](Block::claimed) blocks, which ends
/// after the first error.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    roots: Vec<Cid>,
    offset: u64,
    max_section: u64,
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// A reader of `input`, which should be buffered. Reads the header.
    ///
    /// # Errors
    /// [`Error::Car`] if the header is damaged, longer than [`MAX_HEADER`], or that of another
    /// version; [`Error::Io`] if reading fails.
    pub fn new(input: R) -> Result<Reader<R>> {
        let mut reader = Reader::sections(input, 0);
        let Some(header) = reader.frame("header", MAX_HEADER)? else {
            return Err(damaged(0, "it is empty, and a CAR begins with a header"));
        };
        let start = reader.offset - header.len() as u64;
        reader.roots = header::decode(&header)
            .map_err(|fault| damaged(start + fault.offset as u64, fault.reason))?;
        Ok(reader)
    }

    /// A reader of sections alone, of which the next begins at byte `offset` of the CAR. It knows no
    /// roots.
    pub fn sections(input: R, offset: u64) -> Reader<R> {
        Reader {
            input,
            roots: Vec::new(),
            offset,
            max_section: MAX_SECTION,
            ended: false,
        }
    }

    /// With another limit on the length of a section, in bytes.
    pub fn with_max_section(mut self, bytes: u64) -> Reader<R> {
        self.max_section = bytes;
        self
    }

    /// The roots that the header names, in its order. Their blocks need not be in the CAR.
    pub fn roots(&self) -> &[Cid] {
        &self.roots
    }

    /// Where the next section begins, in bytes from the start of the CAR.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What is read from. Bytes that are taken from it are missing here.
    pub fn input(&self) -> &R {
        &self.input
    }

    /// What was read from, after the last section that was asked for.
    pub fn into_inner(self) -> R {
        self.input
    }

    fn section(&mut self) -> Result<Option<Block>> {
        let start = self.offset;
        let Some(section) = self.frame("section", self.max_section)? else {
            return Ok(None);
        };
        let (cid, size) = head::cid(&section, section.len() as u64, start)?;
        let data = Bytes::from(section).slice(size..);
        Ok(Some(Block::claimed(cid, data)))
    }

    /// A length, and as many bytes; `None` at the end of the input.
    fn frame(&mut self, what: &str, max: u64) -> Result<Option<Vec<u8>>> {
        let start = self.offset;
        let Some(len) = self.length(what)? else {
            return Ok(None);
        };
        head::fits(what, len, max).map_err(|reason| damaged(start, reason))?;
        // The length may be a lie, so room is made as bytes come, not as they are announced.
        let mut bytes = Vec::with_capacity(len.min(32 << 10) as usize);
        let read = (&mut self.input).take(len).read_to_end(&mut bytes);
        let read = read.map_err(|error| Error::io("read the CAR", error))? as u64;
        self.offset += read;
        if read < len {
            let reason = format!("the CAR ends {read} bytes into a {what} of {len}");
            return Err(damaged(start, reason));
        }
        Ok(Some(bytes))
    }

    /// A varint, or `None` if the input ends before it.
    fn length(&mut self, what: &str) -> Result<Option<u64>> {
        let start = self.offset;
        let mut bytes = Vec::with_capacity(varint::MAX_LEN);
        loop {
            let mut byte = [0];
            match self.input.read(&mut byte) {
                Ok(0) if bytes.is_empty() => return Ok(None),
                Ok(0) => {
                    return Err(damaged(
                        start,
                        format!("the CAR ends in the length of a {what}"),
                    ));
                }
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io("read the CAR", error)),
            }
            self.offset += 1;
            bytes.extend(byte);
            match varint::decode(&bytes) {
                Ok((len, _)) => return Ok(Some(len)),
                Err(varint::Fault::CutOff) => {}
                Err(fault) => {
                    return Err(damaged(
                        start,
                        format!("in the length of a {what}: {fault}"),
                    ));
                }
            }
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Result<Block>> {
        if self.ended {
            return None;
        }
        let next = self.section().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: Read> std::iter::FusedIterator for Reader<R> {}

/// Writes a CAR.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    offset: u64,
}

impl<W: Write> Writer<W> {
    /// A writer to `output`, which should be buffered. Writes the header with these roots.
    ///
    /// # Errors
    /// [`Error::Io`] if writing fails; [`Error::Car`] if there are more roots than fit
    /// [`MAX_HEADER`].
    pub fn new(output: W, roots: &[Cid]) -> Result<Writer<W>> {
        let header = header::encode(roots);
        if header.len() as u64 > MAX_HEADER {
            let reason = format!(
                "{} roots make a header longer than {MAX_HEADER} bytes",
                roots.len()
            );
            return Err(damaged(0, reason));
        }
        let mut writer = Writer { output, offset: 0 };
        writer.frame(&[&header])?;
        Ok(writer)
    }

    /// Adds a block; gives where its section begins, in bytes from the start of the CAR.
    ///
    /// # Errors
    /// [`Error::Io`] if writing fails.
    pub fn put(&mut self, block: &Block) -> Result<u64> {
        let start = self.offset;
        self.frame(&[&block.cid().to_bytes(), block.data()])?;
        Ok(start)
    }

    /// Where the next section will begin, in bytes from the start of the CAR.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Flushes, and gives back what was written to.
    ///
    /// # Errors
    /// [`Error::Io`] if flushing fails.
    pub fn finish(mut self) -> Result<W> {
        self.output
            .flush()
            .map_err(|error| Error::io("write the CAR", error))?;
        Ok(self.output)
    }

    fn frame(&mut self, parts: &[&[u8]]) -> Result<()> {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let mut head = Vec::with_capacity(varint::MAX_LEN);
        varint::encode(len as u64, &mut head);
        for part in std::iter::once(&head[..]).chain(parts.iter().copied()) {
            self.output
                .write_all(part)
                .map_err(|error| Error::io("write the CAR", error))?;
            self.offset += part.len() as u64;
        }
        Ok(())
    }
}

fn damaged(offset: u64, reason: impl Into<String>) -> Error {
    Error::Car {
        offset,
        reason: reason.into(),
    }
}
