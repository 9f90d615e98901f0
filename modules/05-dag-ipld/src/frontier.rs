//! What a walk has still to visit.
//!
//! ```text
//!  pre and post:  the last frame first         level:  the first frame first
//!  a: b c d                                    a: b c d  ◄
//!  b: e f                                      b: e f
//!  e: g      ◄                                 c: g
//! ```
//!
//! A frame is what a block links to. Which end is read first is the
//! whole difference between going deep and going by level.

use std::collections::VecDeque;

use crate::Cid;
use crate::list::CidList;
use crate::walk::Order;

/// How many frames are looked at for what comes next.
const FRAMES: usize = 32;

/// A block that was entered, and where among its links the walk is.
#[derive(Debug)]
struct Frame {
    /// The block, and whether it was entered again, if it is to be left: in post-order, where what
    /// stands above the roots is none.
    block: Option<Box<(Cid, bool)>>,
    links: CidList,
    /// Where the next link begins, in bytes.
    at: usize,
    /// Of the links.
    depth: u32,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// This block is next, so many links away from a root by the way that led here.
    Enter(Cid, u32),
    /// All below this block was entered and left. In post-order only.
    /// With whether it was entered again, under another codec.
    Leave(Cid, u32, bool),
}

/// The frames, and the order in which they are read.
#[derive(Debug)]
pub(crate) struct Frontier {
    order: Order,
    frames: VecDeque<Frame>,
}

impl Frontier {
    /// Begins with these.
    pub(crate) fn new(order: Order, roots: &[Cid]) -> Frontier {
        let frames = VecDeque::from([Frame {
            block: None,
            links: roots.iter().collect(),
            at: 0,
            depth: 0,
        }]);
        Frontier { order, frames }
    }

    /// Adds the links of a block that was just entered at this depth.
    pub(crate) fn push(&mut self, block: &Cid, depth: u32, again: bool, links: CidList) {
        self.frames.push_back(Frame {
            block: (self.order == Order::Post).then(|| Box::new((*block, again))),
            links,
            at: 0,
            depth: depth.saturating_add(1),
        });
    }

    /// The next step, or `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Step> {
        loop {
            let frame = match self.order {
                Order::Level => self.frames.front_mut()?,
                Order::Pre | Order::Post => self.frames.back_mut()?,
            };
            let mut links = frame.links.iter_from(frame.at);
            let next = links.next().map(|cid| Step::Enter(cid, frame.depth));
            frame.at = links.at();
            let is_empty = links.next().is_none();
            // A frame goes with its last link, unless its block is to be left after that: so a chain
            // of a million blocks is a frame, and not a million.
            if next.is_none() || (is_empty && frame.block.is_none()) {
                let frame = match self.order {
                    Order::Level => self.frames.pop_front()?,
                    Order::Pre | Order::Post => self.frames.pop_back()?,
                };
                if let (None, Some(left)) = (next, frame.block) {
                    return Some(Step::Leave(left.0, frame.depth.saturating_sub(1), left.1));
                }
            }
            if next.is_some() {
                return next;
            }
        }
    }

    /// What is entered next if nothing is added before, nearest first. Not all of it: in post-order
    /// there may be any number of frames that only wait to be left.
    pub(crate) fn ahead(&self) -> impl Iterator<Item = Cid> {
        let mut frames = self.frames.iter();
        let frames = std::iter::from_fn(move || match self.order {
            Order::Level => frames.next(),
            Order::Pre | Order::Post => frames.next_back(),
        });
        frames
            .take(FRAMES)
            .flat_map(|frame| frame.links.iter_from(frame.at))
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.frames.len()
    }
}

#[cfg(test)]
mod tests {
    use block_cid::Block;

    use super::*;

    /// a → b, c; b → d, e; c → f.
    fn steps(order: Order) -> String {
        let cid = |c: char| *Block::raw(c.to_string()).cid();
        let name = |of: &Cid| ('a'..='f').find(|c| cid(*c) == *of).unwrap_or('?');
        let mut frontier = Frontier::new(order, &[cid('a')]);
        let mut steps = String::new();
        while let Some(step) = frontier.next() {
            match step {
                Step::Enter(block, depth) => {
                    let links = match name(&block) {
                        'a' => "bc",
                        'b' => "de",
                        'c' => "f",
                        _ => "",
                    };
                    steps.push(name(&block));
                    let links: Vec<Cid> = links.chars().map(cid).collect();
                    frontier.push(&block, depth, false, links.iter().collect());
                    let ahead: String = frontier.ahead().map(|cid| name(&cid)).collect();
                    steps += &format!("{depth}({ahead}) ");
                }
                Step::Leave(block, depth, _) => steps += &format!("/{}{depth} ", name(&block)),
            }
        }
        steps
    }

    #[test]
    fn pre_goes_deep_and_level_wide_and_what_is_ahead_is_known() {
        let pre = "a0(bc) b1(dec) d2(ec) e2(c) c1(f) f2() ";
        assert_eq!(steps(Order::Pre), pre);
        let level = "a0(bc) b1(cde) c1(def) d2(ef) e2(f) f2() ";
        assert_eq!(steps(Order::Level), level);
    }

    #[test]
    fn post_leaves_a_block_when_all_below_is_left() {
        let post = "a0(bc) b1(dec) d2(ec) /d2 e2(c) /e2 /b1 c1(f) f2() /f2 /c1 /a0 ";
        assert_eq!(steps(Order::Post), post);
    }

    #[test]
    fn a_chain_has_one_frame() {
        let links: Vec<Cid> = vec![*Block::raw("x").cid()];
        let mut frontier = Frontier::new(Order::Pre, &links);
        for _ in 0..100 {
            let Some(Step::Enter(cid, depth)) = frontier.next() else {
                return assert_eq!(frontier.len(), 0, "it ended");
            };
            frontier.push(&cid, depth, false, links.iter().collect());
        }
        assert!(frontier.len() <= 2, "{} frames", frontier.len());
    }
}
