//! From tokens to a value, by the rules of a codec.

use block_cid::binary;
use bytes::Bytes;

use super::{LINK, Reader, Spanned, Token};
use crate::builder::Builder;
use crate::{Cid, Codec, Error, Ipld, Result};

/// What is taken.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Rules {
    /// dag-cbor in its one form.
    Strict,
    /// dag-cbor in any form.
    Relaxed,
    /// CBOR without links, and with what the data model can hold.
    Plain,
}

/// The value of a whole block.
pub(crate) fn decode(codec: Codec, block: &Bytes, rules: Rules) -> Result<Ipld> {
    let reader = match rules {
        Rules::Strict => Reader::strict(codec, block),
        _ => Reader::new(codec, block),
    };
    let mut maker = Maker {
        codec,
        block,
        rules,
        reader,
    };
    let mut builder = Builder::new(codec);
    while let Some(token) = maker.reader.token()? {
        maker.token(&mut builder, token)?;
    }
    Ok(builder.finish())
}

/// The link in the bytes below tag 42, which are those of the block at `at`.
pub(crate) fn link(codec: Codec, bytes: &[u8], at: usize) -> Result<Cid> {
    let Some((0, cid)) = bytes.split_first() else {
        return Err(Error::decode(codec, at, "a link begins with a zero byte"));
    };
    binary::decode(cid).map_err(|error| match error {
        block_cid::Error::Bytes { offset, reason, .. } => {
            Error::decode(codec, at + 1 + offset, format!("in a link: {reason}"))
        }
        error => error.into(),
    })
}

struct Maker<'a> {
    codec: Codec,
    block: &'a Bytes,
    rules: Rules,
    reader: Reader<'a>,
}

impl<'a> Maker<'a> {
    fn token(&mut self, builder: &mut Builder, (range, token): Spanned<'a>) -> Result<()> {
        let at = range.start;
        if token == Token::End {
            let value = builder.end();
            builder.value(value);
            return Ok(());
        }
        if builder.wants_name() {
            return match token {
                Token::Text(name) => self.name(builder, at, name.to_owned()),
                Token::Pieces(true) => {
                    let name = self.pieces()?;
                    self.name(builder, at, String::from_utf8_lossy(&name).into_owned())
                }
                _ => self.fail(at, "a name in a map is text"),
            };
        }
        let value = match token {
            Token::List(announced) => {
                builder.list(announced);
                return Ok(());
            }
            Token::Map(announced) => {
                builder.map(announced);
                return Ok(());
            }
            Token::Unsigned(n) => Ipld::Integer(n.into()),
            Token::Negative(n) => Ipld::Integer(-1 - i128::from(n)),
            Token::Bytes(bytes) => Ipld::from(self.block.slice_ref(bytes)),
            Token::Text(text) => Ipld::String(text.to_owned()),
            Token::Pieces(false) => Ipld::from(Bytes::from(self.pieces()?)),
            Token::Pieces(true) => {
                Ipld::String(String::from_utf8_lossy(&self.pieces()?).into_owned())
            }
            Token::Bool(value) => Ipld::Bool(value),
            Token::Null => Ipld::Null,
            Token::Undefined if self.rules != Rules::Strict => Ipld::Null,
            Token::Float(value) => self.float(at, value)?,
            Token::Tag(tag) => self.tag(at, tag)?,
            Token::Undefined => return self.fail(at, "undefined has no place in the data model"),
            Token::Simple(n) => {
                return self.fail(
                    at,
                    format!("simple value {n} has no place in the data model"),
                );
            }
            Token::End => return Ok(()),
        };
        builder.value(value);
        Ok(())
    }

    fn name(&self, builder: &mut Builder, at: usize, name: String) -> Result<()> {
        if self.rules == Rules::Strict
            && let Some(last) = builder.last_name()
            && (last.len(), last) > (name.len(), &name)
        {
            let reason = "the names of a map are sorted by length, then by bytes; this one is not";
            return self.fail(at, reason);
        }
        builder.name(at, name)
    }

    fn float(&self, at: usize, value: f64) -> Result<Ipld> {
        match self.rules {
            Rules::Plain => {}
            _ if !value.is_finite() => return self.fail(at, format!("{value} is no number")),
            Rules::Strict if value == 0.0 && value.is_sign_negative() => {
                return self.fail(at, "zero has no sign");
            }
            _ => {}
        }
        Ok(Ipld::Float(value))
    }

    /// The value of a tag and its item.
    fn tag(&mut self, at: usize, tag: u64) -> Result<Ipld> {
        let known = match tag {
            LINK => self.rules != Rules::Plain,
            2 | 3 => self.rules == Rules::Plain,
            _ => false,
        };
        if !known {
            return self.fail(at, format!("tag {tag} has no place in {}", self.codec));
        }
        let Some((range, Token::Bytes(bytes))) = self.reader.token()? else {
            return self.fail(at, format!("below tag {tag} there are bytes"));
        };
        if tag == LINK {
            let start = range.end - bytes.len();
            return Ok(Ipld::from(link(self.codec, bytes, start)?));
        }
        // An integer of any length, the highest byte first.
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let digits = bytes.get(zeros..).unwrap_or_default();
        let n = digits.iter().try_fold(0i128, |n, byte| {
            n.checked_mul(256)?.checked_add((*byte).into())
        });
        match n {
            Some(n) if tag == 2 => Ok(Ipld::Integer(n)),
            Some(n) => Ok(Ipld::Integer(-1 - n)),
            None => self.fail(at, "an integer of more than 127 bits"),
        }
    }

    /// The pieces of a string up to its end, joined.
    fn pieces(&mut self) -> Result<Vec<u8>> {
        let mut whole = Vec::new();
        while let Some((_, token)) = self.reader.token()? {
            match token {
                Token::Bytes(bytes) => whole.extend_from_slice(bytes),
                Token::Text(text) => whole.extend_from_slice(text.as_bytes()),
                _ => break,
            }
        }
        Ok(whole)
    }

    fn fail<T>(&self, at: usize, reason: impl Into<String>) -> Result<T> {
        Err(Error::decode(self.codec, at, reason))
    }
}
