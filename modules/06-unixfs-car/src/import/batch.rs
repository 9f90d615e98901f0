//! What the reading thread gives to the building one.

use bytes::Bytes;

use crate::unixfs::Meta;

/// A batch is full at so many bytes.
const BYTES: usize = 8 << 20;

/// Or at so many leaves and names.
const ITEMS: usize = 4096;

/// A part of what is imported, in order.
#[derive(Debug, Default)]
pub struct Batch {
    /// What there is.
    pub items: Vec<Item>,
    /// The blocks of all leaves among it.
    pub leaves: Vec<Bytes>,
    bytes: usize,
}

/// A step of the walk.
#[derive(Debug)]
pub enum Item {
    /// The next leaf of a file, with so many bytes of it. Its block is the next of the batch.
    Leaf(u64),
    /// The end of a file.
    File {
        /// Its name.
        name: Vec<u8>,
        /// What is said about it.
        meta: Meta,
    },
    /// A symbolic link.
    Symlink {
        /// Its name.
        name: Vec<u8>,
        /// Its block.
        block: Vec<u8>,
    },
    /// The beginning of a folder.
    Open {
        /// Its name.
        name: Vec<u8>,
        /// What is said about it.
        meta: Meta,
    },
    /// The end of the folder that was opened last.
    Close,
}

impl Batch {
    /// Adds a leaf: its block, and how many bytes of the file it has.
    pub fn leaf(&mut self, block: Bytes, bytes: usize) {
        self.bytes += block.len();
        self.leaves.push(block);
        self.items.push(Item::Leaf(bytes as u64));
    }

    /// Adds what is no leaf.
    pub fn push(&mut self, item: Item) {
        self.items.push(item);
    }

    /// Whether it is time to give it away.
    pub fn is_full(&self) -> bool {
        self.bytes >= BYTES || self.items.len() >= ITEMS
    }
}
