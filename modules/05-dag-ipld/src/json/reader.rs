//! From bytes to tokens.

use std::borrow::Cow;
use std::ops::Range;

use super::{number, text};
use crate::ipld::MAX_DEPTH;
use crate::{Codec, Error, Result};

/// A piece of JSON. A list or map begins with its token and ends with [`Token::End`].
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// `[`
    List,
    /// `{`
    Map,
    /// The name of the value that follows, in a map.
    Name(Cow<'a, str>),
    /// `]` or `}`
    End,
    /// Text.
    Text(Cow<'a, str>),
    /// A number of digits alone, from -2^64 to 2^64 - 1.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Nothing.
    Null,
}

/// A token and where its bytes are; those of a list or map are its brackets.
pub type Spanned<'a> = (Range<usize>, Token<'a>);

/// Reads one value, and those within it. Memory: a byte a level, and one string.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    codec: Codec,
    bytes: &'a [u8],
    at: usize,
    /// What closes each open list and map, the innermost last.
    open: Vec<u8>,
    next: Next,
}

/// What may come.
#[derive(Clone, Copy, Debug)]
enum Next {
    Value,
    /// A value, or the end of a list without any.
    ValueOrEnd,
    Name,
    /// A name, or the end of a map without any.
    NameOrEnd,
    /// What stands between a name and its value.
    Colon,
    /// A comma or an end; where nothing is open, the end of the bytes.
    More,
}

impl<'a> Reader<'a> {
    /// Reads these bytes; errors name this codec.
    pub fn new(codec: Codec, bytes: &'a [u8]) -> Reader<'a> {
        Reader {
            codec,
            bytes,
            at: 0,
            open: Vec::new(),
            next: Next::Value,
        }
    }

    /// The next token, or `None` at the end of the bytes.
    ///
    /// # Errors
    /// [`Error::Decode`], with the offset of what is no JSON, and for anything but white space
    /// after the value; [`Error::TooDeep`].
    pub fn token(&mut self) -> Result<Option<Spanned<'a>>> {
        let mut byte = self.skip();
        match (self.next, byte, self.open.last()) {
            (Next::More, None, None) => return Ok(None),
            (Next::More, Some(_), None) => {
                return self.fail("the value ends here, and bytes follow");
            }
            (Next::More, Some(b','), Some(close)) => {
                self.next = match close {
                    b'}' => Next::Name,
                    _ => Next::Value,
                };
                self.at += 1;
                byte = self.skip();
            }
            (Next::Colon, Some(b':'), _) => {
                self.next = Next::Value;
                self.at += 1;
                byte = self.skip();
            }
            _ => {}
        }
        let Some(byte) = byte else {
            return self.fail("the bytes end within a value");
        };
        let start = self.at;
        let token = match self.next {
            Next::More | Next::ValueOrEnd | Next::NameOrEnd if self.open.last() == Some(&byte) => {
                self.at += 1;
                self.open.pop();
                self.next = Next::More;
                Token::End
            }
            Next::Value | Next::ValueOrEnd => self.value(byte)?,
            Next::Name | Next::NameOrEnd if byte == b'"' => {
                self.next = Next::Colon;
                Token::Name(self.text()?)
            }
            Next::Name | Next::NameOrEnd => return self.fail("a name in a map is text"),
            Next::Colon => return self.fail("a colon has to follow a name"),
            Next::More => return self.fail("a comma has to follow, or the end of what is open"),
        };
        Ok(Some((start..self.at, token)))
    }

    fn value(&mut self, byte: u8) -> Result<Token<'a>> {
        let (token, next) = match byte {
            b'[' => (self.nest(b']', Token::List)?, Next::ValueOrEnd),
            b'{' => (self.nest(b'}', Token::Map)?, Next::NameOrEnd),
            b'"' => (Token::Text(self.text()?), Next::More),
            b't' => (self.word("true", Token::Bool(true))?, Next::More),
            b'f' => (self.word("false", Token::Bool(false))?, Next::More),
            b'n' => (self.word("null", Token::Null)?, Next::More),
            b'-' | b'0'..=b'9' => (self.number()?, Next::More),
            _ => return self.fail("no value begins here"),
        };
        self.next = next;
        Ok(token)
    }

    fn nest(&mut self, close: u8, token: Token<'a>) -> Result<Token<'a>> {
        if self.open.len() == MAX_DEPTH {
            return Err(Error::TooDeep {
                codec: self.codec,
                offset: self.at,
            });
        }
        self.open.push(close);
        self.at += 1;
        Ok(token)
    }

    fn text(&mut self) -> Result<Cow<'a, str>> {
        let (value, end) = text::read(self.bytes, self.at)
            .map_err(|(at, reason)| Error::decode(self.codec, at, reason))?;
        self.at = end;
        Ok(value)
    }

    fn number(&mut self) -> Result<Token<'a>> {
        let (token, end) = number::read(self.bytes, self.at)
            .map_err(|(at, reason)| Error::decode(self.codec, at, reason))?;
        self.at = end;
        Ok(token)
    }

    fn word(&mut self, word: &str, token: Token<'a>) -> Result<Token<'a>> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return self.fail("no value begins here");
        }
        self.at += word.len();
        Ok(token)
    }

    /// Goes past white space, to the next byte.
    fn skip(&mut self) -> Option<u8> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let white = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += rest.iter().take_while(white).count();
        self.bytes.get(self.at).copied()
    }

    fn fail<T>(&self, reason: &str) -> Result<T> {
        Err(Error::decode(self.codec, self.at, reason))
    }
}
