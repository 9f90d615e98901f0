//! dag-json: JSON with links and bytes.
//!
//! What JSON has no form for is a map with the one name `/`:
//!
//! ```text
//! {"/":"bafy…"}                 a link
//! {"/":{"bytes":"aGVsbG8"}}     bytes, in base64 without padding
//! ```
//!
//! [`encode`] sorts names by their bytes and leaves out all white space, so that a value has one
//! block. [`decode`] takes any JSON, as Kubo does, and reads those two shapes alone as something
//! else: a map with `/` and another name is a map. It refuses what would not survive: a name
//! twice, halves of surrogate pairs, integers of more than 64 bits.
//!
//! Kubo and the specification differ once: Kubo writes the float 1.0 as `1`, which reads back as an
//! integer. Here it is `1.0`, as JavaScript's dag-json has it. (From 2^63 to 10^21 Kubo reads
//! neither form.)
//!
//! `serde_ipld_dagjson` is not used, since integers below -2^63 come out of it as floats, it
//! writes floats from 10^16 to 10^21 in another form than Go and JavaScript, and drops what
//! stands beside the bytes in `{"/":{"bytes":"","x":1}}`.
//!
//! Source: [DAG-JSON](https://ipld.io/specs/codecs/dag-json/spec/).

use bytes::Bytes;
use data_encoding::{BASE64, BASE64_NOPAD};

use crate::ipld::{Map, only};
use crate::json::{Reader, Token, build, write};
use crate::{Cid, Codec, Error, Ipld, Result};

const CODEC: Codec = Codec::DagJson;

/// More than the longest CID has, which is in base 2, in bytes. What is longer is not repeated in an error.
const MAX_CID: usize = 2048;

/// The value in a block.
///
/// # Errors
/// [`Error::Decode`] for what is no JSON, and for links and bytes that are none;
/// [`Error::TooDeep`].
pub fn decode(block: &Bytes) -> Result<Ipld> {
    build(CODEC, block, |value| match &value {
        Ipld::Map(map) => Ok(reserved(map)?.unwrap_or(value)),
        _ => Ok(value),
    })
}

/// The block of a value.
///
/// # Errors
/// [`Error::Encode`] for an integer that is not from -2^64 to 2^64 - 1, a float that is no
/// number, a map that would be read as a link or as bytes, and for more than
/// [`MAX_DEPTH`](crate::ipld::MAX_DEPTH) levels; a link counts as one, bytes as two.
pub fn encode(value: &Ipld) -> Result<Vec<u8>> {
    let mut out = String::new();
    write::value(&mut out, value, write::Form::Dag, 0).map_err(|refused| refused.by(CODEC))?;
    Ok(out.into_bytes())
}

/// Shows each link of a block to `see`, in its order, without making the value.
///
/// # Errors
/// As [`decode`], but for names that come twice. Links before the fault were shown.
pub fn links(block: &[u8], see: &mut dyn FnMut(Cid)) -> Result<()> {
    let mut reader = Reader::new(CODEC, block);
    // The last three tokens, as far as they may begin a link: `{`, "/", text.
    let mut seen = 0;
    let mut link = None;
    while let Some((range, token)) = reader.token()? {
        seen = match (seen, token) {
            (3, Token::End) => {
                if let Some((at, text)) = link.take() {
                    see(cid(text).map_err(|reason| Error::decode(CODEC, at, reason))?);
                }
                0
            }
            (2, Token::Text(text)) => {
                link = Some((range.start, text));
                3
            }
            (1, Token::Name(name)) if name == "/" => 2,
            (_, Token::Map) => 1,
            _ => 0,
        };
    }
    Ok(())
}

/// What a map means instead, if it is one of the two shapes.
fn reserved(map: &Map) -> Result<Option<Ipld>, String> {
    Ok(match only(map, "/") {
        Some(Ipld::String(text)) => Some(Ipld::from(cid(text)?)),
        Some(Ipld::Map(inner)) => match only(inner, "bytes") {
            Some(Ipld::String(text)) => Some(Ipld::from(bytes(text)?)),
            _ => None,
        },
        _ => None,
    })
}

fn cid(text: impl AsRef<str>) -> Result<Cid, String> {
    let text = text.as_ref();
    if text.len() > MAX_CID {
        return Err(format!("in a link: {} bytes are no CID", text.len()));
    }
    block_cid::text::parse(text).map_err(|error| format!("in a link: {error}"))
}

fn bytes(text: &str) -> Result<Bytes, String> {
    let padded = text.ends_with('=');
    let base64 = if padded { BASE64 } else { BASE64_NOPAD };
    match base64.decode(text.as_bytes()) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err(format!("the bytes are no base64: {error}")),
    }
}
