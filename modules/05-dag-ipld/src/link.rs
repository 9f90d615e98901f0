//! The links of a block, with where in it they are.

use bytes::Bytes;

use crate::{Cid, Codec, Ipld, Result, pb};

/// A link of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it stands. A named link of dag-pb is one segment, its name; one without a name is
    /// `Links/0`, with its index; in every other codec there is a segment for each key and index.
    pub path: Vec<String>,
    /// What it leads to.
    pub cid: Cid,
}

/// The links of a block, in order, and with their paths.
///
/// # Errors
/// [`Error::Decode`](crate::Error::Decode) if the bytes are not in the codec.
pub fn links(codec: Codec, bytes: &Bytes) -> Result<Vec<Link>> {
    match codec {
        Codec::Raw => Ok(Vec::new()),
        Codec::DagPb => {
            let links = pb::Node::decode(bytes)?.links;
            let link = |(at, link): (usize, &pb::Link)| Link {
                path: vec![segment(at, link)],
                cid: link.cid,
            };
            Ok(links.iter().enumerate().map(link).collect())
        }
        _ => {
            let mut links = Vec::new();
            collect(&codec.decode_relaxed(bytes)?, &mut Vec::new(), &mut links);
            Ok(links)
        }
    }
}

/// The segment of a path that a link of dag-pb is, at this index.
pub(crate) fn segment(at: usize, link: &pb::Link) -> String {
    match link.name.as_deref() {
        None | Some([]) => format!("Links/{at}"),
        Some(name) => String::from_utf8_lossy(name).into_owned(),
    }
}

/// As deep as the codecs let a value be.
fn collect(value: &Ipld, path: &mut Vec<String>, links: &mut Vec<Link>) {
    match value {
        Ipld::Link(cid) => links.push(Link {
            path: path.clone(),
            cid: **cid,
        }),
        Ipld::List(list) => {
            for (at, value) in list.iter().enumerate() {
                path.push(at.to_string());
                collect(value, path, links);
                path.pop();
            }
        }
        Ipld::Map(map) => {
            for (key, value) in map.iter() {
                path.push(key.clone());
                collect(value, path, links);
                path.pop();
            }
        }
        _ => {}
    }
}
