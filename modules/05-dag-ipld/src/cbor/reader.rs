//! From bytes to tokens.

use super::token::{Spanned, Token, half};
use crate::ipld::MAX_DEPTH;
use crate::{Codec, Error, Result};

/// Reads one item, and those within it. Memory: 16 bytes a level.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    codec: Codec,
    bytes: &'a [u8],
    at: usize,
    /// Only the forms of dag-cbor.
    strict: bool,
    /// What text says does not matter.
    skim: bool,
    /// What is open, the innermost last.
    open: Vec<Open>,
    begun: bool,
}

#[derive(Clone, Copy, Debug)]
enum Open {
    /// So many items are left.
    Items(u64),
    /// A tag, whose item is left if true.
    Tag(bool),
    /// Up to `ff`; for a map, whether the last name has no value yet.
    Endless { odd: Option<bool> },
    /// Up to `ff`, of this kind.
    Pieces(u8),
}

impl<'a> Reader<'a> {
    /// Reads any well-formed item; errors name this codec.
    pub fn new(codec: Codec, bytes: &'a [u8]) -> Reader<'a> {
        Reader {
            codec,
            bytes,
            at: 0,
            strict: false,
            skim: false,
            open: Vec::new(),
            begun: false,
        }
    }

    /// Reads items in the form that dag-cbor has: shortest heads, floats of 64 bits, nothing of
    /// indefinite length.
    pub fn strict(codec: Codec, bytes: &'a [u8]) -> Reader<'a> {
        Reader {
            strict: true,
            ..Reader::new(codec, bytes)
        }
    }

    /// Reads any well-formed item, and text that is not UTF-8, too; every text is given as an empty
    /// one.
    pub(crate) fn skimming(codec: Codec, bytes: &'a [u8]) -> Reader<'a> {
        Reader {
            skim: true,
            ..Reader::new(codec, bytes)
        }
    }

    /// The next token, or `None` at the end of the bytes.
    ///
    /// # Errors
    /// [`Error::Decode`], with the offset of what is not well-formed, and for bytes after the
    /// item; [`Error::TooDeep`].
    pub fn token(&mut self) -> Result<Option<Spanned<'a>>> {
        let start = self.at;
        loop {
            match self.open.last() {
                Some(Open::Items(0)) => {
                    self.open.pop();
                    return Ok(Some((start..start, Token::End)));
                }
                Some(Open::Tag(false)) => self.open.pop(),
                Some(_) => break,
                None if !self.begun => break,
                None if start == self.bytes.len() => return Ok(None),
                None => return self.fail(start, "the item ends here, and bytes follow"),
            };
        }
        self.begun = true;
        let head = self.byte()?;
        let (kind, info) = (head >> 5, head & 0x1f);
        if head == 0xff {
            return self.end(start);
        }
        self.count(start, kind, info)?;
        let token = match kind {
            7 => self.simple(start, info)?,
            _ if info == 31 => self.endless(start, kind)?,
            _ => {
                let argument = self.argument(start, info)?;
                self.item(start, kind, argument)?
            }
        };
        Ok(Some((start..self.at, token)))
    }

    fn item(&mut self, start: usize, kind: u8, argument: u64) -> Result<Token<'a>> {
        Ok(match kind {
            0 => Token::Unsigned(argument),
            1 => Token::Negative(argument),
            2 => Token::Bytes(self.take(start, argument)?),
            3 => {
                let text = self.take(start, argument)?;
                if self.skim {
                    return Ok(Token::Text(""));
                }
                let text = std::str::from_utf8(text);
                let text = text.or_else(|error| {
                    let at = self.at - argument as usize + error.valid_up_to();
                    self.fail(at, "the text is not UTF-8")
                })?;
                Token::Text(text)
            }
            6 => {
                self.nest(start, Open::Tag(true))?;
                Token::Tag(argument)
            }
            _ => {
                let each = u64::from(kind) - 3;
                let left = (self.bytes.len() - self.at) as u64;
                // Each item takes a byte at least: what claims more is cut off already.
                let items = argument.checked_mul(each).filter(|items| *items <= left);
                let Some(items) = items else {
                    let reason =
                        format!("{argument} entries are announced, and {left} bytes are left");
                    return self.fail(start, reason);
                };
                self.nest(start, Open::Items(items))?;
                match kind {
                    4 => Token::List(Some(argument)),
                    _ => Token::Map(Some(argument)),
                }
            }
        })
    }

    /// Counts an item of what is open, and checks that it may stand there.
    fn count(&mut self, start: usize, kind: u8, info: u8) -> Result<()> {
        match self.open.last_mut() {
            Some(Open::Items(left)) => *left -= 1,
            Some(Open::Tag(left)) => *left = false,
            Some(Open::Endless { odd: Some(odd) }) => *odd = !*odd,
            Some(Open::Pieces(of)) if *of != kind || info == 31 => {
                return self.fail(
                    start,
                    "the pieces of a string are of its kind and have a length",
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// An item of indefinite length begins.
    fn endless(&mut self, start: usize, kind: u8) -> Result<Token<'a>> {
        if self.strict {
            return self.fail(start, "an item of indefinite length");
        }
        let (open, token) = match kind {
            2 | 3 => (Open::Pieces(kind), Token::Pieces(kind == 3)),
            4 => (Open::Endless { odd: None }, Token::List(None)),
            5 => (Open::Endless { odd: Some(false) }, Token::Map(None)),
            _ => return self.fail(start, format!("kind {kind} has no indefinite length")),
        };
        self.nest(start, open)?;
        Ok(token)
    }

    /// `ff`.
    fn end(&mut self, start: usize) -> Result<Option<Spanned<'a>>> {
        match self.open.last() {
            Some(Open::Endless { odd: Some(true) }) => {
                self.fail(start, "the map ends after a name without a value")
            }
            Some(Open::Endless { .. } | Open::Pieces(_)) => {
                self.open.pop();
                Ok(Some((start..self.at, Token::End)))
            }
            _ => self.fail(start, "nothing of indefinite length ends here"),
        }
    }

    /// Kind 7.
    fn simple(&mut self, start: usize, info: u8) -> Result<Token<'a>> {
        if self.strict && (25..=26).contains(&info) {
            return self.fail(start, "a float of less than 64 bits");
        }
        Ok(match info {
            20 => Token::Bool(false),
            21 => Token::Bool(true),
            22 => Token::Null,
            23 => Token::Undefined,
            0..20 => Token::Simple(info),
            24 => match self.byte()? {
                // RFC 8949 forbids 24 to 31 here, and RFC 7049 did not.
                value @ 24.. => Token::Simple(value),
                _ => return self.fail(start, "a simple value in a longer form than it needs"),
            },
            25 => Token::Float(half(u16::from_be_bytes(self.chunk()?))),
            26 => Token::Float(f32::from_be_bytes(self.chunk()?).into()),
            27 => Token::Float(f64::from_be_bytes(self.chunk()?)),
            _ => return self.fail(start, "a head that means nothing"),
        })
    }

    /// The argument of a head.
    fn argument(&mut self, start: usize, info: u8) -> Result<u64> {
        let (argument, least) = match info {
            0..24 => return Ok(info.into()),
            24 => (self.byte()?.into(), 24),
            25 => (u16::from_be_bytes(self.chunk()?).into(), 1 << 8),
            26 => (u32::from_be_bytes(self.chunk()?).into(), 1 << 16),
            27 => (u64::from_be_bytes(self.chunk()?), 1 << 32),
            _ => return self.fail(start, "a head that means nothing"),
        };
        if self.strict && argument < least {
            return self.fail(start, format!("{argument} in a longer form than it needs"));
        }
        Ok(argument)
    }

    fn nest(&mut self, start: usize, open: Open) -> Result<()> {
        if self.open.len() == MAX_DEPTH {
            return Err(Error::TooDeep {
                codec: self.codec,
                offset: start,
            });
        }
        self.open.push(open);
        Ok(())
    }

    fn take(&mut self, start: usize, length: u64) -> Result<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = usize::try_from(length).ok().and_then(|n| rest.get(..n));
        let Some(taken) = taken else {
            let left = rest.len();
            let reason = format!("{length} bytes are announced, and {left} are left");
            return self.fail(start, reason);
        };
        self.at += taken.len();
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        let [byte] = self.chunk()?;
        Ok(byte)
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(chunk) = rest.first_chunk() else {
            return self.fail(self.bytes.len(), "the bytes end within an item");
        };
        self.at += N;
        Ok(*chunk)
    }

    fn fail<T>(&self, at: usize, reason: impl Into<String>) -> Result<T> {
        Err(Error::decode(self.codec, at, reason))
    }
}
