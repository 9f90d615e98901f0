//! A file cut to fewer bytes: what is before the cut stays.

use block_cid::{Blockstore, codec};

use super::open::{Open, Work};
use crate::node::{Node, called};
use crate::read::MAX_DEPTH;
use crate::unixfs::Type;
use crate::{Cid, Result, Root};

impl<B: Blockstore> Work<'_, B> {
    /// The first `size` bytes of the file below `root`, which has more.
    pub(super) fn cut(&mut self, root: &Cid, size: u64) -> Result<Cid> {
        let whole = self.size;
        Ok(self.cut_at(root, whole, size, size, 0)?.cid)
    }

    /// The first `size` bytes of a part that has `whole`; the cut is at byte `offset` of the file.
    fn cut_at(
        &mut self,
        cid: &Cid,
        whole: u64,
        size: u64,
        offset: u64,
        depth: usize,
    ) -> Result<Root> {
        let node = self.load(cid, offset)?;
        if depth > MAX_DEPTH {
            let reason = format!("its branches are more than {MAX_DEPTH} deep");
            return Err(self.damaged(offset, reason));
        }
        let naming = self.naming_of(cid)?;
        let untrue = "the sizes of a branch are not those of its parts";
        let len = usize::try_from(size).unwrap_or(usize::MAX);
        let (node, mut data) = match node {
            Node::Raw(bytes) if bytes.len() as u64 == whole => {
                let block = naming.block(codec::RAW, bytes.slice(..len))?;
                let cid = self.out.keep(block)?;
                return Ok(Root {
                    cid,
                    bytes: size,
                    dag: size,
                });
            }
            Node::Raw(_) => return Err(self.damaged(offset, untrue.into())),
            Node::Pb(node, data) => (node, data),
        };
        if !matches!(data.kind, Type::File | Type::Raw) {
            let reason = format!("{} is among its parts", called(data.kind));
            return Err(self.damaged(offset, reason));
        }
        if depth == 0 {
            self.touch(&mut data);
        }
        if node.links.is_empty() {
            if data.data.as_ref().map_or(0, |bytes| bytes.len() as u64) != whole {
                return Err(self.damaged(offset, untrue.into()));
            }
            data.data = data.data.map(|bytes| bytes.slice(..len));
            data.filesize = Some(size);
            let block = naming.block(codec::DAG_PB, data.block())?;
            let dag = block.len() as u64;
            let cid = self.out.keep(block)?;
            return Ok(Root {
                cid,
                bytes: size,
                dag,
            });
        }
        let mut open = Open::of(node, data).map_err(|reason| self.damaged(offset, reason))?;
        if open.bytes() != whole {
            return Err(self.damaged(offset, untrue.into()));
        }
        // Take off all that is behind the cut, and the part that has it.
        let mut start = whole;
        let part = loop {
            let Some((link, bytes)) = open.pop() else {
                return Err(self.damaged(offset, untrue.into()));
            };
            start -= bytes;
            // As in Kubo: of a part that begins at the cut nothing is left, and that hangs there.
            if start <= size && bytes > 0 {
                break self.cut_at(&link.cid, bytes, size - start, offset, depth + 1)?;
            }
        };
        open.push(part);
        open.close(&naming, self)
    }
}
