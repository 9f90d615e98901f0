//! From the bytes of a block to its CID.

use block_cid::hash;
use block_cid::{Block, Hash, Multihash, codec, hash_many, to_v0};
use bytes::Bytes;
use cid::Version;

use crate::{Cid, Error, Result};

/// How the blocks of a DAG are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    version: Version,
    hash: Hash,
    inline: Option<usize>,
}

impl Naming {
    /// By this hash, with CIDs of this version. Leaves that are raw have CIDv1 in any case, since
    /// CIDv0 cannot name them.
    ///
    /// # Errors
    /// [`Error::Option`] if CIDv0 has no place for the hash, [`Error::Blocks`] if it names no
    /// blocks.
    pub fn new(version: Version, hash: Hash) -> Result<Naming> {
        hash.names_blocks()?;
        if version == Version::V0 && hash != Hash::SHA2_256 {
            return Err(Error::Option {
                option: "--hash",
                reason: format!(
                    "CIDv0 has no place for {hash}, only for sha2-256; with --cid-version 1 it can be said"
                ),
            });
        }
        Ok(Naming {
            version,
            hash,
            inline: None,
        })
    }

    /// Names blocks of up to `limit` bytes by themselves: their CID has the bytes in place of a hash,
    /// and nothing need be stored. Readers take no more than 128.
    pub fn with_inline(mut self, limit: usize) -> Naming {
        self.inline = Some(limit);
        self
    }

    /// The block of these bytes.
    ///
    /// # Errors
    /// [`Error::Blocks`] if they are more than 128 and have to be in the CID.
    pub fn block(&self, codec: u64, bytes: impl Into<Bytes>) -> Result<Block> {
        let bytes = bytes.into();
        let hash = match self.is_inline(&bytes) {
            true => hash::hash(Hash::IDENTITY, &bytes)?,
            false => hash::hash(self.hash, &bytes)?,
        };
        self.named(codec, hash, bytes)
    }

    /// The blocks of many bytes that have one codec, hashed on all cores.
    ///
    /// # Errors
    /// As [`block`](Self::block).
    pub fn blocks(&self, codec: u64, many: &[Bytes]) -> Result<Vec<Block>> {
        let hashed: Vec<&Bytes> = many.iter().filter(|bytes| !self.is_inline(bytes)).collect();
        let mut hashes = hash_many(self.hash, &hashed)?.into_iter();
        let blocks = many.iter().map(|bytes| {
            let hash = match self.is_inline(bytes) {
                true => Some(hash::hash(Hash::IDENTITY, bytes)?),
                false => hashes.next(),
            };
            self.named(codec, hash.unwrap_or_default(), bytes.clone())
        });
        blocks.collect()
    }

    fn is_inline(&self, bytes: &Bytes) -> bool {
        self.inline.is_some_and(|limit| bytes.len() <= limit)
    }

    fn named(&self, codec: u64, hash: Multihash, bytes: Bytes) -> Result<Block> {
        let cid = Cid::new_v1(codec, hash);
        let is_hashed = hash.code() == Hash::SHA2_256.code();
        let cid = match self.version {
            Version::V0 if codec == codec::DAG_PB && is_hashed => to_v0(&cid)?,
            _ => cid,
        };
        Ok(Block::trusted(cid, bytes))
    }
}
