//! JSON: values in text.
//!
//! [`Reader`] takes JSON apart for [`dag_json`](crate::dag_json) and for plain `json`, which has
//! neither links nor bytes.
//!
//! `serde_json` is not used: it makes floats of integers that have more than 64 bits with their
//! sign, so that -11959030306112471732 comes out as another number.
//!
//! Source: [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259).

mod number;
mod reader;
mod text;
pub(crate) mod write;

pub use reader::{Reader, Spanned, Token};

use bytes::Bytes;

use crate::builder::Builder;
use crate::{Codec, Ipld, Result};

/// The value in a block of plain `json`.
///
/// A number of digits alone is an integer, any other is a float. White space may stand anywhere
/// between tokens.
///
/// # Errors
/// [`Error::Decode`](crate::Error::Decode) for what is no JSON, a name twice, half of a surrogate
/// pair, and for numbers beyond 64 bits; [`Error::TooDeep`](crate::Error::TooDeep).
pub fn decode(bytes: &Bytes) -> Result<Ipld> {
    build(Codec::Json, bytes, Ok)
}

/// The block of a value, as Kubo writes `json`: maps in their own order, one entry a line,
/// indented with tabs, and floats below 2^64 without a point if they are whole.
///
/// # Errors
/// [`Error::Encode`](crate::Error::Encode) for bytes, links, floats that are no number, and for
/// values of more than [`MAX_DEPTH`](crate::ipld::MAX_DEPTH) levels.
pub fn encode(value: &Ipld) -> Result<Vec<u8>> {
    let mut out = String::new();
    write::value(&mut out, value, write::Form::Plain, 0)
        .map_err(|refused| refused.by(Codec::Json))?;
    if matches!(value, Ipld::List(_) | Ipld::Map(_)) {
        out.push('\n');
    }
    Ok(out.into_bytes())
}

/// The value in these bytes; what `close` makes of each list and map stands in its place.
pub(crate) fn build(
    codec: Codec,
    bytes: &[u8],
    close: impl Fn(Ipld) -> Result<Ipld, String>,
) -> Result<Ipld> {
    let mut reader = Reader::new(codec, bytes);
    let mut builder = Builder::new(codec);
    while let Some((range, token)) = reader.token()? {
        let value = match token {
            Token::List => {
                builder.list(None);
                continue;
            }
            Token::Map => {
                builder.map(None);
                continue;
            }
            Token::Name(name) => {
                builder.name(range.start, name.into_owned())?;
                continue;
            }
            Token::End => close(builder.end())
                .map_err(|reason| crate::Error::decode(codec, range.start, reason))?,
            Token::Text(text) => Ipld::String(text.into_owned()),
            Token::Integer(n) => Ipld::Integer(n),
            Token::Float(n) => Ipld::Float(n),
            Token::Bool(value) => Ipld::Bool(value),
            Token::Null => Ipld::Null,
        };
        builder.value(value);
    }
    Ok(builder.finish())
}
