//! dag-cbor: CBOR with links, and one form only for each value.
//!
//! A CID names bytes. If a value had two forms, it would have two names, so dag-cbor leaves no
//! choice:
//!
//! | | here | in Kubo |
//! | --- | --- | --- |
//! | integers, lengths, tags | in the shortest form | likewise |
//! | names of maps | text, sorted by length, then by bytes, none twice | written so; read in any order |
//! | lists, maps, strings | of definite length | likewise |
//! | floats | of 64 bits, finite, zero without a sign | written so; 16 and 32 bits are read |
//! | tags | 42 alone: a zero byte and a CID | likewise |
//! | simple values | false, true, null | undefined is read as null |
//! | after the item | nothing | likewise |
//!
//! [`decode`] takes that form alone: what it takes, [`encode`] gives back byte by byte.
//! [`decode_relaxed`] is for input that is encoded again, and takes at least what `ipfs dag put`
//! takes. [`decode_drisl`] is [`decode`] with the links of
//! [DASL](https://dasl.ing/drisl.html): CIDv1 of raw or dag-cbor, and digests of 32 bytes by
//! sha2-256 or blake3.
//!
//! `serde_ipld_dagcbor` is not used, since it drops bytes after the CID of a link, writes -0.0 as
//! 0.0, has no offsets in its errors, and no relaxed form beside the strict one; the tests hold
//! this codec against it.
//!
//! Source: [DAG-CBOR](https://ipld.io/specs/codecs/dag-cbor/spec/).

use bytes::Bytes;

use crate::cbor::value::{Rules, link};
use crate::cbor::{LINK, Reader, Token, value, write};
use crate::{Cid, Codec, Error, Ipld, Result};

const CODEC: Codec = Codec::DagCbor;

/// The value in a block.
///
/// # Errors
/// [`Error::Decode`] for anything but the one form of a value, with the offset;
/// [`Error::TooDeep`].
pub fn decode(block: &Bytes) -> Result<Ipld> {
    value::decode(CODEC, block, Rules::Strict)
}

/// The value in bytes that are to be encoded again: names in any order, integers, lengths and
/// floats in any form, undefined as null.
///
/// # Errors
/// [`Error::Decode`] for what is not well-formed, a name twice, a float that is no number,
/// another tag or simple value; [`Error::TooDeep`].
pub fn decode_relaxed(bytes: &Bytes) -> Result<Ipld> {
    value::decode(CODEC, bytes, Rules::Relaxed)
}

/// The value in a block of DRISL, the dag-cbor of DASL.
///
/// # Errors
/// As [`decode`], and for a link that is no CID of DASL.
pub fn decode_drisl(block: &Bytes) -> Result<Ipld> {
    each_link(block, &mut |at, cid| {
        let hash = cid.hash();
        let known = cid.version() == cid::Version::V1
            && matches!(cid.codec(), 0x55 | 0x71)
            && matches!(hash.code(), 0x12 | 0x1e)
            && hash.digest().len() == 32;
        if known {
            return Ok(());
        }
        let reason = "a link of DASL is a CIDv1 of raw or dag-cbor, by sha2-256 or blake3";
        Err(Error::decode(CODEC, at, reason))
    })?;
    decode(block)
}

/// The block of a value.
///
/// # Errors
/// [`Error::Encode`] for an integer that is not from -2^64 to 2^64 - 1, a float that is no
/// number or -0.0, and for more than [`MAX_DEPTH`](crate::ipld::MAX_DEPTH) levels.
pub fn encode(value: &Ipld) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write::value(&mut out, value, true, 0).map_err(|refused| refused.by(CODEC))?;
    Ok(out)
}

/// Shows each link of a block to `see`, in its order, without making the value.
///
/// Blocks that [`decode_relaxed`] takes have their links, too, so that no walk stops at a block
/// for the order of its names. Nor does one stop at text that is not UTF-8: Filecoin's chain has
/// bytes in text, and Kubo walks it.
///
/// # Errors
/// [`Error::Decode`] for what is not well-formed and for links that are none;
/// [`Error::TooDeep`]. Links before the fault were shown.
pub fn links(block: &[u8], see: &mut dyn FnMut(Cid)) -> Result<()> {
    each_link(block, &mut |_, cid| {
        see(cid);
        Ok(())
    })
}

fn each_link(block: &[u8], see: &mut dyn FnMut(usize, Cid) -> Result<()>) -> Result<()> {
    let mut reader = Reader::skimming(CODEC, block);
    while let Some((range, token)) = reader.token()? {
        if token == Token::Tag(LINK) {
            let Some((below, Token::Bytes(bytes))) = reader.token()? else {
                return Err(Error::decode(
                    CODEC,
                    range.start,
                    "below tag 42 there are bytes",
                ));
            };
            see(range.start, link(CODEC, bytes, below.end - bytes.len())?)?;
        }
    }
    Ok(())
}
