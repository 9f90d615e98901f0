//! What a CARv2 begins with.
//!
//! ```text
//!  0   0a a1 67 "version" 02      the pragma: the header of a CAR of version 2 that has no roots
//! 11   80 00 00 … 00              characteristics, 16 bytes; the first bit says that the index has
//!                                 every section, those of identity CIDs too
//! 27   33 00 00 00 00 00 00 00    where the CARv1 begins       little-endian, in bytes from the
//! 35   c0 01 00 00 00 00 00 00    its length                   start of the file
//! 43   f3 01 00 00 00 00 00 00    where the index begins; 0 if there is none
//! 51   …                          padding; the CARv1; padding; the index
//! ```
//!
//! [Specification](https://ipld.io/specs/transport/car/carv2/).

use super::{Error, Result};

/// What a file of version 2 begins with. A reader of version 1 takes it for a header, and sees that it is
/// not its version.
pub const PRAGMA: [u8; 11] = *b"\x0a\xa1\x67version\x02";

/// The length of what follows the pragma, in bytes.
pub const LEN: usize = 40;

/// Where the CARv1 begins at the earliest.
pub const END: u64 = (PRAGMA.len() + LEN) as u64;

/// The bit of the first byte of the characteristics that says that the index has every section.
const FULLY_INDEXED: u8 = 0x80;

/// The header of a CARv2: where things lie, in bytes from the start of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What else is said of the file, a bit for each thing. All but one are reserved.
    pub characteristics: [u8; 16],
    /// Where the CARv1 begins.
    pub data_offset: u64,
    /// Its length.
    pub data_size: u64,
    /// Where the index begins, or 0.
    pub index_offset: u64,
}

impl Header {
    /// The header of a file without padding.
    pub fn new(data_size: u64) -> Header {
        Header {
            characteristics: [0; 16],
            data_offset: END,
            data_size,
            index_offset: END + data_size,
        }
    }

    /// Whether the index has the sections of identity CIDs, too.
    pub fn is_fully_indexed(&self) -> bool {
        let [first, ..] = self.characteristics;
        first & FULLY_INDEXED != 0
    }

    /// With that said.
    pub fn with_fully_indexed(mut self, yes: bool) -> Header {
        let [first, ..] = &mut self.characteristics;
        *first = *first & !FULLY_INDEXED | if yes { FULLY_INDEXED } else { 0 };
        self
    }

    /// The bytes after the pragma.
    pub fn encode(&self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        let numbers = [self.data_offset, self.data_size, self.index_offset];
        let numbers = numbers.into_iter().flat_map(u64::to_le_bytes);
        let all = self.characteristics.into_iter().chain(numbers);
        bytes.iter_mut().zip(all).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Reads what follows the pragma. Whether the index lies where it may is for
    /// [`index`](Self::index) to say: without it the blocks are still there.
    ///
    /// # Errors
    /// [`Error::Header`] if the CARv1 cannot lie there.
    pub fn decode(bytes: &[u8; LEN]) -> Result<Header> {
        let (characteristics, numbers) = bytes.split_first_chunk().unwrap_or((&[0; 16], &[]));
        let mut numbers = numbers
            .chunks_exact(8)
            .map(|number| number.try_into().map_or(0, u64::from_le_bytes));
        let mut next = || numbers.next().unwrap_or_default();
        let header = Header {
            characteristics: *characteristics,
            data_offset: next(),
            data_size: next(),
            index_offset: next(),
        };
        let wrong = |reason: String| Err(Error::Header { reason });
        let Header {
            data_offset,
            data_size,
            ..
        } = header;
        if data_offset == 0 && data_size == 0 {
            let reason = "it says nothing yet: whoever wrote the file did not come to its end";
            return wrong(reason.into());
        }
        if data_offset < END {
            return wrong(format!(
                "its data begins at byte {data_offset}, and the header ends at byte {END}"
            ));
        }
        if data_size == 0 {
            return wrong("its data has no bytes, and a CARv1 has a header".into());
        }
        if header.data_end() > i64::MAX as u64 {
            return wrong(format!(
                "its data has {data_size} bytes from byte {data_offset} on, and no file is that long"
            ));
        }
        Ok(header)
    }

    /// Where the CARv1 ends.
    pub fn data_end(&self) -> u64 {
        self.data_offset.saturating_add(self.data_size)
    }

    /// Where the index begins, if there is one, in a file of `len` bytes.
    ///
    /// # Errors
    /// [`Error::Index`] if it cannot lie there.
    pub fn index(&self, len: u64) -> Result<Option<u64>> {
        let at = self.index_offset;
        let wrong = |reason: String| Err(Error::Index { offset: at, reason });
        match at {
            0 => Ok(None),
            at if at < self.data_end() => wrong(format!(
                "it begins before the data ends, which is at byte {}",
                self.data_end()
            )),
            at if at >= len => wrong(format!("the file ends at byte {len}, before it begins")),
            at => Ok(Some(at)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_pragma_is_what_a_reader_of_version_1_says_it_is() {
        let error = block_cid::car::Reader::new(&PRAGMA[..]).unwrap_err();
        assert!(error.to_string().contains("CARv2"), "{error}");
    }

    #[test]
    fn a_header_is_read_back() {
        let header = Header {
            data_offset: 100,
            index_offset: 7000,
            ..Header::new(448)
        };
        for header in [header, header.with_fully_indexed(true)] {
            assert_eq!(Header::decode(&header.encode()).unwrap(), header);
        }
        let full = header.with_fully_indexed(true);
        assert!(full.is_fully_indexed() && !header.is_fully_indexed());
        assert_eq!(full.encode().first(), Some(&0x80));
        assert_eq!(full.with_fully_indexed(false), header);
    }

    /// FAULTS C6: offsets past the end, overlapping, or leading back to themselves.
    #[test]
    fn offsets_that_lead_nowhere_are_refused() {
        let at = |data_offset, data_size| Header {
            data_offset,
            data_size,
            ..Header::new(0)
        };
        for (header, wanted) in [
            (at(0, 0), "did not come to its end"),
            (at(0, 51), "begins at byte 0"),
            (at(50, 448), "begins at byte 50"),
            (at(51, 0), "no bytes"),
            (at(51, u64::MAX), "no file is that long"),
            (at(1 << 63, 11), "no file is that long"),
            (at(u64::MAX, u64::MAX), "no file is that long"),
        ] {
            let error = Header::decode(&header.encode()).unwrap_err().to_string();
            assert!(error.contains(wanted), "{header:?}: {error}");
        }
        let header = Header::new(448);
        for (index_offset, wanted) in [
            (1, "before the data ends"),
            (498, "before the data ends"),
            (1000, "the file ends at byte 1000"),
            (u64::MAX, "the file ends"),
        ] {
            let header = Header {
                index_offset,
                ..header
            };
            let header = Header::decode(&header.encode()).unwrap();
            let error = header.index(1000).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
        assert_eq!(header.index(1000).unwrap(), Some(499));
    }
}
