//! A node of a file's tree.

use bytes::Bytes;
use dag_ipld::pb;

use crate::unixfs::{Data, Meta, Type};
use crate::{Result, Root, Sink};

/// A node that is being filled.
#[derive(Clone, Debug, Default)]
pub struct Node {
    links: Vec<pb::Link>,
    sizes: Vec<u64>,
    dag: u64,
}

impl Node {
    /// How many links it has.
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// What it links to, if that is one.
    pub fn only(&self) -> Option<Root> {
        match (self.links.as_slice(), self.sizes.as_slice()) {
            ([link], [bytes]) => Some(Root {
                cid: link.cid,
                bytes: *bytes,
                dag: self.dag,
            }),
            _ => None,
        }
    }

    /// Adds a link at the end.
    pub fn push(&mut self, child: Root) {
        self.links.push(pb::Link {
            cid: child.cid,
            // Chunks have no names, and Kubo writes that down.
            name: Some(Bytes::new()),
            size: Some(child.dag),
        });
        self.sizes.push(child.bytes);
        self.dag += child.dag;
    }

    /// Gives the block away, and is empty again.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn close(&mut self, meta: Meta, sink: &mut impl Sink) -> Result<Root> {
        let Node { links, sizes, dag } = std::mem::take(self);
        let bytes = sizes.iter().sum();
        let data = Data {
            filesize: Some(bytes),
            blocksizes: sizes,
            ..Data::new(Type::File).with_meta(meta)
        };
        let block = pb::Node {
            links,
            data: Some(data.encode().into()),
        }
        .encode();
        let dag = dag + block.len() as u64;
        let cid = sink.node(block)?;
        Ok(Root { cid, bytes, dag })
    }
}
