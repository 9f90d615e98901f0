//! A DAG out of a store, as a CAR: the one that `ipfs dag export` writes.
//!
//! The header names one root. The walk goes depth first, and takes the links of a block in the order in
//! which its bytes have them; each CID is written once, where it is met first, those of identity too. That
//! is the order of
//! [`TraverseV1`](https://pkg.go.dev/github.com/ipld/go-car/v2#TraverseV1) with a selector for everything,
//! and so the file is the same to the byte.

mod way;

use std::io::{Seek, Write};

use block_cid::{Blockstore, Cid};
use dag_ipld::{Dag, Found, Next, Order, Walk};
use persistent::ops::Watch;

use super::copy::Copied;
use super::{Error, Result, Writer};
pub use way::Way;

/// What becomes of a block that cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// It is an error.
    #[default]
    Refused,
    /// It is left out, and so is what is below it: the CAR of what is here, as of
    /// `ipfs dag export --local-only`. The root has to be here.
    LeftOut,
}

/// Writes `root` and everything below it to `writer`, whose header should name it. Blocks are proven by
/// the store, which does so by default.
///
/// # Errors
/// [`Error::Missing`] and [`Error::Node`], which say how the walk came there; [`Error::Stopped`]; those of
/// the store and of the writer. What was written until then is no whole CAR.
pub fn export<W: Write + Seek>(
    store: &dyn Blockstore,
    root: &Cid,
    missing: Missing,
    writer: &mut Writer<W>,
    watch: &dyn Watch,
) -> Result<Copied> {
    let mut copied = Copied::default();
    let mut way = Way::default();
    let walk = Walk::default().with_order(Order::Pre).with_each_cid();
    Dag::new(store).walk(&[*root], &walk, |visit| {
        if watch.stops() {
            return Err(Error::Stopped);
        }
        way.enter(&visit.cid, visit.depth);
        let leaves_out = missing == Missing::LeftOut && visit.depth > 0;
        let node = |source| Error::Node {
            cid: Box::new(visit.cid),
            way: way.clone(),
            source,
        };
        let block = match visit.found {
            Found::Node { block, .. } => block,
            Found::Missing | Found::Damaged(_) | Found::Refused(_) if leaves_out => {
                return Ok(Next::Skip);
            }
            Found::Opaque { error, .. } | Found::Damaged(error) => return Err(node(error)),
            Found::Refused(reason) => {
                let cid = Box::new(visit.cid);
                return Err(node(dag_ipld::Error::Refused { cid, reason }));
            }
            Found::Missing => {
                return Err(Error::Missing {
                    cid: Box::new(visit.cid),
                    way: way.clone(),
                });
            }
        };
        writer.put(&block)?;
        copied.blocks += 1;
        copied.bytes += block.len() as u64;
        watch.did(1, block.len() as u64);
        Ok(Next::Enter)
    })?;
    Ok(copied)
}
