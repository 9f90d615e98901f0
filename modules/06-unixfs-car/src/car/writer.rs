//! A CAR of either version, written.

use std::io::{Seek, SeekFrom, Write};

use block_cid::{Block, Cid, Hash, car};

use super::header::{END, LEN, PRAGMA};
use super::index::{Builder, Format, Scratch};
use super::{Error, Header, Result};

/// Which version is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// CARv1, which everybody reads.
    #[default]
    V1,
    /// CARv2 without an index.
    V2,
    /// CARv2 with an index in this format.
    Indexed(Format),
}

impl Version {
    /// The CARv2 that others write, too: with a MultihashIndexSorted.
    pub const INDEXED: Version = Version::Indexed(Format::MultihashSorted);
}

/// Writes a CAR. A CARv2 gets its header at the end; until then the file says of itself that it is not
/// finished.
#[derive(Debug)]
pub struct Writer<W> {
    sections: car::Writer<W>,
    version: Version,
    index: Option<Builder>,
    full: bool,
    start: u64,
}

impl<W: Write + Seek> Writer<W> {
    /// A writer of `version` to `output`, which should be buffered, from where it stands on. Writes the
    /// headers with these roots. An output of which no place can be sought will do for a CARv1.
    ///
    /// # Errors
    /// [`Io`](block_cid::Error::Io) if writing fails; [`Car`](block_cid::Error::Car) if there are more
    /// roots than a header has room for.
    pub fn new(
        mut output: W,
        roots: &[Cid],
        version: Version,
        scratch: &Scratch,
    ) -> Result<Writer<W>> {
        let mut start = 0;
        if version != Version::V1 {
            let head = [&PRAGMA[..], &[0; LEN]].concat();
            start = output.stream_position().map_err(failed)?;
            output.write_all(&head).map_err(failed)?;
        }
        let index = match version {
            Version::Indexed(format) => Some(Builder::new(format, scratch)),
            _ => None,
        };
        Ok(Writer {
            sections: car::Writer::new(output, roots)?,
            version,
            index,
            full: false,
            start,
        })
    }

    /// With the sections of identity CIDs in the index, too, and the header saying so; or not.
    pub fn with_full_index(mut self, full: bool) -> Writer<W> {
        self.full = full;
        self
    }

    /// Adds a block, proven or not: whoever writes what came from elsewhere proves it first.
    ///
    /// # Errors
    /// [`Io`](block_cid::Error::Io) if writing fails, here or to the file of the [`Scratch`].
    pub fn put(&mut self, block: &Block) -> Result<()> {
        let offset = self.sections.put(block)?;
        let hash = block.cid().hash();
        match &mut self.index {
            Some(index) if self.full || hash.code() != Hash::IDENTITY.code() => {
                index.add(hash, offset)
            }
            _ => Ok(()),
        }
    }

    /// Writes the index and the header of a CARv2, flushes, and gives back what was written to.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn finish(self) -> Result<W> {
        let size = self.sections.offset();
        let mut output = self.sections.finish()?;
        if self.version == Version::V1 {
            return Ok(output);
        }
        let mut header = Header::new(size).with_fully_indexed(self.full && self.index.is_some());
        match self.index {
            Some(index) => index.write(&mut output)?,
            None => header.index_offset = 0,
        }
        let place = self.start + END - LEN as u64;
        output
            .seek(SeekFrom::Start(place))
            .and_then(|_| output.write_all(&header.encode()))
            .and_then(|()| output.seek(SeekFrom::End(0)))
            .and_then(|_| output.flush())
            .map_err(failed)?;
        Ok(output)
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::io("write the CAR", error)
}
