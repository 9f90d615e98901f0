//! Bases: bytes as text, and back.
//!
//! The first character of a text says which alphabet the rest is in
//! ([multibase](https://github.com/multiformats/multibase)): `b` is base32, `z` base58btc, `f`
//! base16. The `multibase` crate does the arithmetic; what is added here is to say *which*
//! character is wrong.

pub use multibase::Base;

use crate::{Error, Result};

struct Row {
    base: Base,
    name: &'static str,
    /// Every character; empty for base256emoji, whose 256 the crate knows.
    alphabet: &'static str,
    /// Whether upper and lower case are the same.
    any_case: bool,
}

const fn row(base: Base, name: &'static str, alphabet: &'static str, any_case: bool) -> Row {
    Row {
        base,
        name,
        alphabet,
        any_case,
    }
}

const BASE32: &str = "abcdefghijklmnopqrstuvwxyz234567";
const BASE32PAD: &str = "abcdefghijklmnopqrstuvwxyz234567=";
const BASE32HEX: &str = "0123456789abcdefghijklmnopqrstuv";
const BASE32HEXPAD: &str = "0123456789abcdefghijklmnopqrstuv=";
const BASE36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(Base::Base2, "base2", "01", false),
    row(Base::Base8, "base8", "01234567", false),
    row(Base::Base10, "base10", "0123456789", false),
    row(Base::Base16Lower, "base16", "0123456789abcdef", true),
    row(Base::Base16Upper, "base16upper", "0123456789abcdef", true),
    row(Base::Base32Lower, "base32", BASE32, true),
    row(Base::Base32Upper, "base32upper", BASE32, true),
    row(Base::Base32PadLower, "base32pad", BASE32PAD, true),
    row(Base::Base32PadUpper, "base32padupper", BASE32PAD, true),
    row(Base::Base32HexLower, "base32hex", BASE32HEX, true),
    row(Base::Base32HexUpper, "base32hexupper", BASE32HEX, true),
    row(Base::Base32HexPadLower, "base32hexpad", BASE32HEXPAD, true),
    row(Base::Base32HexPadUpper, "base32hexpadupper", BASE32HEXPAD, true),
    row(Base::Base32Z, "base32z", "ybndrfg8ejkmcpqxot1uwisza345h769", false),
    row(Base::Base36Lower, "base36", BASE36, true),
    row(Base::Base36Upper, "base36upper", BASE36, true),
    row(Base::Base45, "base45", "0123456789abcdefghijklmnopqrstuvwxyz $%*+-./:", true),
    row(Base::Base58Btc, "base58btc", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", false),
    row(Base::Base58Flickr, "base58flickr", "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ", false),
    row(Base::Base64, "base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", false),
    row(Base::Base64Pad, "base64pad", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", false),
    row(Base::Base64Url, "base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false),
    row(Base::Base64UrlPad, "base64urlpad", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=", false),
    row(Base::Base256Emoji, "base256emoji", "", false),
];

/// Bases of the multibase table that this crate does not have, and why.
pub const UNSUPPORTED: &[(&str, &str)] = &[(
    "proquint",
    "it cannot spell an odd number of bytes in one way only, and no implementation has it",
)];

/// The longest text that can be a CID, in characters: 158 bytes in base2, one character a bit.
/// Decoding base58 takes time that grows with the square of the length, so longer text is
/// refused unseen.
pub const MAX_TEXT: usize = 1 + 8 * (3 * 10 + crate::hash::MAX_DIGEST);

/// Every base, with its name in the multibase table.
pub fn all() -> impl Iterator<Item = (Base, &'static str)> {
    ROWS.iter().map(|row| (row.base, row.name))
}

/// The name of a base in the multibase table.
pub fn name(base: Base) -> &'static str {
    ROWS.iter()
        .find(|row| row.base == base)
        .map_or("identity", |row| row.name)
}

/// The base with this name (`base32`) or prefix (`b`).
///
/// # Errors
/// [`Error::Name`] if there is none.
pub fn parse(text: &str) -> Result<Base> {
    let mut chars = text.chars();
    let prefix = chars.next().filter(|_| chars.next().is_none());
    ROWS.iter()
        .find(|row| row.name == text || prefix == Some(row.base.code()))
        .map(|row| row.base)
        .ok_or_else(|| Error::Name {
            kind: "base",
            name: text.to_owned(),
            remedy: "base32, base36, base58btc, base64url and base16 are bases".into(),
        })
}

/// The bytes that a text with a prefix spells, and the base it is in.
///
/// # Errors
/// [`Error::Character`] with the position of the first character that is not in the base;
/// [`Error::Text`] if there is no such base, or no bytes have this spelling.
pub fn decode(text: &str) -> Result<(Base, Vec<u8>)> {
    let Some(prefix) = text.chars().next() else {
        return Err(fault(text, "it is empty"));
    };
    let Some(row) = ROWS.iter().find(|row| row.base.code() == prefix) else {
        return Err(fault(text, unknown(prefix)));
    };
    let digits = text.get(prefix.len_utf8()..).unwrap_or_default();
    Ok((row.base, decode_in(row.base, digits, text)?))
}

/// The bytes that `digits` spell in `base`; `digits` are the end of `text`, which errors quote.
pub(crate) fn decode_in(base: Base, digits: &str, text: &str) -> Result<Vec<u8>> {
    if text.chars().count() > MAX_TEXT {
        return Err(fault(
            text,
            format!("it is longer than {MAX_TEXT} characters"),
        ));
    }
    let before = text.chars().count() - digits.chars().count();
    if let Some((at, found)) = outside(base, digits) {
        return Err(Error::Character {
            text: shorten(text),
            position: before + at + 1,
            found,
            base: name(base),
        });
    }
    base.decode(digits).map_err(|_| {
        fault(
            text,
            format!(
                "no bytes are spelled like this in {}: characters were lost or added at its end",
                name(base)
            ),
        )
    })
}

/// The first character that `base` does not have, and where it is, counted from 0.
fn outside(base: Base, digits: &str) -> Option<(usize, char)> {
    let row = ROWS.iter().find(|row| row.base == base)?;
    digits
        .chars()
        .enumerate()
        .find(|(_, c)| match row.any_case {
            _ if row.alphabet.is_empty() => base.decode(c.encode_utf8(&mut [0; 4])).is_err(),
            true => !row.alphabet.contains(c.to_ascii_lowercase()),
            false => !row.alphabet.contains(*c),
        })
}

fn unknown(prefix: char) -> String {
    match prefix {
        'Q' => "text that begins with Q is a CIDv0, and those begin with Qm".into(),
        '1' => "text that begins with 1 is a peer ID of the old kind (base58, and no CID)".into(),
        'p' => "proquint (p) is not supported".into(),
        _ => format!(
            "it begins with {prefix:?}, which stands for no base: CIDs begin with b (base32), Qm (CIDv0), k, z or f"
        ),
    }
}

/// An error about a text.
pub(crate) fn fault(text: &str, reason: impl Into<String>) -> Error {
    Error::Text {
        text: shorten(text),
        reason: reason.into(),
    }
}

/// Text as errors quote it: the start of it, if it is long.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
