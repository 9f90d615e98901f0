//! How a walk came to a block.

use std::fmt;

use block_cid::{Cid, binary};

/// How many CIDs are told, of the end of the way; the root stands before them.
const SHOWN: usize = 6;

/// The CIDs from the root to a block, each of which links to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// CIDs in binary, one behind the other.
    cids: Vec<u8>,
    /// Where each begins.
    begins: Vec<usize>,
}

impl Way {
    /// The walk is at `cid`, which is so many links away from the root.
    pub(super) fn enter(&mut self, cid: &Cid, depth: u32) {
        if let Some(begin) = self.begins.get(depth as usize) {
            self.cids.truncate(*begin);
            self.begins.truncate(depth as usize);
        }
        self.begins.push(self.cids.len());
        self.cids.extend(cid.to_bytes());
    }

    /// The CIDs, from the root on.
    pub fn cids(&self) -> impl ExactSizeIterator<Item = Cid> {
        self.begins.iter().map(|begin| {
            let bytes = self.cids.get(*begin..).unwrap_or_default();
            binary::decode_first(bytes).map_or_else(|_| Cid::default(), |(cid, _)| cid)
        })
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = self.begins.len().saturating_sub(1 + SHOWN);
        for (n, cid) in self.cids().enumerate() {
            match n {
                0 => write!(f, "{cid}")?,
                n if n <= left_out => {}
                n if n == left_out + 1 && left_out > 0 => {
                    write!(f, " > ({left_out} more) > {cid}")?;
                }
                _ => write!(f, " > {cid}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use block_cid::Block;

    #[test]
    fn the_way_is_that_to_the_last_block_and_of_a_long_one_the_ends_are_told() {
        let cids: Vec<Cid> = (0..10u8).map(|n| *Block::raw(vec![n]).cid()).collect();
        let names: Vec<String> = cids.iter().map(ToString::to_string).collect();
        let mut way = Way::default();
        for (n, depth) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 1), (5, 2)] {
            way.enter(&cids[n], depth);
        }
        let wanted = [0, 4, 5].map(|n: usize| names[n].as_str());
        assert_eq!(way.to_string(), wanted.join(" > "));
        let mut way = Way::default();
        for (depth, cid) in cids.iter().enumerate() {
            way.enter(cid, depth as u32);
            let shown = way.to_string();
            match depth {
                0..7 => assert_eq!(shown, names[..=depth].join(" > ")),
                _ => {
                    let end = names[depth - 5..=depth].join(" > ");
                    assert_eq!(
                        shown,
                        format!("{} > ({} more) > {end}", names[0], depth - 6)
                    );
                }
            }
        }
        assert!(way.cids().eq(cids));
    }
}
