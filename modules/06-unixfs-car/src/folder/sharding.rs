//! When a folder is no longer one node.

use std::fmt;
use std::str::FromStr;

use dag_ipld::protobuf::varint_len;

use super::List;
use crate::hamt::Fanout;
use crate::{Error, Result};

/// How the size of a folder is estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Estimate {
    /// The bytes of all names and CIDs.
    #[default]
    Links,
    /// The bytes of the block that it would be.
    Block,
    /// Not at all: the number of entries alone counts.
    Disabled,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Estimate::Links => "links",
            Estimate::Block => "block",
            Estimate::Disabled => "disabled",
        })
    }
}

impl FromStr for Estimate {
    type Err = Error;

    /// Reads what Kubo's `Import.UnixFSHAMTDirectorySizeEstimation` takes.
    fn from_str(text: &str) -> Result<Estimate> {
        let all = [Estimate::Links, Estimate::Block, Estimate::Disabled];
        let found = all.into_iter().find(|known| known.to_string() == text);
        found.ok_or_else(|| Error::Option {
            option: "the estimate",
            reason: format!("links, block and disabled are estimates, and {text:?} is none"),
        })
    }
}

/// When a folder becomes a trie, and of which nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharding {
    /// The largest estimate, in bytes, of a folder that is one node; 0 for folders that are one node
    /// always.
    pub threshold: u64,
    /// How it is estimated.
    pub estimate: Estimate,
    /// The most entries of a folder that is one node; 0 for any number.
    pub max_links: usize,
    /// How many places a node of the trie has.
    pub fanout: Fanout,
}

impl Default for Sharding {
    /// Kubo's.
    fn default() -> Sharding {
        Sharding {
            threshold: 256 << 10,
            estimate: Estimate::Links,
            max_links: 0,
            fanout: Fanout::default(),
        }
    }
}

impl Sharding {
    /// Whether a folder of these entries is a trie; `folder` is what its block takes without them.
    pub(super) fn applies(&self, folder: usize, entries: &List) -> bool {
        // Kubo asks when it adds an entry, so never of a folder without one.
        if self.threshold == 0 || entries.len() == 0 {
            return false;
        }
        let sizes = entries.sizes();
        let estimate = match self.estimate {
            Estimate::Links => sizes.map(|(cid, name, _)| cid + name).sum(),
            Estimate::Block => folder + sizes.map(in_block).sum::<usize>(),
            Estimate::Disabled => 0,
        };
        let too_many = self.max_links > 0 && entries.len() > self.max_links;
        estimate as u64 > self.threshold || too_many
    }
}

/// What a link takes in a block.
fn in_block((cid, name, size): (usize, usize, u64)) -> usize {
    let field = |len: usize| 1 + varint_len(len as u64) + len;
    field(field(cid) + field(name) + 1 + varint_len(size))
}
