//! CIDs in binary form.
//!
//! ```text
//! CIDv1   01        55      12        20         01ba4719c80b6fe911b091a7c05124b6…
//!         version   codec   hash      length     digest
//!         varint    varint  varint    varint     that many bytes
//!
//! CIDv0                     12        20         01ba4719c80b6fe911b091a7c05124b6…
//!         no version byte, codec dag-pb without saying so, hash always sha2-256 of 32 bytes
//! ```
//!
//! A CIDv0 is recognized by its first two bytes, and CIDv1 cannot begin with them, since its
//! version is 1. The [specification](https://github.com/multiformats/cid#cidv1) reserves
//! versions 0, 2 and 3 so that this stays true.

use std::ops::Range;

use cid::Version;

use crate::hash::MAX_DIGEST;
use crate::{Cid, Error, Multihash, Result, varint};

/// One field of a CID in binary form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The version, 1. A CIDv0 does not have this field.
    Version,
    /// What the bytes of the block mean. A CIDv0 does not have this field.
    Codec,
    /// The code of the hash.
    Hash,
    /// The length of the digest in bytes.
    Length,
    /// The digest.
    Digest,
}

/// Where a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which field.
    pub field: Field,
    /// Its number; the digest has none.
    pub number: Option<u64>,
    /// Its bytes, counted from the start of the CID.
    pub range: Range<usize>,
}

/// The CID that these bytes are, all of them.
///
/// # Errors
/// [`Error::Bytes`], with the offset of what is wrong.
pub fn decode(bytes: &[u8]) -> Result<Cid> {
    let (cid, rest) = decode_first(bytes)?;
    if rest.is_empty() {
        return Ok(cid);
    }
    let end = bytes.len() - rest.len();
    let reason = format!("the CID ends here, and {} bytes follow", rest.len());
    Err(Error::bytes(bytes, end, reason))
}

/// The CID at the start of these bytes, and what follows it.
///
/// # Errors
/// [`Error::Bytes`], with the offset of what is wrong.
pub fn decode_first(bytes: &[u8]) -> Result<(Cid, &[u8])> {
    walk(bytes, |_| ())
}

/// Where each field of this CID is, in order.
///
/// # Errors
/// As [`decode`].
pub fn fields(bytes: &[u8]) -> Result<Vec<Span>> {
    decode(bytes)?;
    let mut fields = Vec::with_capacity(5);
    walk(bytes, |span| fields.push(span))?;
    Ok(fields)
}

/// The multihash that these bytes are, all of them.
///
/// # Errors
/// [`Error::Bytes`], with the offset of what is wrong.
pub fn multihash(bytes: &[u8]) -> Result<Multihash> {
    let mut reader = Reader { bytes, at: 0 };
    let multihash = reader.multihash(|_| ())?;
    if reader.at < bytes.len() {
        return Err(Error::bytes(
            bytes,
            reader.at,
            "the multihash ends here, and bytes follow",
        ));
    }
    Ok(multihash)
}

/// The CID that has the version and codec of `cid`, and this hash.
pub(crate) fn with_hash(cid: &Cid, hash: Multihash) -> Cid {
    Cid::new(cid.version(), cid.codec(), hash).unwrap_or_else(|_| Cid::new_v1(cid.codec(), hash))
}

/// Reads a CID, showing each field to `see` on the way.
fn walk(bytes: &[u8], mut see: impl FnMut(Span)) -> Result<(Cid, &[u8])> {
    let mut reader = Reader { bytes, at: 0 };
    let cid = if bytes.starts_with(&[0x12, 0x20]) {
        let hash = reader.multihash(see)?;
        Cid::new(Version::V0, crate::codec::DAG_PB, hash)
            .map_err(|error| Error::bytes(bytes, 0, error.to_string()))?
    } else {
        let version = reader.number(Field::Version, &mut see)?;
        match version {
            1 => {}
            0 => {
                return Err(Error::bytes(
                    bytes,
                    0,
                    "CIDv0 is written without its version",
                ));
            }
            0x12 => {
                let reason =
                    "CIDv0 has sha2-256 digests of 32 bytes (12 20), and CIDv1 begins with 01";
                return Err(Error::bytes(bytes, 0, reason));
            }
            _ => {
                let reason = format!("there is no version {version} of CIDs, only 0 and 1");
                return Err(Error::bytes(bytes, 0, reason));
            }
        }
        let codec = reader.number(Field::Codec, &mut see)?;
        Cid::new_v1(codec, reader.multihash(see)?)
    };
    Ok((cid, bytes.get(reader.at..).unwrap_or_default()))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn number(&mut self, field: Field, see: &mut impl FnMut(Span)) -> Result<u64> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (number, after) = varint::decode(rest).map_err(|fault| {
            let what = match field {
                Field::Version => "version",
                Field::Codec => "codec",
                Field::Hash => "code of the hash",
                Field::Length | Field::Digest => "length of the digest",
            };
            Error::bytes(self.bytes, self.at, format!("in the {what}: {fault}"))
        })?;
        let end = self.bytes.len() - after.len();
        see(Span {
            field,
            number: Some(number),
            range: self.at..end,
        });
        self.at = end;
        Ok(number)
    }

    fn multihash(&mut self, mut see: impl FnMut(Span)) -> Result<Multihash> {
        let code = self.number(Field::Hash, &mut see)?;
        let length_at = self.at;
        let length = self.number(Field::Length, &mut see)?;
        if length > MAX_DIGEST as u64 {
            let reason = format!("a digest of {length} bytes, and 128 are the most");
            return Err(Error::bytes(self.bytes, length_at, reason));
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(digest) = rest.get(..length as usize) else {
            let reason = format!(
                "a digest of {length} bytes is announced, and {} are there",
                rest.len()
            );
            return Err(Error::bytes(self.bytes, self.at, reason));
        };
        see(Span {
            field: Field::Digest,
            number: None,
            range: self.at..self.at + digest.len(),
        });
        self.at += digest.len();
        Multihash::wrap(code, digest)
            .map_err(|error| Error::bytes(self.bytes, length_at, error.to_string()))
    }
}
