//! Profiles: all that decides over a CID, under one name.
//!
//! Two programs give the same file the same CID only if they cut, lay out, wrap and hash it alike.
//! [IPIP-499] gives names to two sets of such choices, and Kubo, told nothing, has a third:
//!
//! | | `kubo` | `unixfs-v0-2015` | `unixfs-v1-2025` |
//! | --- | --- | --- | --- |
//! | CIDs | version 0, but 1 for other hashes than sha2-256 | version 0 | version 1 |
//! | leaves | dag-pb, but raw with CIDv1 | dag-pb | raw |
//! | chunks | 256 KiB | 256 KiB | 1 MiB |
//! | links of a file's node | 174 | 174 | 1024 |
//! | tree | balanced | balanced | balanced |
//! | folder of one node | up to 256 KiB of links | the same | up to 256 KiB of block |
//! | places of a shard | 256 | 256 | 256 |
//!
//! So the first and the second differ only where something else is asked for as well: with CIDv1,
//! `kubo` has raw leaves, and `unixfs-v0-2015` has not. "kubo" is Kubo 0.43, and 0.44 so far.
//!
//! [IPIP-499]: https://specs.ipfs.tech/ipips/ipip-0499/

use std::str::FromStr;

use block_cid::Hash;
use cid::Version;

use crate::chunk::Chunker;
use crate::folder::{Estimate, Sharding};
use crate::hamt::Fanout;
use crate::layout::Layout;
use crate::naming::Naming;
use crate::{Error, Result};

/// What files and folders become. Start from one of the constants, and change what you need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The version of CIDs; `None` means 0, and 1 for hashes that CIDv0 has no place for.
    pub version: Option<Version>,
    /// Whether the bytes of a file are blocks as they are, without UnixFS around them; `None` means
    /// with CIDv1.
    pub raw_leaves: Option<bool>,
    /// The hash.
    pub hash: Hash,
    /// Blocks of up to so many bytes are in their CID. Those that would be, and have more than 128, are
    /// an error.
    pub inline: Option<usize>,
    /// Where files are cut.
    pub chunker: Chunker,
    /// The shape of a file's tree.
    pub layout: Layout,
    /// The most links of a node of that tree (in a trickle tree: of leaves).
    pub links: usize,
    /// When a folder becomes a trie.
    pub sharding: Sharding,
}

impl Profile {
    /// What Kubo does unless it is told otherwise.
    pub const KUBO: Profile = Profile {
        version: None,
        raw_leaves: None,
        hash: Hash::SHA2_256,
        inline: None,
        chunker: Chunker::Size(256 << 10),
        layout: Layout::Balanced,
        links: 174,
        sharding: Sharding {
            threshold: 256 << 10,
            estimate: Estimate::Links,
            max_links: 0,
            fanout: Fanout::DEFAULT,
        },
    };

    /// What IPFS has done since 2015.
    pub const UNIXFS_V0_2015: Profile = Profile {
        version: Some(Version::V0),
        raw_leaves: Some(false),
        ..Profile::KUBO
    };

    /// What everybody should do from 2025 on.
    pub const UNIXFS_V1_2025: Profile = Profile {
        version: Some(Version::V1),
        raw_leaves: Some(true),
        chunker: Chunker::Size(1 << 20),
        links: 1024,
        sharding: Sharding {
            estimate: Estimate::Block,
            ..Profile::KUBO.sharding
        },
        ..Profile::KUBO
    };

    /// Every profile and its name.
    pub const ALL: [(&str, Profile); 3] = [
        ("kubo", Profile::KUBO),
        ("unixfs-v0-2015", Profile::UNIXFS_V0_2015),
        ("unixfs-v1-2025", Profile::UNIXFS_V1_2025),
    ];

    /// What follows from the profile, where permissions or times are kept (`has_meta`) or not.
    ///
    /// # Errors
    /// [`Error::Option`] if it contradicts itself.
    pub fn format(&self, has_meta: bool) -> Result<Format> {
        let version = match (self.version, self.hash) {
            (Some(version), _) => version,
            (None, Hash::SHA2_256) => Version::V0,
            (None, _) => Version::V1,
        };
        let raw_leaves = match (self.raw_leaves, has_meta) {
            (Some(true), true) => {
                return Err(Error::Option {
                    option: "--raw-leaves",
                    reason:
                        "a raw block has no place for permissions or a time; leave them, or say \
                             --raw-leaves=false"
                            .into(),
                });
            }
            (_, true) => false,
            (raw, false) => raw.unwrap_or(version == Version::V1),
        };
        let mut naming = Naming::new(version, self.hash)?;
        if let Some(limit) = self.inline {
            naming = naming.with_inline(limit);
        }
        // It is made for each file; here it is seen whether it can be.
        crate::layout::Tree::new(self.layout, self.links)?;
        Ok(Format {
            naming,
            raw_leaves,
            chunker: self.chunker,
            layout: self.layout,
            links: self.links,
            sharding: self.sharding,
        })
    }
}

impl Default for Profile {
    fn default() -> Profile {
        Profile::KUBO
    }
}

impl FromStr for Profile {
    type Err = Error;

    /// A profile by its name.
    fn from_str(text: &str) -> Result<Profile> {
        // Kubo's other name for it.
        let name = match text {
            "legacy-cid-v0" => "unixfs-v0-2015",
            name => name,
        };
        let found = Profile::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, profile)| *profile).ok_or_else(|| {
            let names = Profile::ALL.map(|(name, _)| name).join(", ");
            Error::Option {
                option: "--profile",
                reason: format!("the profiles are {names}, and {text:?} is none of them"),
            }
        })
    }
}

/// A [`Profile`] with nothing left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub(crate) naming: Naming,
    pub(crate) raw_leaves: bool,
    pub(crate) chunker: Chunker,
    pub(crate) layout: Layout,
    pub(crate) links: usize,
    pub(crate) sharding: Sharding,
}

impl Format {
    /// Whether leaves are raw blocks.
    pub fn has_raw_leaves(&self) -> bool {
        self.raw_leaves
    }

    /// When a folder becomes a trie.
    pub fn sharding(&self) -> &Sharding {
        &self.sharding
    }
}
