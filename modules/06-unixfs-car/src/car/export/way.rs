//! How a walk came to a block.

use std::fmt;

use block_cid::Cid;

/// How many CIDs before the last are told.
const SHOWN: usize = 6;

/// The CIDs from the root to a block, each of which links to the next. Of a long way the middle is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The root first.
    shown: Vec<Cid>,
    /// How many there are between the root and the next.
    left_out: usize,
}

impl Way {
    /// The way from `root` over `between`.
    pub(super) fn new(root: Cid, between: impl ExactSizeIterator<Item = Cid>) -> Way {
        let left_out = between.len().saturating_sub(SHOWN);
        let last = between.skip(left_out);
        Way {
            shown: std::iter::once(root).chain(last).collect(),
            left_out,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, cid) in self.shown.iter().enumerate() {
            match n {
                0 => write!(f, "{cid}")?,
                1 if self.left_out > 0 => write!(f, " > ({} more) > {cid}", self.left_out)?,
                _ => write!(f, " > {cid}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use block_cid::Block;

    #[test]
    fn of_a_long_way_the_ends_are_told() {
        let cids: Vec<Cid> = (0..10u8).map(|n| *Block::raw(vec![n]).cid()).collect();
        let way = |len: usize| {
            let between: Vec<Cid> = cids.iter().take(len).skip(1).copied().collect();
            let root = cids.first().copied().unwrap_or_default();
            Way::new(root, between.into_iter()).to_string()
        };
        let names: Vec<String> = cids.iter().map(ToString::to_string).collect();
        assert_eq!(way(1), names.first().cloned().unwrap_or_default());
        assert_eq!(
            way(7).split(" > ").collect::<Vec<_>>(),
            names.iter().take(7).collect::<Vec<_>>()
        );
        let long = way(10);
        assert!(long.contains(" > (3 more) > "), "{long}");
        assert!(long.ends_with(names.last().map_or("", String::as_str)));
    }
}
