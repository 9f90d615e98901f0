//! A CAR of either version, from any stream.

use std::io::{self, Chain, Cursor, Read, Take};

use block_cid::{Block, Cid, car};

use super::header::{END, LEN, PRAGMA};
use super::{Error, Header, Result};

/// Reads a CAR, a section at a time: an iterator over [claimed](Block::claimed) blocks, which ends after
/// the first error. [`group`](Self::group) gives proven ones.
///
/// Of a CARv2 the CARv1 in it is read, up to the length that the header gives it; what follows is left in
/// the stream.
#[derive(Debug)]
pub struct Reader<R> {
    sections: car::Reader<Data<R>>,
    header: Option<Header>,
    ended: bool,
    /// What went wrong behind the blocks that were given.
    pub(super) failed: Option<Error>,
}

/// The CARv1: the bytes that were read to see the version, and what follows them.
type Data<R> = Chain<Cursor<Vec<u8>>, Take<R>>;

impl<R: Read> Reader<R> {
    /// A reader of `input`, which should be buffered. Reads the headers.
    ///
    /// # Errors
    /// [`Error::Header`] and [`Car`](block_cid::Error::Car) if one of them is damaged;
    /// [`Io`](block_cid::Error::Io) if reading fails.
    pub fn new(mut input: R) -> Result<Reader<R>> {
        let failed = |error| Error::io("read the CAR", error);
        let mut first = Vec::with_capacity(PRAGMA.len());
        let most = PRAGMA.len() as u64;
        (&mut input)
            .take(most)
            .read_to_end(&mut first)
            .map_err(failed)?;
        let (header, size) = if first == PRAGMA {
            let header = header(&mut input)?;
            first.clear();
            (Some(header), header.data_size)
        } else {
            (None, u64::MAX)
        };
        let start = header.map_or(0, |header| header.data_offset);
        let data = Cursor::new(first).chain(input.take(size));
        let sections = car::Reader::new(data).map_err(|error| Error::framing(error, start))?;
        Ok(Reader {
            sections,
            header,
            ended: false,
            failed: None,
        })
    }

    /// With another limit on the length of a section, in bytes.
    pub fn with_max_section(mut self, bytes: u64) -> Reader<R> {
        self.sections = self.sections.with_max_section(bytes);
        self
    }

    /// The header of a CARv2; a CARv1 has none.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The version: 1 or 2.
    pub fn version(&self) -> u8 {
        if self.header.is_some() { 2 } else { 1 }
    }

    /// The roots, in the order of the header. Their blocks need not be in the CAR.
    pub fn roots(&self) -> &[Cid] {
        self.sections.roots()
    }

    /// Where the CARv1 begins, in bytes from the start of the file. An index counts from here.
    pub fn start(&self) -> u64 {
        self.header.map_or(0, |header| header.data_offset)
    }

    /// Where the next section begins, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.start() + self.sections.offset()
    }

    /// Reads no further, and ends with this error.
    pub(super) fn end(&mut self, failed: Option<Error>) {
        self.ended = true;
        self.failed = failed;
    }

    /// Whether the data of a CARv2 goes on behind the end of the stream.
    fn is_cut(&self) -> Option<Error> {
        self.header?;
        let (_, rest) = self.sections.input().get_ref();
        let missing = rest.limit();
        (missing > 0).then(|| {
            let reason = format!("the file ends {missing} bytes before its data does");
            Error::car(self.offset(), reason)
        })
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Result<Block>> {
        if self.ended {
            return self.failed.take().map(Err);
        }
        let start = self.start();
        let next = match self.sections.next() {
            Some(Ok(block)) => return Some(Ok(block)),
            Some(Err(error)) => Some(Err(Error::framing(error, start))),
            None => self.is_cut().map(Err),
        };
        self.end(None);
        next
    }
}

impl<R: Read> std::iter::FusedIterator for Reader<R> {}

/// The header after the pragma; what is left of the stream begins with the CARv1.
fn header(input: &mut impl Read) -> Result<Header> {
    let cut = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Header {
            reason: format!("the file ends in it, before byte {END}"),
        },
        _ => Error::io("read the CAR", error),
    };
    let mut bytes = [0; LEN];
    input.read_exact(&mut bytes).map_err(cut)?;
    let header = Header::decode(&bytes)?;
    let padding = header.data_offset - END;
    let skipped = io::copy(&mut input.take(padding), &mut io::sink());
    let skipped = skipped.map_err(|error| Error::io("read the CAR", error))?;
    if skipped < padding {
        let reason = format!(
            "its data begins at byte {}, and the file ends at byte {}",
            header.data_offset,
            END + skipped
        );
        return Err(Error::Header { reason });
    }
    Ok(header)
}
