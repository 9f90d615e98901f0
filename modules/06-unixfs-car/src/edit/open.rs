//! A change on its way: nodes that are open, and blocks that are new.

use block_cid::{Block, Blockstore, Hash, codec};
use bytes::Bytes;
use cid::Version;
use dag_ipld::pb::{self, Link};

use super::inline;
use crate::naming::Naming;
use crate::node::Node;
use crate::unixfs::{Data, Mtime, Type};
use crate::{Cid, Error, Result, Root, Sink};

/// New blocks are put when there are so many bytes of them.
const BYTES: usize = 8 << 20;

/// Where new blocks go.
pub(super) struct Out<'a, B> {
    pub(super) store: &'a B,
    /// How new nodes are named.
    pub(super) naming: Naming,
    blocks: Vec<Block>,
    bytes: usize,
}

impl<'a, B: Blockstore> Out<'a, B> {
    /// Nodes are named like the root that `cid` names.
    pub(super) fn new(store: &'a B, cid: &Cid) -> Result<Out<'a, B>> {
        let naming = match Hash::of(cid.hash())? {
            // What was named by its bytes may grow too large for that.
            Hash::IDENTITY => inline(Naming::new(Version::V1, Hash::SHA2_256)?),
            hash => Naming::new(cid.version(), hash)?,
        };
        Ok(Out {
            store,
            naming,
            blocks: Vec::new(),
            bytes: 0,
        })
    }

    /// Keeps a new block.
    pub(super) fn keep(&mut self, block: Block) -> Result<Cid> {
        let cid = *block.cid();
        self.bytes += block.len();
        self.blocks.push(block);
        if self.bytes >= BYTES {
            self.flush()?;
        }
        Ok(cid)
    }

    /// Puts what was kept so far.
    pub(super) fn flush(&mut self) -> Result<()> {
        if !self.blocks.is_empty() {
            self.store.put_many(&self.blocks)?;
        }
        self.blocks.clear();
        self.bytes = 0;
        Ok(())
    }
}

impl<B: Blockstore> Sink for Out<'_, B> {
    fn node(&mut self, block: Vec<u8>) -> Result<Cid> {
        let block = self.naming.block(codec::DAG_PB, block)?;
        self.keep(block)
    }
}

/// A change of one file.
pub(super) struct Work<'a, B> {
    pub(super) out: Out<'a, B>,
    pub(super) file: Cid,
    /// How many bytes the file had, as its root says.
    pub(super) size: u64,
    pub(super) raw_leaves: bool,
    pub(super) links: usize,
    pub(super) now: Option<Mtime>,
}

impl<B: Blockstore> Work<'_, B> {
    /// The node that `cid` names; `offset` is the byte of the file that it is loaded for.
    pub(super) fn load(&mut self, cid: &Cid, offset: u64) -> Result<Node> {
        // What was just made may be asked for.
        self.out.flush()?;
        match self.out.store.get(cid)? {
            Some(block) => Node::of(&block),
            None => Err(Error::MissingPart {
                cid: Box::new(*cid),
                file: Box::new(self.file),
                offset,
            }),
        }
    }

    /// The file that it came to: of one raw leaf, and nothing else to say, that leaf.
    pub(super) fn finish(mut self, root: &Cid) -> Result<Cid> {
        let mut root = *root;
        if self.raw_leaves
            && let Node::Pb(node, data) = self.load(&root, 0)?
            && let [link] = &node.links[..]
            && link.cid.codec() == codec::RAW
            && data.meta.permissions().unwrap_or(0) == 0
            && data.meta.mtime.is_none()
        {
            root = link.cid;
        }
        self.out.flush()?;
        Ok(root)
    }

    /// How a node is named that takes the place of the one that `cid` names.
    pub(super) fn naming_of(&self, cid: &Cid) -> Result<Naming> {
        match Hash::of(cid.hash())? {
            Hash::IDENTITY => Ok(inline(self.out.naming)),
            hash => Naming::new(cid.version(), hash),
        }
    }

    /// The time of the change, in a root that has a time.
    pub(super) fn touch(&self, data: &mut Data) {
        if let (Some(_), Some(now)) = (data.meta.mtime, self.now) {
            data.meta.mtime = Some(now);
        }
    }

    pub(super) fn damaged(&self, offset: u64, reason: String) -> Error {
        Error::File {
            file: Box::new(self.file),
            offset,
            reason,
        }
    }
}

/// A branch that changes.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) links: Vec<Link>,
    pub(super) data: Data,
}

impl Open {
    pub(super) fn new() -> Open {
        Open {
            links: Vec::new(),
            data: Data::new(Type::File),
        }
    }

    /// A node that is there; or why its sizes are none.
    pub(super) fn of(node: pb::Node, data: Data) -> Result<Open, String> {
        if node.links.len() != data.blocksizes.len() {
            return Err(format!(
                "a branch has not as many sizes as links: links {}, sizes {}",
                node.links.len(),
                data.blocksizes.len()
            ));
        }
        let links = node.links;
        Ok(Open { links, data })
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    /// Hangs a part behind the others.
    pub(super) fn push(&mut self, part: Root) {
        self.links.push(Link {
            cid: part.cid,
            name: Some(Bytes::new()),
            size: Some(part.dag),
        });
        self.data.blocksizes.push(part.bytes);
    }

    /// Takes the last part off: its link, and how many bytes it has.
    pub(super) fn pop(&mut self) -> Option<(Link, u64)> {
        let link = self.links.pop()?;
        Some((link, self.data.blocksizes.pop()?))
    }

    /// Hangs up again what was taken off.
    pub(super) fn put_back(&mut self, link: Link, bytes: u64) {
        self.links.push(link);
        self.data.blocksizes.push(bytes);
    }

    /// How many bytes of the file are below.
    pub(super) fn bytes(&self) -> u64 {
        let sizes = self.data.blocksizes.iter();
        sizes.fold(0, |sum, size| sum.saturating_add(*size))
    }

    /// The block of it, kept.
    pub(super) fn close<B: Blockstore>(
        mut self,
        naming: &Naming,
        work: &mut Work<'_, B>,
    ) -> Result<Root> {
        let bytes = self.bytes();
        self.data.filesize = Some(bytes);
        let below = self.links.iter().filter_map(|link| link.size);
        let below = below.fold(0, u64::saturating_add);
        let node = pb::Node {
            links: self.links,
            data: Some(self.data.encode().into()),
        };
        let block = naming.block(codec::DAG_PB, node.encode())?;
        let dag = below.saturating_add(block.len() as u64);
        let cid = work.out.keep(block)?;
        Ok(Root { cid, bytes, dag })
    }
}
