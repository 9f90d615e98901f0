//! Sharded folders: a trie of nodes, by the hashes of the names.
//!
//! A folder of a million entries does not fit into a block. So its names are spread over nodes of
//! 256 places each: the first byte of a name's hash is its place in the root. Where several names
//! have the same place there is another node, where the second byte of their hashes counts, and
//! so on.
//!
//! ```text
//! name       hash             root                    below
//! a          85 55 55 65 …    place 85: "85a"
//! foo        e2 71 86 57 …    place e2: "E2"  ──────► place 71: "71foo"
//! bar        e2 03 …          (the same)              place 03: "03bar"
//! ```
//!
//! A link is called by its place, two digits for a fanout of 256, and then the name; a link to a
//! node has no more than the digits. The data of a node says which places are taken, a bit each,
//! so that place 71 is link number (how many bits below 71 are set). Nothing depends on the order in
//! which entries came, so one folder has one CID.
//!
//! It is also cheap to make: sorted by their hashes, all names below a node lie side by side, so one
//! pass over them gives every node, the deepest first, and only those from the root to here are in
//! memory.
//!
//! - `bits`: the hash, and the bits that say the place
//! - `fanout`: how many places there are, and what links are called
//! - `shard`: a node of it
//! - `walk`: through the nodes, to one name or to all
//! - `build`: from names to nodes
//!
//! Source: [UnixFS](https://specs.ipfs.tech/unixfs/), section "dag-pb HAMTDirectory"; boxo's `hamt`.

mod bits;
mod build;
mod fanout;
pub(crate) mod shard;
pub(crate) mod walk;

pub use bits::{HashBits, Places};
pub(crate) use build::build;
pub use fanout::Fanout;
