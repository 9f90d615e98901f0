//! The pieces that CBOR is made of.

use std::ops::Range;

/// A piece of CBOR. An item that holds others begins with its token and ends with [`Token::End`];
/// a tag does not end.
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// An integer from 0 on.
    Unsigned(u64),
    /// The integer `-1 - n`.
    Negative(u64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    Text(&'a str),
    /// A list; how many items it has, if it says so.
    List(Option<u64>),
    /// A map; how many pairs it has, if it says so.
    Map(Option<u64>),
    /// Bytes, or text if true, in pieces.
    Pieces(bool),
    /// The innermost list, map or row of pieces ends here.
    End,
    /// A tag, with its number, on the next item.
    Tag(u64),
    /// True or false.
    Bool(bool),
    /// Nothing.
    Null,
    /// No value.
    Undefined,
    /// Another simple value.
    Simple(u8),
    /// A float, of any length.
    Float(f64),
}

/// A token and where its bytes are; those of a list or map are its head, or its `ff`.
pub type Spanned<'a> = (Range<usize>, Token<'a>);

/// A float of 16 bits: RFC 8949, appendix D.
pub(super) fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let value = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -value } else { value }
}
