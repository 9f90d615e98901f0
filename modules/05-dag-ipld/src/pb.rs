//! dag-pb: data, and links that may have a name and a size.
//!
//! The first format of IPFS, and still that of files and folders. A node is a protobuf:
//!
//! ```text
//! 12 33                     PBNode.Links = 2, a PBLink of 51 bytes; one for each link
//!    0a 24 01551220…           Hash  = 1   the CID
//!    12 09 hello.txt           Name  = 2   bytes, as a rule UTF-8
//!    18 06                     Tsize = 3   bytes of the whole DAG below, as its writer says
//! 0a 02 0801                PBNode.Data = 1, here UnixFS's "this is a folder"
//! ```
//!
//! The links come before the data, though their number is the higher: the first encoder did so,
//! and since every CID depends on it, so do all others. Links are sorted by the bytes of their
//! names, those without one first, and stay in their order where names are equal: the chunks of
//! a file have no names.
//!
//! Decoding is as strict as the [specification](https://ipld.io/specs/codecs/dag-pb/spec/) and as
//! [go-codec-dagpb](https://github.com/ipld/go-codec-dagpb), so that this node has the blocks that
//! Kubo has:
//!
//! | in the bytes | |
//! | --- | --- |
//! | data before links | taken: old blocks have it; encoding makes another block of it |
//! | links in another order than by name | taken, in their order; likewise |
//! | links, data, links; data twice | refused |
//! | fields of a link out of order, or twice; a link without a CID | refused |
//! | a field of another number or wire type | refused |
//! | a varint longer than it has to be | taken; likewise |
//! | bytes after the CID in `Hash` | refused (Go ignores them; no writer is known to make them) |
//! | names that are not UTF-8 | taken: file names on Linux are bytes |

mod form;
mod read;

use block_cid::binary;
use bytes::Bytes;

use crate::protobuf::{put_bytes, put_length, put_varint, varint_len};
use crate::{Cid, Result};

pub use read::{Part, Parts};

/// A node of dag-pb: `PBNode`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The links, in the order of the block.
    pub links: Vec<Link>,
    /// The data; `Some` of no bytes is another block than `None`.
    pub data: Option<Bytes>,
}

/// A link of dag-pb: `PBLink`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it leads to.
    pub cid: Cid,
    /// Its name. Kubo writes a name always, and an empty one where there is none.
    pub name: Option<Bytes>,
    /// How many bytes the blocks below have together, itself included, duplicates counted each
    /// time. Nobody checks it.
    pub size: Option<u64>,
}

impl Node {
    /// The bytes of the block, with the links sorted by name.
    pub fn encode(&self) -> Vec<u8> {
        let mut order: Vec<&Link> = self.links.iter().collect();
        order.sort_by_key(|link| link.name());
        let data = self.data.as_ref().map_or(0, |data| data.len() + 11);
        let links: usize = order.iter().map(|link| link.len() + 11).sum();
        let mut out = Vec::with_capacity(links + data);
        for link in order {
            put_length(&mut out, 2, link.len());
            link.encode(&mut out);
        }
        if let Some(data) = &self.data {
            put_bytes(&mut out, 1, data);
        }
        out
    }

    /// The node in the bytes of a block. Data and names share the memory of `bytes`.
    ///
    /// # Errors
    /// [`Error::Decode`](crate::Error::Decode), with the offset of what is wrong.
    pub fn decode(bytes: &Bytes) -> Result<Node> {
        let mut node = Node::default();
        for part in Parts::new(bytes) {
            match part? {
                Part::Data(range) => node.data = Some(bytes.slice(range)),
                Part::Link { cid, name, size } => node.links.push(Link {
                    cid,
                    name: name.map(|range| bytes.slice(range)),
                    size,
                }),
            }
        }
        Ok(node)
    }
}

impl Link {
    /// The bytes that it is sorted by.
    fn name(&self) -> &[u8] {
        self.name.as_deref().unwrap_or_default()
    }

    /// The length of the message in bytes.
    fn len(&self) -> usize {
        let field = |len: usize| 1 + varint_len(len as u64) + len;
        field(self.cid.encoded_len())
            + self.name.as_ref().map_or(0, |name| field(name.len()))
            + self.size.map_or(0, |size| 1 + varint_len(size))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_bytes(out, 1, &self.cid.to_bytes());
        if let Some(name) = &self.name {
            put_bytes(out, 2, name);
        }
        if let Some(size) = self.size {
            put_varint(out, 3, size);
        }
    }
}

/// Shows each link of a block to `see`, in its order, in memory that does not grow with it.
///
/// # Errors
/// As [`Node::decode`]. Links before the fault were shown.
pub fn links(block: &[u8], see: &mut dyn FnMut(Cid)) -> Result<()> {
    for part in Parts::new(block) {
        if let Part::Link { cid, .. } = part? {
            see(cid);
        }
    }
    Ok(())
}

/// The CID in these bytes of a block, which may be no CID.
fn cid_at(bytes: &[u8], at: usize) -> Result<Cid, (usize, String)> {
    binary::decode(bytes).map_err(|error| match error {
        block_cid::Error::Bytes { offset, reason, .. } => {
            (at + offset, format!("in the CID of a link: {reason}"))
        }
        error => (at, error.to_string()),
    })
}
