//! Bytes over bytes: the leaves that have them, and the branches above.

use block_cid::{Blockstore, codec};
use dag_ipld::pb;

use super::open::Work;
use crate::node::Node;
use crate::read::MAX_DEPTH;
use crate::unixfs::{Data, Type};
use crate::{Cid, Result};

/// What is still to be written, and where in the file.
struct Rest<'b> {
    bytes: &'b [u8],
    offset: u64,
}

impl<B: Blockstore> Work<'_, B> {
    /// The file below `root` with `bytes` from `offset` on, all of which it has.
    pub(super) fn overwrite(&mut self, root: &Cid, offset: u64, bytes: &[u8]) -> Result<Cid> {
        let mut rest = Rest { bytes, offset };
        let size = self.size;
        self.overwrite_at(root, 0..size, &mut rest, 0)
    }

    /// The part that has these bytes of the file, with those over them that belong there.
    fn overwrite_at(
        &mut self,
        cid: &Cid,
        place: std::ops::Range<u64>,
        rest: &mut Rest<'_>,
        depth: usize,
    ) -> Result<Cid> {
        let node = self.load(cid, rest.offset)?;
        if depth > MAX_DEPTH {
            let reason = format!("its branches are more than {MAX_DEPTH} deep");
            return Err(self.damaged(rest.offset, reason));
        }
        let naming = self.naming_of(cid)?;
        let block = match node {
            Node::Raw(bytes) => {
                let bytes = self.splice(&bytes, place, rest)?;
                naming.block(codec::RAW, bytes)?
            }
            Node::Pb(node, data) if !matches!(data.kind, Type::File | Type::Raw) => {
                drop(node);
                let reason = format!("{} is among its parts", crate::node::called(data.kind));
                return Err(self.damaged(rest.offset, reason));
            }
            Node::Pb(node, mut data) if node.links.is_empty() => {
                let bytes = data.data.unwrap_or_default();
                data.data = Some(self.splice(&bytes, place, rest)?.into());
                if depth == 0 {
                    self.touch(&mut data);
                }
                naming.block(codec::DAG_PB, data.block())?
            }
            Node::Pb(node, data) => {
                let node = self.overwrite_below(node, data, place, rest, depth)?;
                naming.block(codec::DAG_PB, node.encode())?
            }
        };
        self.out.keep(block)
    }

    fn overwrite_below(
        &mut self,
        mut node: pb::Node,
        mut data: Data,
        place: std::ops::Range<u64>,
        rest: &mut Rest<'_>,
        depth: usize,
    ) -> Result<pb::Node> {
        let sum = data
            .blocksizes
            .iter()
            .try_fold(0, |sum: u64, size| sum.checked_add(*size));
        if node.links.len() != data.blocksizes.len() || sum != Some(place.end - place.start) {
            let reason = "the sizes of a branch are not those of its parts".to_owned();
            return Err(self.damaged(rest.offset, reason));
        }
        let mut start = place.start;
        for (link, size) in node.links.iter_mut().zip(&data.blocksizes) {
            let end = start + size;
            if !rest.bytes.is_empty() && rest.offset < end {
                link.cid = self.overwrite_at(&link.cid, start..end, rest, depth + 1)?;
            }
            start = end;
        }
        let before = data.meta;
        if depth == 0 {
            self.touch(&mut data);
        }
        // What else its data says, and how, stays as it is.
        if data.meta != before {
            node.data = Some(data.encode().into());
        }
        Ok(node)
    }

    /// The bytes of a leaf, with those over them that belong there.
    fn splice(
        &self,
        leaf: &[u8],
        place: std::ops::Range<u64>,
        rest: &mut Rest<'_>,
    ) -> Result<Vec<u8>> {
        if leaf.len() as u64 != place.end - place.start {
            let reason = format!(
                "a leaf has {} bytes, and {} are said of it",
                leaf.len(),
                place.end - place.start
            );
            return Err(self.damaged(rest.offset, reason));
        }
        let mut bytes = leaf.to_vec();
        let at = usize::try_from(rest.offset - place.start).unwrap_or(usize::MAX);
        let over = bytes.get_mut(at..).unwrap_or_default();
        let (now, later) = rest.bytes.split_at(over.len().min(rest.bytes.len()));
        for (byte, new) in over.iter_mut().zip(now) {
            *byte = *new;
        }
        rest.bytes = later;
        rest.offset += now.len() as u64;
        Ok(bytes)
    }
}
