//! Where blocks come from that the store does not have.

use std::sync::Arc;

use crate::{Block, Cid, Result};

/// A source of blocks beyond the store.
///
/// This is the only place where the data side (stores, DAGs, files) meets the network side: what
/// walks a DAG asks its store, and then a `Fetcher`. The network's answer comes with module 04;
/// until then there is [`Offline`].
pub trait Fetcher: Send + Sync {
    /// The block that `cid` names, or `None` if it cannot be had. Never waits without end: how
    /// long a missing block is looked for is the implementation's to state.
    ///
    /// A block that came from outside is [claimed](Block::claimed) until its bytes are hashed.
    fn fetch(&self, cid: &Cid) -> Result<Option<Block>>;
}

/// No source at all: a block that is not in the store cannot be had.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

impl Fetcher for Offline {
    fn fetch(&self, _cid: &Cid) -> Result<Option<Block>> {
        Ok(None)
    }
}

macro_rules! forward {
    ($($type:ty),*) => {$(
        impl<F: Fetcher + ?Sized> Fetcher for $type {
            fn fetch(&self, cid: &Cid) -> Result<Option<Block>> {
                (**self).fetch(cid)
            }
        }
    )*};
}

forward!(&F, Box<F>, Arc<F>);
