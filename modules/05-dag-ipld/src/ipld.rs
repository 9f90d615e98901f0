//! The data model: what a block says, whatever its codec.
//!
//! | kind | in JSON | in CBOR |
//! | --- | --- | --- |
//! | null, bool, string, list, map | has them | has them |
//! | integer | digits | major types 0 and 1 |
//! | float | digits with a point or an exponent | major type 7 |
//! | bytes | `{"/":{"bytes":"aGVsbG8"}}` | major type 2 |
//! | link | `{"/":"bafy…"}` | tag 42 |
//!
//! Source: [Data model kinds](https://ipld.io/docs/data-model/kinds/).
//!
//! The type has the shape of `ipld_core::ipld::Ipld`, and three differences: a link has room for
//! each CID that Kubo takes (the other's digests end at 64 bytes), a map keeps the order of its
//! entries (Kubo writes `json` and `cbor` in it), and bytes share the memory of their block.
//! [`convert`] goes from one to the other.

pub mod convert;

use bytes::Bytes;
use indexmap::IndexMap;

use crate::Cid;

/// The most levels that lists and maps are nested, decoding or encoding.
///
/// Kubo allows 1024. Whatever takes a value apart may recurse this deep, on a thread with a
/// stack of 256 KiB.
pub const MAX_DEPTH: usize = 128;

/// The entries of a map, in the order of the block.
pub type Map = IndexMap<String, Ipld>;

/// A value of the data model.
///
/// Two maps are equal if they have the same entries, in any order.
#[derive(Clone, Debug, PartialEq)]
pub enum Ipld {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer; the codecs have those from -2^64 to 2^64 - 1.
    Integer(i128),
    /// A float of 64 bits. The data model has none that is not finite.
    Float(f64),
    /// Text in UTF-8.
    String(String),
    /// Bytes; boxed, as are maps and links, so that no value has to be as large.
    Bytes(Box<Bytes>),
    /// Values in a row.
    List(Vec<Ipld>),
    /// Values by name.
    Map(Box<Map>),
    /// A link to another block.
    Link(Box<Cid>),
}

impl Ipld {
    /// The name of its kind, as `list`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Ipld::Null => "null",
            Ipld::Bool(_) => "bool",
            Ipld::Integer(_) => "integer",
            Ipld::Float(_) => "float",
            Ipld::String(_) => "string",
            Ipld::Bytes(_) => "bytes",
            Ipld::List(_) => "list",
            Ipld::Map(_) => "map",
            Ipld::Link(_) => "link",
        }
    }

    /// Shows each link of the value to `see`, in the order of the value.
    pub fn links(&self, see: &mut dyn FnMut(&Cid)) {
        match self {
            Ipld::Link(cid) => see(cid),
            Ipld::List(items) => items.iter().for_each(|item| item.links(see)),
            Ipld::Map(map) => map.values().for_each(|value| value.links(see)),
            _ => {}
        }
    }
}

impl From<Cid> for Ipld {
    fn from(cid: Cid) -> Ipld {
        Ipld::Link(Box::new(cid))
    }
}

impl From<Bytes> for Ipld {
    fn from(bytes: Bytes) -> Ipld {
        Ipld::Bytes(Box::new(bytes))
    }
}

impl From<Map> for Ipld {
    fn from(map: Map) -> Ipld {
        Ipld::Map(Box::new(map))
    }
}

impl From<&str> for Ipld {
    fn from(text: &str) -> Ipld {
        Ipld::String(text.to_owned())
    }
}

impl<const N: usize> From<[(&str, Ipld); N]> for Ipld {
    fn from(entries: [(&str, Ipld); N]) -> Ipld {
        let entries = entries.map(|(name, value)| (name.to_owned(), value));
        Ipld::from(entries.into_iter().collect::<Map>())
    }
}

/// The value of a map that has this one name.
pub(crate) fn only<'a>(map: &'a Map, name: &str) -> Option<&'a Ipld> {
    let (first, value) = map.first()?;
    (map.len() == 1 && first == name).then_some(value)
}
