//! The links of a block, with where in it they are.

use bytes::Bytes;

use crate::{Cid, Codec, Ipld, Result, Trail, pb};

/// A link of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it stands: a step for each key and index. A named link of dag-pb is one step, its name; one
    /// without a name is `Links/0`, with its index.
    pub path: Trail,
    /// What it leads to.
    pub cid: Cid,
}

/// The links of a block, in order, and with their paths. They take 230 bytes each, and every name on the
/// way to them once, however many links are below it; [`Codec::links`] needs neither.
///
/// # Errors
/// [`Error::Decode`](crate::Error::Decode) if the bytes are not in the codec.
pub fn links(codec: Codec, bytes: &Bytes) -> Result<Vec<Link>> {
    let mut links = Vec::new();
    let root = Trail::default();
    match codec {
        Codec::Raw => {}
        Codec::DagPb => {
            let node = pb::Node::decode(bytes)?;
            links.extend(node.links.iter().enumerate().map(|(at, link)| Link {
                path: step(&root, at, name(link)),
                cid: link.cid,
            }));
        }
        _ => collect(&codec.decode_relaxed(bytes)?, &root, &mut links),
    }
    Ok(links)
}

/// The name of a link of dag-pb; an empty one is none.
pub(crate) fn name(link: &pb::Link) -> Option<String> {
    let name = link.name.as_deref().filter(|name| !name.is_empty())?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// The way to a link of dag-pb, at this index and of this name.
pub(crate) fn step(node: &Trail, at: usize, name: Option<String>) -> Trail {
    match name {
        Some(name) => node.step(name),
        None => node.step("Links").step(at),
    }
}

/// As deep as the codecs let a value be.
fn collect(value: &Ipld, path: &Trail, links: &mut Vec<Link>) {
    match value {
        Ipld::Link(cid) => links.push(Link {
            path: path.clone(),
            cid: **cid,
        }),
        Ipld::List(list) => {
            for (at, value) in list.iter().enumerate().filter(|(_, value)| leads_on(value)) {
                collect(value, &path.step(at), links);
            }
        }
        Ipld::Map(map) => {
            for (key, value) in map.iter().filter(|(_, value)| leads_on(value)) {
                collect(value, &path.step(key.as_str()), links);
            }
        }
        _ => {}
    }
}

/// Whether it is a link, or may have one in it.
fn leads_on(value: &Ipld) -> bool {
    matches!(value, Ipld::Link(_) | Ipld::List(_) | Ipld::Map(_))
}
