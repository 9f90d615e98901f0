//! The floor of the house: what a store of keys and values promises, and how we check it.
//!
//! Everything above keeps its data through one small trait, [`Datastore`]. A block is a value
//! under the key `/blocks/` + multihash; pins, roots and settings are values under keys of
//! their own. Because the trait is small, one suite ([`contract`](mod@contract)) can hold every engine and
//! every wrapper to the same promises, and one property test can compare each with
//! [`MemStore`], which is short enough to be believed by reading it.
//!
//! Read in this order:
//!
//! - [`key`]: what a key is, and why "everything below `/pins`" is a plain range of bytes
//! - [`batch`]: several writes as one value
//! - [`store`]: the trait
//! - [`error`]: what can go wrong, sorted by what the caller can do about it
//! - [`disk`]: files, for what writes its own
//! - [`memory`]: the whole contract in a `BTreeMap`
//! - [`contract`](mod@contract): the promises as tests
//!
//! The model is [go-datastore](https://github.com/ipfs/go-datastore): the same verbs, with
//! three differences. An absent value is `Ok(None)`, not an error. A batch is a value, so that
//! it needs no lifetime and maps to one transaction of whatever engine is below. And calls
//! block: async begins where the network does, in module 02.

pub mod batch;
pub mod contract;
pub mod disk;
pub mod error;
pub mod key;
pub mod memory;
pub mod store;

pub use batch::{Batch, Op};
pub use disk::{Disk, DiskFile, Os};
pub use error::{Error, Limit, Result};
pub use key::{Key, Scope};
pub use memory::MemStore;
pub use store::{Datastore, Entries, Keys};
