//! The fields of JSON.

use super::{Fields, cid, quoted};
use crate::json::{Reader, Token};
use crate::{Codec, Result};

/// A list or map that is not at its end: its field, and what stands in it next.
struct Open {
    field: usize,
    /// The index in a list; none in a map.
    index: Option<usize>,
    name: String,
}

pub(super) fn read(codec: Codec, bytes: &[u8], fields: &mut Fields) -> Result<()> {
    let mut reader = Reader::new(codec, bytes);
    let mut open: Vec<Open> = Vec::new();
    while !fields.is_full()
        && let Some((range, token)) = reader.token()?
    {
        let level = open.len();
        let meaning = match &token {
            Token::End => {
                if let Some(open) = open.pop() {
                    fields.end(open.field, range.end);
                }
                continue;
            }
            Token::Name(name) => {
                fields.add(range, level, "name", quoted(name));
                if let Some(open) = open.last_mut() {
                    open.name = name.clone().into_owned();
                }
                continue;
            }
            Token::List => "list".to_owned(),
            Token::Map => "map".to_owned(),
            Token::Text(text) => quoted(text),
            Token::Integer(value) => value.to_string(),
            Token::Float(value) => format!("{value:?}"),
            Token::Bool(value) => value.to_string(),
            Token::Null => "null".to_owned(),
        };
        let name = match open.last_mut() {
            None => "value".to_owned(),
            Some(Open {
                index: Some(at), ..
            }) => {
                *at += 1;
                (*at - 1).to_string()
            }
            Some(open) => std::mem::take(&mut open.name),
        };
        let meaning = match &token {
            Token::Text(text) if codec == Codec::DagJson && name == "/" => {
                block_cid::text::parse(text).map_or(meaning, |link| format!("link {}", cid(&link)))
            }
            _ => meaning,
        };
        let field = fields.add(range, level, name, meaning);
        if matches!(token, Token::List | Token::Map) {
            open.push(Open {
                field,
                index: (token == Token::List).then_some(0),
                name: String::new(),
            });
        }
    }
    Ok(())
}
