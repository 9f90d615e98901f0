//! A block: bytes, and the CID that names them.

use std::fmt;

use bytes::Bytes;

use crate::{Cid, Error, Hash, Result, binary, codec, hash};

/// Bytes and the CID that names them.
///
/// A block knows whether its bytes were ever seen to have that CID. Built from bytes, it is
/// proven; taken from outside ([`Block::claimed`]), it is not, and every store of this project
/// hashes it before keeping it. So no bytes are hashed twice, and none are believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    cid: Cid,
    data: Bytes,
    proven: bool,
}

impl Block {
    /// The block of these bytes: CIDv1 with `codec`, by `hash`.
    ///
    /// # Errors
    /// [`Error::Hash`] if `hash` is not one that names blocks, or is identity and the bytes are
    /// more than 128.
    pub fn new(codec: u64, hash: Hash, bytes: impl Into<Bytes>) -> Result<Block> {
        hash.names_blocks()?;
        let data = bytes.into();
        let cid = Cid::new_v1(codec, hash::hash(hash, &data)?);
        Ok(Block {
            cid,
            data,
            proven: true,
        })
    }

    /// The raw block of these bytes: CIDv1, codec `raw`, sha2-256. What `ipfs block put` makes.
    /// It cannot fail: sha2-256 takes any bytes.
    pub fn raw(bytes: impl Into<Bytes>) -> Block {
        let data = bytes.into();
        Block {
            cid: Cid::new_v1(codec::RAW, hash::sha2_256(&data)),
            data,
            proven: true,
        }
    }

    /// These bytes, if `cid` is theirs.
    ///
    /// # Errors
    /// [`Error::WrongCid`], naming both, if it is not; [`Error::Hash`] if its hash is not one
    /// that names blocks.
    pub fn checked(cid: Cid, bytes: impl Into<Bytes>) -> Result<Block> {
        Block::claimed(cid, bytes).prove()
    }

    /// Bytes that came from outside with a CID. Nothing is hashed: [`is_proven`](Self::is_proven)
    /// is false until [`prove`](Self::prove), and stores hash such a block when it is put.
    pub fn claimed(cid: Cid, bytes: impl Into<Bytes>) -> Block {
        Block {
            cid,
            data: bytes.into(),
            proven: false,
        }
    }

    /// Bytes whose CID the caller vouches for: nothing is hashed, here or in any store. For
    /// measuring what a store costs without hashing, and for bytes that were hashed elsewhere.
    pub fn trusted(cid: Cid, bytes: impl Into<Bytes>) -> Block {
        Block {
            cid,
            data: bytes.into(),
            proven: true,
        }
    }

    /// The CID.
    pub fn cid(&self) -> &Cid {
        &self.cid
    }

    /// The bytes. Cloning them copies nothing.
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// The CID and the bytes.
    pub fn into_parts(self) -> (Cid, Bytes) {
        (self.cid, self.data)
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether the block has no bytes.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Whether the bytes are known to have this CID.
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// The block, proven: hashed now if it was not before.
    ///
    /// # Errors
    /// As [`Block::checked`].
    pub fn prove(mut self) -> Result<Block> {
        prove_all(std::slice::from_mut(&mut self))?;
        Ok(self)
    }
}

/// Proves every block that is not proven yet, hashing many at once on all cores.
///
/// # Errors
/// Those of [`Block::checked`], for the first block that is wrong; the blocks before it are
/// proven, those after it as they were.
pub fn prove_all(blocks: &mut [Block]) -> Result<()> {
    let wrong = check_all(blocks);
    let good = wrong.as_ref().map_or(blocks.len(), |(at, _)| *at);
    blocks.iter_mut().take(good).for_each(|b| b.proven = true);
    wrong.map_or(Ok(()), |(_, error)| Err(error))
}

/// Hashes every block that is not proven; where the first wrong one is, and what is wrong.
pub(crate) fn check_all(blocks: &[Block]) -> Option<(usize, Error)> {
    let claimed = |(_, block): &(usize, &Block)| !block.proven;
    // One block is the usual case, and should cost no allocation.
    let (mut claims, mut places) = (Claims::new(), Claims::new());
    for (at, block) in blocks.iter().enumerate().filter(claimed) {
        claims.push((&block.cid, &block.data[..]));
        places.push(at);
    }
    let (at, actual) = first_wrong(&claims)?;
    let at = *places.get(at)?;
    let block = blocks.get(at)?;
    let error = match actual {
        Ok(actual) => Error::WrongCid {
            claimed: Box::new(block.cid),
            actual: Box::new(actual),
        },
        Err(error) => error,
    };
    Some((at, error))
}

/// The first of these whose bytes do not have that CID: its index, and the CID they have (or why
/// there is none).
pub(crate) fn first_wrong(pairs: &[(&Cid, &[u8])]) -> Option<(usize, Result<Cid>)> {
    let claims: Claims<_> = pairs
        .iter()
        .map(|(cid, bytes)| (cid.hash(), *bytes))
        .collect();
    let (at, actual) = hash::first_wrong(&claims)?;
    let (cid, _) = pairs.get(at)?;
    Some((at, actual.map(|hash| binary::with_hash(cid, hash))))
}

/// A list that needs no allocation while it holds one.
type Claims<T> = smallvec::SmallVec<[T; 1]>;

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("cid", &format_args!("{}", self.cid))
            .field("len", &self.data.len())
            .field("proven", &self.proven)
            .finish()
    }
}
