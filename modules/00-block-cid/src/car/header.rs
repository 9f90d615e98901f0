//! The header of a CAR: one small map in dag-cbor.
//!
//! ```text
//! a2                     map of 2
//!   65 726f6f7473          text of 5 "roots"       (shorter keys come first)
//!   82                     array of 2
//!     d8 2a                  tag 42: a CID
//!     58 25                  37 bytes
//!     00                     the prefix that says "binary"
//!     01711220…              the CID
//!     d8 2a 58 25 00 …
//!   67 76657273696f6e      text of 7 "version"
//!   01                     1
//! ```
//!
//! The first byte of each item is its kind (three bits) and a number (five bits, which stand for
//! themselves up to 23; 24 to 27 say that the number follows in 1, 2, 4 or 8 bytes, big-endian).
//! Module 05 reads all of dag-cbor; here, only what a header can hold.

use crate::{Cid, Error, binary};

/// Kinds of items, in the upper three bits.
const NUMBER: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// The tag of a CID.
const CID_TAG: u64 = 42;

/// What is wrong with a header, and where.
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) reason: String,
}

/// The header that names `roots`, without its length.
pub(super) fn encode(roots: &[Cid]) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + 45 * roots.len());
    head(MAP, 2, &mut out);
    text("roots", &mut out);
    head(ARRAY, roots.len() as u64, &mut out);
    for root in roots {
        let cid = root.to_bytes();
        head(TAG, CID_TAG, &mut out);
        head(BYTES, 1 + cid.len() as u64, &mut out);
        out.push(0);
        out.extend(cid);
    }
    text("version", &mut out);
    head(NUMBER, 1, &mut out);
    out
}

fn text(value: &str, out: &mut Vec<u8>) {
    head(TEXT, value.len() as u64, out);
    out.extend(value.as_bytes());
}

/// The head of an item: its kind and number, in the shortest form.
fn head(kind: u8, number: u64, out: &mut Vec<u8>) {
    let kind = kind << 5;
    let bytes = number.to_be_bytes();
    let (extra, len) = match number {
        0..24 => {
            out.push(kind | number as u8);
            return;
        }
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    out.push(kind | extra);
    out.extend(bytes.iter().skip(8 - len));
}

/// The roots that a header names.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Cid>, Fault> {
    let mut cbor = Cbor { bytes, at: 0 };
    match cbor.expect(MAP, "a map")? {
        2 => {}
        // A CARv2 begins with {"version": 2}, and its length byte makes it look like a header.
        1 if bytes.get(cbor.at..) == Some(b"\x67version\x02") => {
            return Err(cbor.fault("it is a CARv2, and this reads CARv1"));
        }
        n => return Err(cbor.fault(format!("a map of {n}, and a header has roots and version"))),
    }
    cbor.key("roots")?;
    let count = cbor.expect(ARRAY, "an array of roots")?;
    // As many as there really are: the count may be a lie.
    let mut roots = Vec::new();
    for _ in 0..count {
        roots.push(cbor.cid()?);
    }
    cbor.key("version")?;
    match cbor.expect(NUMBER, "the version")? {
        1 => {}
        n => return Err(cbor.fault(format!("version {n}, and this reads CARv1"))),
    }
    if cbor.at < bytes.len() {
        return Err(cbor.fault("bytes follow the map"));
    }
    Ok(roots)
}

struct Cbor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cbor<'a> {
    fn fault(&self, reason: impl Into<String>) -> Fault {
        Fault {
            offset: self.at,
            reason: format!("in the header: {}", reason.into()),
        }
    }

    fn take(&mut self, len: u64, what: &str) -> Result<&'a [u8], Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        let taken = taken.ok_or_else(|| self.fault(format!("it ends in {what}")))?;
        self.at += taken.len();
        Ok(taken)
    }

    /// The number of an item of this kind.
    fn expect(&mut self, kind: u8, what: &str) -> Result<u64, Fault> {
        let start = self.at;
        let first = self.take(1, what)?.first().copied().unwrap_or_default();
        let wrong = |reason: String| Fault {
            offset: start,
            reason: format!("in the header: {reason}"),
        };
        if first >> 5 != kind {
            return Err(wrong(format!("byte {first:02x} where {what} should begin")));
        }
        let (len, least) = match first & 0x1f {
            small @ 0..24 => return Ok(u64::from(small)),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            _ => return Err(wrong(format!("{what} without a length of its own"))),
        };
        let number = self
            .take(len, what)?
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte));
        if number < least {
            return Err(wrong(format!(
                "the number of {what} is longer than it need be"
            )));
        }
        Ok(number)
    }

    fn key(&mut self, wanted: &str) -> Result<(), Fault> {
        let start = self.at;
        let len = self.expect(TEXT, "a key")?;
        let key = self.take(len, "a key")?;
        if key == wanted.as_bytes() {
            return Ok(());
        }
        let found = String::from_utf8_lossy(key.get(..32).unwrap_or(key)).into_owned();
        Err(Fault {
            offset: start,
            reason: format!("in the header: key {found:?}, where {wanted:?} should be"),
        })
    }

    fn cid(&mut self) -> Result<Cid, Fault> {
        let start = self.at;
        let wrong = |reason: String| Fault {
            offset: start,
            reason: format!("in the header: {reason}"),
        };
        let tag = self.expect(TAG, "a root")?;
        if tag != CID_TAG {
            return Err(wrong(format!("tag {tag}, and CIDs have tag 42")));
        }
        let len = self.expect(BYTES, "a root")?;
        match self.take(len, "a root")?.split_first() {
            Some((0, cid)) => binary::decode(cid).map_err(|error| match error {
                Error::Bytes { offset, reason, .. } => {
                    wrong(format!("a root, byte {offset}: {reason}"))
                }
                other => wrong(other.to_string()),
            }),
            _ => Err(wrong("a root without the byte 00 before it".into())),
        }
    }
}
