//! CBOR: items that say what they are and how long.
//!
//! An item begins with a head: three bits of kind, five bits of argument, and if those are not
//! enough 1, 2, 4 or 8 bytes more.
//!
//! ```text
//! 18 2a              000 11000 2a      kind 0, argument in the next byte: 42
//! 63 61 62 63        011 00011         kind 3, argument 3: text of 3 bytes, "abc"
//! 82 01 f6           100 00010         kind 4, argument 2: a list of 2 items, 1 and null
//! ```
//!
//! | kind | | argument |
//! | --- | --- | --- |
//! | 0, 1 | an integer `n`, or `-1 - n` | `n` |
//! | 2, 3 | bytes, text | how many bytes follow |
//! | 4, 5 | a list, a map | how many items, or pairs of items, follow |
//! | 6 | a tag on the item that follows | its number |
//! | 7 | false, true, null, undefined, a float of 2, 4 or 8 bytes, … | which |
//!
//! Argument 31 announces an item of indefinite length, which ends with `ff`.
//!
//! [`Reader`] takes everything that is well-formed; [`dag_cbor`](crate::dag_cbor) is one spelling
//! of all these. [`diagnostic`] shows items as text.
//!
//! Source: [RFC 8949](https://www.rfc-editor.org/rfc/rfc8949).

mod diagnostic;
mod reader;
mod token;
pub(crate) mod value;
pub(crate) mod write;

pub use diagnostic::diagnostic;
pub use reader::Reader;
pub use token::{Spanned, Token};

use bytes::Bytes;

use crate::cbor::value::Rules;
use crate::{Codec, Ipld, Result};

/// The tag of a link, in dag-cbor.
pub const LINK: u64 = 42;

/// The value in a block of plain `cbor`.
///
/// Everything that is well-formed and has a place in the data model: undefined is null, as in
/// Kubo; integers of more than 64 bits may have up to 127; floats may be of any length, and
/// infinite. Kubo refuses integers in longer forms than they need, items of indefinite length,
/// and floats that are not finite.
///
/// # Errors
/// [`Error::Decode`](crate::Error::Decode) for other tags, simple values, names that are no text,
/// and what is not well-formed; [`Error::TooDeep`](crate::Error::TooDeep).
pub fn decode(bytes: &Bytes) -> Result<Ipld> {
    value::decode(Codec::Cbor, bytes, Rules::Plain)
}

/// The block of a value, as Kubo writes `cbor`: maps in their own order, floats of 64 bits.
///
/// # Errors
/// [`Error::Encode`](crate::Error::Encode) for links, and for values of more than
/// [`MAX_DEPTH`](crate::ipld::MAX_DEPTH) levels.
pub fn encode(value: &Ipld) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write::value(&mut out, value, false, 0).map_err(|refused| refused.by(Codec::Cbor))?;
    Ok(out)
}
