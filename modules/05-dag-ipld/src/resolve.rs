//! From a path to what it leads to.
//!
//! ```text
//! /ipfs/bafyA/list/0/who/name
//!             └────┤ └──┤ └ a field of bafyC: the remainder is "name"
//!    bafyA: a link ┘    └ bafyB: a link to bafyC
//! ```

use block_cid::Blockstore;
use bytes::Bytes;

use crate::error::quoted;
use crate::path::{Path, Scope};
use crate::{Cid, Codec, Dag, Ipld, Result, pb};

/// What a path leads to, or why it does not.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<T> {
    /// This.
    Found(T),
    /// Nobody knows: a block on the way is missing.
    Missing(Box<Missing>),
    /// Nothing: the way ends before the path does.
    Nothing(Box<Nothing>),
}

/// A block, and where in its value a path ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The last block of the path.
    pub cid: Cid,
    /// The segments that lead through its value, none if they all led here.
    pub remainder: Vec<String>,
}

/// A block on the way is neither in the store nor to be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("block {cid} is not there: {so_far} leads to it{}", beyond(.rest))]
pub struct Missing {
    /// The block.
    pub cid: Cid,
    /// The path to it.
    pub so_far: Path,
    /// What the path says after that.
    pub rest: Vec<String>,
}

/// A segment that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {segment:?} in {so_far}: it is {is}")]
pub struct Nothing {
    /// The path up to it.
    pub so_far: Path,
    /// The segment.
    pub segment: String,
    /// What is there instead, as `a list of 3`.
    pub is: String,
}

fn beyond(rest: &[String]) -> String {
    match rest.is_empty() {
        true => String::new(),
        false => format!(", and {} lies beyond", rest.join("/")),
    }
}

impl<T> Answer<T> {
    /// This, or an error for who needs it.
    ///
    /// # Errors
    /// [`Missing`] or [`Nothing`], as an error of this crate.
    pub fn found(self) -> Result<T> {
        match self {
            Answer::Found(found) => Ok(found),
            Answer::Missing(missing) => Err(missing.into()),
            Answer::Nothing(nothing) => Err(nothing.into()),
        }
    }
}

/// Where some segments lead within one block.
enum Way {
    /// To a link, so many segments on.
    Link(Cid, usize),
    /// To a value, with all of them.
    Value(Ipld),
    /// So many segments on, to something that does not have the next.
    Nowhere(usize, String),
}

impl<B: Blockstore> Dag<B> {
    /// The block that a path leads to, and what remains of the path within it. The block itself is not
    /// read, and need not be there: a path that ends at a link is resolved by the block before.
    ///
    /// # Errors
    /// As [`value`](Dag::value), of the blocks on the way.
    pub fn resolve(&self, path: &Path) -> Result<Answer<Place>> {
        Ok(match self.follow(path)? {
            Answer::Found((place, _)) => Answer::Found(place),
            Answer::Missing(missing) => Answer::Missing(missing),
            Answer::Nothing(nothing) => Answer::Nothing(nothing),
        })
    }

    /// The value that a path leads to.
    ///
    /// # Errors
    /// As [`value`](Dag::value).
    pub fn get(&self, path: &Path) -> Result<Answer<Ipld>> {
        let place = match self.follow(path)? {
            Answer::Found((_, Some(value))) => return Ok(Answer::Found(value)),
            Answer::Found((place, None)) => place,
            Answer::Missing(missing) => return Ok(Answer::Missing(missing)),
            Answer::Nothing(nothing) => return Ok(Answer::Nothing(nothing)),
        };
        Ok(match self.value(&place.cid)? {
            Some(value) => Answer::Found(value),
            None => missing(path, place.cid, path.segments.len()),
        })
    }

    /// Where a path ends, and the value there, if that is within a block that had to be read.
    fn follow(&self, path: &Path) -> Result<Answer<(Place, Option<Ipld>)>> {
        let mut cid = path.root;
        let mut walked = 0;
        loop {
            let rest = path.segments.get(walked..).unwrap_or_default();
            let remainder = rest.to_vec();
            if rest.is_empty() {
                return Ok(Answer::Found((Place { cid, remainder }, None)));
            }
            let Some(bytes) = self.bytes(&cid)? else {
                return Ok(missing(path, cid, walked));
            };
            match way(Codec::of(&cid)?, &bytes, path.scope, rest)? {
                Way::Link(next, used) => {
                    cid = next;
                    walked += used;
                }
                Way::Value(value) => {
                    return Ok(Answer::Found((Place { cid, remainder }, Some(value))));
                }
                Way::Nowhere(used, is) => {
                    let at = walked + used;
                    return Ok(Answer::Nothing(Box::new(Nothing {
                        so_far: path.start(at),
                        segment: path.segments.get(at).cloned().unwrap_or_default(),
                        is,
                    })));
                }
            }
        }
    }
}

fn missing<T>(path: &Path, cid: Cid, walked: usize) -> Answer<T> {
    Answer::Missing(Box::new(Missing {
        cid,
        so_far: path.start(walked),
        rest: path.segments.get(walked..).unwrap_or_default().to_vec(),
    }))
}

/// Where the segments, of which there is one at least, lead within a block.
fn way(codec: Codec, bytes: &Bytes, scope: Scope, segments: &[String]) -> Result<Way> {
    if let (Codec::DagPb, Scope::Ipfs, [name, ..]) = (codec, scope, segments) {
        let links = pb::Node::decode(bytes)?.links;
        let named = |link: &&pb::Link| link.name.as_deref() == Some(name.as_bytes());
        return Ok(match links.iter().find(named) {
            Some(link) => Way::Link(link.cid, 1),
            None => Way::Nowhere(
                0,
                format!("a dag-pb node with {}", counted(links.len(), "link")),
            ),
        });
    }
    Ok(within(codec.decode_relaxed(bytes)?, segments))
}

/// Goes through one value. Its parts are taken out of it, and not copied.
fn within(mut value: Ipld, segments: &[String]) -> Way {
    for (used, segment) in segments.iter().enumerate() {
        let is = kind(&value);
        let next = match value {
            Ipld::Link(cid) => return Way::Link(*cid, used),
            Ipld::Map(mut map) => map.swap_remove(segment),
            Ipld::List(mut list) => index(segment)
                .filter(|at| *at < list.len())
                .map(|at| list.swap_remove(at)),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return Way::Nowhere(used, is),
        }
    }
    match value {
        Ipld::Link(cid) => Way::Link(*cid, segments.len()),
        value => Way::Value(value),
    }
}

/// An index of a list: digits and nothing else.
fn index(segment: &str) -> Option<usize> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    segment.parse().ok().filter(|_| digits)
}

/// What a value is, for who looked for something in it.
fn kind(value: &Ipld) -> String {
    match value {
        Ipld::Null => "null".into(),
        Ipld::Bool(_) => "a boolean".into(),
        Ipld::Integer(_) | Ipld::Float(_) => "a number".into(),
        Ipld::String(_) => "a text".into(),
        Ipld::Bytes(bytes) => counted(bytes.len(), "byte"),
        Ipld::List(list) => format!("a list of {}", list.len()),
        Ipld::Map(map) => {
            let keys = map.keys().take(KEYS).map(|key| quoted(key));
            let keys: Vec<String> = keys.collect();
            let more = if map.len() > KEYS { ", …" } else { "" };
            match map.len() {
                0 => "an empty map".into(),
                _ => format!("a map with {}{more}", keys.join(", ")),
            }
        }
        Ipld::Link(_) => "a link".into(),
    }
}

/// How many keys of a map are told.
const KEYS: usize = 8;

fn counted(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}
