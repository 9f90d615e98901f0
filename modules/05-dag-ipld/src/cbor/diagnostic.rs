//! Items as text: RFC 8949, section 8.

use std::fmt::Write;

use data_encoding::HEXLOWER;

use super::{Reader, Token};
use crate::{Codec, Result, json};

/// An item that is not at its end yet.
struct Open {
    close: &'static str,
    /// How many items of it were written.
    written: usize,
}

/// What closes a tag, which ends with its item.
const TAG: &str = ")";
/// What closes a string in pieces, which ends with a token of its own.
const PIECES: &str = " )";
const MAP: &str = "}";

/// The items as text, as `{"a": 1, "b": [2, h'03']}`.
///
/// Items of indefinite length begin with `_`, and floats that are no numbers are `Infinity` and
/// `NaN`.
///
/// # Errors
/// As [`Reader::token`].
pub fn diagnostic(bytes: &[u8]) -> Result<String> {
    let mut reader = Reader::new(Codec::Cbor, bytes);
    let mut out = String::new();
    let mut open: Vec<Open> = Vec::new();
    while let Some((_, token)) = reader.token()? {
        if token == Token::End {
            let close = open.pop().map_or("", |open| open.close);
            out.push_str(close.trim_start());
        } else {
            separate(&mut out, open.last_mut());
            let (begin, close) = match token {
                Token::List(Some(_)) => ("[", "]"),
                Token::List(None) => ("[_ ", "]"),
                Token::Map(Some(_)) => ("{", MAP),
                Token::Map(None) => ("{_ ", MAP),
                Token::Pieces(_) => ("(_ ", PIECES),
                Token::Tag(n) => {
                    out.push_str(&n.to_string());
                    ("(", TAG)
                }
                _ => ("", ""),
            };
            if !close.is_empty() {
                out.push_str(begin);
                open.push(Open { close, written: 0 });
                continue;
            }
            scalar(&mut out, &token);
        }
        while open.pop_if(|open| open.close == TAG).is_some() {
            out.push_str(TAG);
        }
    }
    Ok(out)
}

/// What stands before the next item.
fn separate(out: &mut String, open: Option<&mut Open>) {
    if let Some(open) = open {
        match open.written {
            0 => {}
            n if open.close == MAP && n % 2 == 1 => out.push_str(": "),
            _ => out.push_str(", "),
        }
        open.written += 1;
    }
}

fn scalar(out: &mut String, token: &Token<'_>) {
    // Nothing is lost: a String takes all that is written.
    let _ = match token {
        Token::Unsigned(n) => write!(out, "{n}"),
        Token::Negative(n) => write!(out, "{}", -1 - i128::from(*n)),
        Token::Bytes(bytes) => write!(out, "h'{}'", HEXLOWER.encode(bytes)),
        Token::Text(text) => {
            json::write::text(out, text);
            Ok(())
        }
        Token::Bool(value) => write!(out, "{value}"),
        Token::Null => write!(out, "null"),
        Token::Undefined => write!(out, "undefined"),
        Token::Simple(n) => write!(out, "simple({n})"),
        Token::Float(n) if n.is_nan() => write!(out, "NaN"),
        Token::Float(n) if n.is_infinite() && *n < 0.0 => write!(out, "-Infinity"),
        Token::Float(n) if n.is_infinite() => write!(out, "Infinity"),
        Token::Float(n) => {
            json::write::float(out, *n, true);
            Ok(())
        }
        _ => Ok(()),
    };
}
