//! When a folder is no longer one node.

use std::fmt;
use std::str::FromStr;

use dag_ipld::protobuf::varint_len;

use super::List;
use crate::hamt::Fanout;
use crate::unixfs::{Data, Meta};
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
    /// Whether a folder of these entries is a trie.
    pub(super) fn applies(&self, meta: Meta, entries: &List) -> bool {
        // Kubo asks when it adds an entry, so never of a folder without one.
        if entries.len() == 0 {
            return false;
        }
        let sizes = entries.sizes();
        let entries_size: usize = sizes
            .map(|(cid, name, dag)| self.entry(cid, name, dag))
            .sum();
        self.applies_to(self.empty(meta) + entries_size, entries.len())
    }

    /// Whether a folder of this estimate and so many entries is a trie.
    pub(crate) fn applies_to(&self, estimate: usize, entries: usize) -> bool {
        let too_many = self.max_links > 0 && entries > self.max_links;
        self.threshold > 0 && (estimate as u64 > self.threshold || too_many)
    }

    /// What a folder without entries is estimated at.
    pub(crate) fn empty(&self, meta: Meta) -> usize {
        match self.estimate {
            Estimate::Block => field(Data::directory().with_meta(meta).encoded_len()),
            Estimate::Links | Estimate::Disabled => 0,
        }
    }

    /// What an entry adds to that: the lengths of its CID and name, and the bytes of its DAG.
    pub(crate) fn entry(&self, cid: usize, name: usize, dag: u64) -> usize {
        match self.estimate {
            Estimate::Links => cid + name,
            Estimate::Block => field(field(cid) + field(name) + 1 + varint_len(dag)),
            Estimate::Disabled => 0,
        }
    }
}

/// What so many bytes take as a field of a message.
fn field(len: usize) -> usize {
    1 + varint_len(len as u64) + len
}
