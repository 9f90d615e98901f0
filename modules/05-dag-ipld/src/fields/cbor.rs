//! The fields of CBOR.

use block_cid::binary;

use super::{Fields, cid, preview, quoted};
use crate::cbor::{LINK, Reader, Token};
use crate::{Codec, Result};

/// A list or map that is not at its end.
struct Open {
    field: usize,
    place: Place,
}

/// Where the next item stands.
enum Place {
    /// At this index.
    Index(u64),
    /// In a map, under the name that comes next.
    Name,
    /// In a map, under this name.
    Under(String),
    /// In a row of pieces, which have no names.
    Piece,
}

pub(super) fn read(codec: Codec, bytes: &[u8], fields: &mut Fields) -> Result<()> {
    let mut reader = Reader::new(codec, bytes);
    let mut open: Vec<Open> = Vec::new();
    // Tags stand before the item that they are of.
    let mut tag: Option<(usize, u64)> = None;
    while !fields.is_full()
        && let Some((range, token)) = reader.token()?
    {
        if token == Token::End {
            if let Some(open) = open.pop() {
                fields.end(open.field, range.end);
            }
            continue;
        }
        if let Token::Tag(number) = token {
            tag = tag.or(Some((range.start, number)));
            continue;
        }
        let tagged = tag.take();
        let range = tagged.map_or(range.start, |(start, _)| start)..range.end;
        let level = open.len();
        let place = open.last_mut().map(|open| &mut open.place);
        let name = match (place, &token) {
            (Some(place @ Place::Name), Token::Text(text)) => {
                *place = Place::Under((*text).to_owned());
                fields.add(range, level, "name", quoted(text));
                continue;
            }
            (Some(place @ Place::Under(_)), _) => match std::mem::replace(place, Place::Name) {
                Place::Under(name) => name,
                _ => String::new(),
            },
            (Some(Place::Index(at)), _) => {
                *at += 1;
                (*at - 1).to_string()
            }
            (Some(Place::Name), _) => "name".to_owned(),
            (Some(Place::Piece), _) => "piece".to_owned(),
            (None, _) => "value".to_owned(),
        };
        let (meaning, holds) = said(&token, tagged.map(|(_, number)| number));
        let field = fields.add(range, level, name, meaning);
        if let Some(place) = holds {
            open.push(Open { field, place });
        }
    }
    Ok(())
}

/// What a token says, and if it holds others, where the first of them stands.
fn said(token: &Token<'_>, tag: Option<u64>) -> (String, Option<Place>) {
    let of = |what: &str, n: &Option<u64>| match n {
        Some(n) => format!("{what} of {n}"),
        None => format!("{what} of no stated length"),
    };
    let (meaning, holds) = match token {
        Token::List(n) => (of("list", n), Some(Place::Index(0))),
        Token::Map(n) => (of("map", n), Some(Place::Name)),
        Token::Pieces(true) => ("text in pieces".to_owned(), Some(Place::Piece)),
        Token::Pieces(false) => ("bytes in pieces".to_owned(), Some(Place::Piece)),
        Token::Unsigned(n) => (n.to_string(), None),
        Token::Negative(n) => ((-1 - i128::from(*n)).to_string(), None),
        Token::Bytes([0, link @ ..]) if tag == Some(LINK) => match binary::decode(link) {
            Ok(link) => return (format!("link {}", cid(&link)), None),
            Err(error) => (error.to_string(), None),
        },
        Token::Bytes(bytes) => (preview(bytes), None),
        Token::Text(text) => (quoted(text), None),
        Token::Bool(value) => (value.to_string(), None),
        Token::Null => ("null".to_owned(), None),
        Token::Undefined => ("undefined".to_owned(), None),
        Token::Simple(n) => (format!("simple value {n}"), None),
        Token::Float(value) => (format!("{value:?}"), None),
        Token::End | Token::Tag(_) => (String::new(), None),
    };
    match tag {
        Some(number) => (format!("tag {number}: {meaning}"), holds),
        None => (meaning, holds),
    }
}
