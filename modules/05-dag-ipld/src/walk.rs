//! A walk: every block below a root, each once.
//!
//! ```text
//!      a          paths     a, a/b, a/b/d, a/c, a/c/d: each layer may double them, so that 64
//!     ╱ ╲                   blocks can have 2⁶⁴ paths
//!    b   c        blocks    a, b, d, c
//!     ╲ ╱
//!      d
//! ```
//!
//! A walk goes by blocks, and so its work is in their number and that of their links, whatever a
//! hostile DAG looks like. There are no cycles: a block would have to contain its own hash.
//!
//! The memory of a walk: 21 to 41 bytes for each block met; 36 for each link that waits; and
//! [`with_in_flight`](Walk::with_in_flight) blocks.

use std::fmt;
use std::thread;

use block_cid::Blockstore;
use persistent::wrappers::repair::is_damage;

use crate::ahead::{Ahead, Queue};
use crate::cancel::Cancel;
use crate::frontier::{Frontier, Step};
use crate::list::CidList;
use crate::seen::{Met, Seen};
use crate::visit::{Found, Next, Visit};
use crate::{Cid, Codec, Dag, Error, Result};

/// The order in which blocks are visited. Each is the same at every run, whatever is read when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// A block, then what it links to, first link first: the order of `ipfs dag export`.
    #[default]
    Pre,
    /// A block after all that it links to. A block with links is read twice: to find them, and again
    /// when it is visited, so that not all above the current one have to be held.
    Post,
    /// The roots, then all that they link to, and so on: the nearest first.
    Level,
}

/// How to walk: the order, and where to stop.
#[derive(Clone)]
pub struct Walk<'a> {
    order: Order,
    depth: Option<u32>,
    max_blocks: u64,
    max_bytes: u64,
    in_flight: usize,
    each_cid: bool,
    cancel: Cancel,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Default for Walk<'_> {
    fn default() -> Self {
        Walk {
            order: Order::Pre,
            depth: None,
            max_blocks: u64::MAX,
            max_bytes: u64::MAX,
            in_flight: 8,
            each_cid: false,
            cancel: Cancel::new(),
            progress: &|_| {},
        }
    }
}

impl<'a> Walk<'a> {
    /// In this order; [`Order::Pre`] unless told otherwise.
    pub fn with_order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Not to blocks that are more than so many links away from every root; 0 is the roots alone.
    /// Then the walk goes by level, whatever the order: only so the first way to a block is its
    /// shortest. In post-order, which has to begin with the deepest, this is refused.
    pub fn with_depth(mut self, links: u32) -> Self {
        self.depth = Some(links);
        self
    }

    /// With an error ([`Error::Limit`]) before a block that would be one more than these.
    pub fn with_max_blocks(mut self, blocks: u64) -> Self {
        self.max_blocks = blocks;
        self
    }

    /// With an error ([`Error::Limit`]) before a block that would make more bytes than these.
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// With so many blocks that are read ahead, each by a thread; 8 unless told otherwise. 1 is none:
    /// the thread that walks reads.
    pub fn with_in_flight(mut self, blocks: usize) -> Self {
        self.in_flight = blocks;
        self
    }

    /// With a visit for each CID, and not for each block: what is linked to as CIDv0 and as CIDv1 is
    /// visited twice, as by `ipfs dag export`.
    pub fn with_each_cid(mut self) -> Self {
        self.each_cid = true;
        self
    }

    /// Until this token is cancelled: then the walk ends with [`Error::Cancelled`] before the next
    /// visit.
    pub fn with_cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// Tells `progress` the bytes of each block that was read.
    pub fn with_progress(mut self, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        self.progress = progress;
        self
    }

    /// To every block, and to each once.
    pub(crate) fn whole(mut self) -> Self {
        (self.depth, self.each_cid) = (None, false);
        self
    }

    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    pub(crate) fn max_blocks(&self) -> u64 {
        self.max_blocks
    }

    /// The error for what is one too many.
    pub(crate) fn over(&self, what: &'static str) -> Error {
        let limit = match what {
            "blocks" => self.max_blocks,
            _ => self.max_bytes,
        };
        Error::Limit { what, limit }
    }
}

impl fmt::Debug for Walk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("order", &self.order)
            .field("depth", &self.depth)
            .field("max_blocks", &self.max_blocks)
            .field("max_bytes", &self.max_bytes)
            .field("in_flight", &self.in_flight)
            .field("each_cid", &self.each_cid)
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}

impl<B: Blockstore> Dag<B> {
    /// Visits every block below `roots`, and these, each once.
    ///
    /// # Errors
    /// Those of `visit`; [`Error::Limit`], [`Error::Cancelled`]; [`Error::Blocks`] if the store fails.
    /// A block that is missing, damaged, or of a hash that the store refuses is a visit, and no error.
    pub fn walk<E: From<Error>>(
        &self,
        roots: &[Cid],
        walk: &Walk<'_>,
        visit: impl FnMut(Visit) -> Result<Next, E>,
    ) -> Result<(), E> {
        run(&|cid: &Cid| self.find(cid), roots, walk, visit)
    }

    /// What is under a CID. What a block has wrong with it is found, and no error.
    ///
    /// # Errors
    /// [`Error::Blocks`] if the store fails.
    pub fn find(&self, cid: &Cid) -> Result<Found> {
        let block = match self.block(cid) {
            Ok(None) => return Ok(Found::Missing),
            Ok(Some(block)) => block,
            Err(Error::Blocks(damage)) if is_damage(&damage) => {
                return Ok(Found::Damaged(damage.into()));
            }
            Err(Error::Refused { reason, .. }) => return Ok(Found::Refused(reason)),
            Err(error) => return Err(error),
        };
        let mut links = CidList::default();
        let codec = Codec::of(cid);
        let read = codec.and_then(|c| c.links(block.data(), &mut |link| links.push(&link)));
        Ok(match read {
            Ok(()) => Found::Node { block, links },
            Err(error) => Found::Opaque { block, error },
        })
    }
}

/// Walks over what `find` finds.
pub(crate) fn run<E: From<Error>>(
    find: &(impl Fn(&Cid) -> Result<Found> + Sync),
    roots: &[Cid],
    walk: &Walk<'_>,
    mut visit: impl FnMut(Visit) -> Result<Next, E>,
) -> Result<(), E> {
    let order = match (walk.depth, walk.order) {
        (None, order) => order,
        (Some(_), Order::Pre | Order::Level) => Order::Level,
        (Some(_), Order::Post) => return Err(Error::DepthInPost.into()),
    };
    let queue = Queue::default();
    thread::scope(|scope| {
        let mut ahead = Ahead::new(scope, &queue, find, walk.in_flight);
        let mut frontier = Frontier::new(order, roots);
        let mut seen = match walk.each_cid {
            true => Seen::of_cids(),
            false => Seen::default(),
        };
        let mut budget = Budget::of(walk);
        while let Some(step) = frontier.next() {
            walk.cancel.check()?;
            let (cid, depth, again, found) = match step {
                Step::Enter(cid, depth) => {
                    let met = seen.meet(&cid);
                    if met == Met::Before {
                        ahead.forget(&cid);
                        continue;
                    }
                    if ahead.is_low() {
                        let soon = frontier.ahead().take(4 * walk.in_flight);
                        ahead.ask(soon.filter(|cid| !seen.has(cid)));
                    }
                    let (again, found) = (met == Met::Again, ahead.take(&cid)?);
                    (walk.progress)(budget.take(&found, again)?);
                    (cid, depth, again, found)
                }
                Step::Leave(cid, depth, again) => (cid, depth, again, find(&cid)?),
            };
            // A fetcher that was told to give up has found nothing, and that is no answer.
            walk.cancel.check()?;
            let links = match &found {
                Found::Node { links, .. } => links.clone(),
                _ => CidList::default(),
            };
            if matches!(step, Step::Enter(..)) && order == Order::Post && !links.is_empty() {
                frontier.push(&cid, depth, again, links);
                continue;
            }
            let visited = Visit {
                cid,
                depth,
                again,
                found,
            };
            match visit(visited)? {
                Next::Stop => break,
                Next::Enter if order != Order::Post && walk.depth.is_none_or(|d| depth < d) => {
                    frontier.push(&cid, depth, again, links);
                }
                Next::Enter | Next::Skip => {}
            }
        }
        Ok(())
    })
}

/// What may still be visited.
struct Budget<'a> {
    walk: &'a Walk<'a>,
    blocks: u64,
    bytes: u64,
}

impl Budget<'_> {
    fn of<'a>(walk: &'a Walk<'a>) -> Budget<'a> {
        Budget {
            walk,
            blocks: walk.max_blocks,
            bytes: walk.max_bytes,
        }
    }

    /// The bytes of what was found, which were not there `again`.
    fn take(&mut self, found: &Found, again: bool) -> Result<u64> {
        let bytes = match found {
            Found::Node { block, .. } | Found::Opaque { block, .. } if !again => block.len() as u64,
            _ => 0,
        };
        let (Some(blocks), Some(left)) =
            (self.blocks.checked_sub(1), self.bytes.checked_sub(bytes))
        else {
            let what = if self.blocks == 0 { "blocks" } else { "bytes" };
            return Err(self.walk.over(what));
        };
        (self.blocks, self.bytes) = (blocks, left);
        Ok(bytes)
    }
}
