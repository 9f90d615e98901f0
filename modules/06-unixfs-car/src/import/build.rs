//! The thread that builds: hashes leaves, and hangs them into trees and folders.

use std::mem;
use std::sync::mpsc::{Receiver, SyncSender};

use block_cid::{Block, codec};

use super::batch::{Batch, Item};
use super::{Added, Packet, What};
use crate::folder::Folder;
use crate::layout::Tree;
use crate::naming::Naming;
use crate::profile::Format;
use crate::{Cid, Error, Result, Root, Sink};

/// Blocks go to the store at the end of each batch of leaves: every time is a flush, perhaps. A folder may
/// have more nodes than fit into memory, so they go before that, too, when there are so many bytes of them.
const BYTES: usize = 12 << 20;

/// Builds what the batches describe; `None` if they end too soon.
pub(super) fn run(
    format: &Format,
    batches: Receiver<Batch>,
    to: SyncSender<Packet>,
) -> Result<Option<Root>> {
    let mut building = Building {
        tree: Tree::new(format.layout, format.links)?,
        format,
        open: Vec::new(),
        path: Vec::new(),
        root: None,
        out: Out {
            naming: format.naming,
            blocks: Vec::new(),
            bytes: 0,
            added: Vec::new(),
            to,
        },
    };
    for batch in batches {
        building.batch(batch)?;
        building.out.send()?;
    }
    Ok(building.root.filter(|_| building.open.is_empty()))
}

struct Building<'a> {
    format: &'a Format,
    /// The tree of the file that is being read.
    tree: Tree,
    /// The folders around it, and where in the path their names begin.
    open: Vec<(Folder, usize)>,
    /// Their names, with slashes between them.
    path: Vec<u8>,
    root: Option<Root>,
    out: Out,
}

impl Building<'_> {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        let codec = match self.format.raw_leaves {
            true => codec::RAW,
            false => codec::DAG_PB,
        };
        let mut leaves = self.out.naming.blocks(codec, &batch.leaves)?.into_iter();
        for item in batch.items {
            match item {
                Item::Leaf(bytes) => {
                    let Some(block) = leaves.next() else { continue };
                    let (cid, dag) = (*block.cid(), block.len() as u64);
                    self.out.keep(block)?;
                    self.tree.push(Root { cid, bytes, dag }, &mut self.out)?;
                }
                Item::File { name, meta } => {
                    let root = self.tree.finish(meta, &mut self.out)?;
                    self.added(&name, root, What::File)?;
                }
                Item::Symlink { name, block } => {
                    let dag = block.len() as u64;
                    let cid = self.out.node(block)?;
                    self.added(&name, Root { cid, bytes: 0, dag }, What::Symlink)?;
                }
                Item::Open { name, meta } => {
                    let start = self.path.len();
                    self.enter(&name);
                    self.open.push((Folder::new(meta), start));
                }
                Item::Close => {
                    let Some((dir, start)) = self.open.pop() else {
                        continue;
                    };
                    let sharded = dir.is_sharded(&self.format.sharding);
                    let root = dir.finish(&self.format.sharding, &mut self.out)?;
                    let name = self.path.split_off(start);
                    let name = name.strip_prefix(b"/").unwrap_or(&name);
                    self.added(name, root, What::Folder { sharded })?;
                }
            }
        }
        Ok(())
    }

    /// Adds a name to the path. The first may be empty, and then nothing stands before the next.
    fn enter(&mut self, name: &[u8]) {
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
    }

    /// What is complete goes into the folder around it, if there is one.
    fn added(&mut self, name: &[u8], root: Root, what: What) -> Result<()> {
        // Made only where it is needed: there may be a million names.
        let cid;
        let name = match self.open.last_mut() {
            Some((dir, _)) => {
                let name = match name {
                    b"" => {
                        cid = root.cid.to_string();
                        cid.as_bytes()
                    }
                    name => name,
                };
                dir.push(name, &root)?;
                name
            }
            None => {
                self.root = Some(root);
                name
            }
        };
        let start = self.path.len();
        self.enter(name);
        let path = self.path.clone();
        self.path.truncate(start);
        self.out.added.push(Added { path, root, what });
        Ok(())
    }
}

/// Where blocks go.
struct Out {
    naming: Naming,
    blocks: Vec<Block>,
    bytes: usize,
    added: Vec<Added>,
    to: SyncSender<Packet>,
}

impl Out {
    fn keep(&mut self, block: Block) -> Result<()> {
        self.bytes += block.len();
        self.blocks.push(block);
        if self.bytes >= BYTES {
            self.send()?;
        }
        Ok(())
    }

    /// What was added is complete with the blocks before it.
    fn send(&mut self) -> Result<()> {
        if self.blocks.is_empty() && self.added.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let packet = Packet {
            blocks: mem::take(&mut self.blocks),
            added: mem::take(&mut self.added),
        };
        // Nobody takes it if writing has failed, and that says why.
        self.to.send(packet).map_err(|_| Error::Stopped)
    }
}

impl Sink for Out {
    fn node(&mut self, block: Vec<u8>) -> Result<Cid> {
        let block = self.naming.block(codec::DAG_PB, block)?;
        let cid = *block.cid();
        self.keep(block)?;
        Ok(cid)
    }
}
