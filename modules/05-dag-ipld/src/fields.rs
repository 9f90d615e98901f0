//! A block taken apart: which of its bytes mean what.
//!
//! ```text
//! a2                        map of 2
//!   63 77686f                 name    "who"
//!   d8 2a 58 25 00 0171…      who     link bafy…
//! ```

mod cbor;
mod json;
mod pb;

use std::ops::Range;

use block_cid::Hash;

use crate::{Cid, Codec, Error};

/// Some bytes of a block, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which bytes, counted from the start of the block.
    pub range: Range<usize>,
    /// How many fields it lies within.
    pub level: usize,
    /// What it is, as `Hash`, or where, as `list/0`.
    pub name: String,
    /// What it says, for people.
    pub meaning: String,
}

/// The fields of a block, by where they begin, outer ones before those within them; at most `most` of
/// them, and then nothing is said of the rest. From where the bytes are not in the codec, one field
/// says why.
pub fn fields(codec: Codec, bytes: &[u8], most: usize) -> Vec<Field> {
    let mut fields = Fields {
        fields: Vec::new(),
        most,
    };
    let end = match codec {
        Codec::Raw => {
            fields.add(0..bytes.len(), 0, "bytes", preview(bytes));
            Ok(())
        }
        Codec::DagPb => pb::read(bytes, &mut fields),
        Codec::DagCbor | Codec::Cbor => cbor::read(codec, bytes, &mut fields),
        Codec::DagJson | Codec::Json => json::read(codec, bytes, &mut fields),
    };
    if let Err(error) = end {
        let at = match error {
            Error::Decode { offset, .. } | Error::TooDeep { offset, .. } => offset,
            _ => 0,
        };
        fields.add(at..bytes.len(), 0, "unreadable", error.to_string());
    }
    fields.fields
}

/// Fields in the making.
struct Fields {
    fields: Vec<Field>,
    most: usize,
}

impl Fields {
    /// Adds one, and says where it is.
    fn add(
        &mut self,
        range: Range<usize>,
        level: usize,
        name: impl Into<String>,
        meaning: impl Into<String>,
    ) -> usize {
        if !self.is_full() {
            self.fields.push(Field {
                range,
                level,
                name: name.into(),
                meaning: meaning.into(),
            });
        }
        self.fields.len().saturating_sub(1)
    }

    /// A field that was begun ends here.
    fn end(&mut self, at: usize, end: usize) {
        if let Some(field) = self.fields.get_mut(at) {
            field.range.end = field.range.end.max(end);
        }
    }

    fn is_full(&self) -> bool {
        self.fields.len() >= self.most
    }
}

/// How much of a text or of bytes is told.
const SHOWN: usize = 60;

/// A text in quotes, or its start.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// Bytes as text where they are one, else how many there are.
fn preview(bytes: &[u8]) -> String {
    let count = match bytes.len() {
        1 => "1 byte".to_owned(),
        n => format!("{n} bytes"),
    };
    let is_text = |c: char| !c.is_control() || c.is_whitespace();
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.chars().all(is_text) => {
            format!("{count}: {}", quoted(text))
        }
        _ => count,
    }
}

/// What a CID says.
fn cid(cid: &Cid) -> String {
    let hash = match Hash::from_code(cid.hash().code()) {
        Ok(hash) => hash.to_string(),
        Err(_) => format!("0x{:x}", cid.hash().code()),
    };
    format!("{cid} ({}, {hash})", block_cid::codec::display(cid.codec()))
}
