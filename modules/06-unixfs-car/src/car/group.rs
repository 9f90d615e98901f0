//! Sections in groups, since many blocks are hashed faster than one.

use std::io::Read;

use block_cid::{Block, prove_all};

use super::{Error, Reader, Result};

/// A group has this many bytes of blocks and one block more, at most.
pub(super) const BYTES: usize = 4 << 20;

/// And this many blocks.
const BLOCKS: usize = 2048;

/// A block, and where its section begins in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// In bytes from the start of the file.
    pub offset: u64,
    /// The block.
    pub block: Block,
}

impl<R: Read> Reader<R> {
    /// The next sections, not proven; none behind the last. What goes wrong behind a section is told by
    /// the next call.
    ///
    /// # Errors
    /// Those of the iterator.
    pub(super) fn claimed(&mut self) -> Result<(Vec<u64>, Vec<Block>)> {
        let (mut offsets, mut blocks) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        while self.failed.is_none() && bytes < BYTES && blocks.len() < BLOCKS {
            let offset = self.offset();
            match self.next() {
                Some(Ok(block)) => {
                    bytes += block.len();
                    blocks.push(block);
                    offsets.push(offset);
                }
                Some(Err(error)) => self.failed = Some(error),
                None => break,
            }
        }
        match self.failed.take() {
            Some(error) if blocks.is_empty() => Err(error),
            failed => {
                self.failed = failed;
                Ok((offsets, blocks))
            }
        }
    }

    /// The next sections, proven on all cores; none behind the last. What is wrong with a block is told by
    /// the next call, after the blocks before it.
    ///
    /// # Errors
    /// Those of the iterator; [`Error::Block`] if a block is not the one that its CID names, or has a hash
    /// that names no blocks here. Then there is nothing more to be had.
    pub fn group(&mut self) -> Result<Vec<Section>> {
        let (offsets, mut blocks) = self.claimed()?;
        if let Some(error) = prove(&offsets, &mut blocks) {
            if blocks.is_empty() {
                self.end(None);
                return Err(error);
            }
            self.end(Some(error));
        }
        let sections = offsets.into_iter().zip(blocks);
        Ok(sections
            .map(|(offset, block)| Section { offset, block })
            .collect())
    }
}

/// Proves blocks that begin at these offsets, on all cores. Of those that are not all good the first are left,
/// and what is wrong with the one behind them is told.
pub(super) fn prove(offsets: &[u64], blocks: &mut Vec<Block>) -> Option<Error> {
    let source = prove_all(blocks).err()?;
    let good = blocks.iter().take_while(|block| block.is_proven()).count();
    blocks.truncate(good);
    let offset = offsets.get(good).copied().unwrap_or_default();
    Some(Error::Block { offset, source })
}
