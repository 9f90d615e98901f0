//! 00-7: a store that does not believe you.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cid::Cid;
use sha2::{Digest, Sha256};

/// Where the bytes lie: a disk, on which they may rot. Keys are yours to choose.
pub type Shelf = Arc<Mutex<HashMap<Vec<u8>, Vec<u8>>>>;

/// Why a block was not taken, or not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The bytes are not what the CID names.
    Wrong,
    /// What lies on the shelf is not what was put there.
    Damaged,
    /// A hash, by its code, that this store cannot compute.
    Hash(u64),
}

/// Blocks on a shelf.
#[derive(Debug)]
pub struct Store {
    shelf: Shelf,
}

impl Store {
    /// The blocks that lie on this shelf.
    pub fn new(shelf: Shelf) -> Store {
        Store { shelf }
    }

    /// Keeps a block, if it is what the CID names.
    pub fn put(&self, cid: &Cid, block: &[u8]) -> Result<(), Refused> {
        //~ todo: prove, then keep; an identity CID has its block in it
        if !is(cid, block)? {
            return Err(Refused::Wrong);
        }
        if cid.hash().code() != IDENTITY {
            self.shelf().insert(key(cid), block.to_vec());
        }
        Ok(())
        //~ end
    }

    /// The block that the CID names, or `None` if it is not here.
    pub fn get(&self, cid: &Cid) -> Result<Option<Vec<u8>>, Refused> {
        //~ todo: find, then prove
        if cid.hash().code() == IDENTITY {
            return Ok(Some(cid.hash().digest().to_vec()));
        }
        let Some(block) = self.shelf().get(&key(cid)).cloned() else {
            return Ok(None);
        };
        if !is(cid, &block)? {
            return Err(Refused::Damaged);
        }
        Ok(Some(block))
        //~ end
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, HashMap<Vec<u8>, Vec<u8>>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The code of identity, which is no hash: its digest is the block itself.
const IDENTITY: u64 = 0x00;
//~ blank: one function says whether bytes are what a CID names, another under which key they lie

/// Whether the bytes are what the CID names.
fn is(cid: &Cid, block: &[u8]) -> Result<bool, Refused> {
    let digest = cid.hash().digest();
    match cid.hash().code() {
        IDENTITY => Ok(digest == block),
        0x12 => Ok(digest == &Sha256::digest(block)[..]),
        0x1e => Ok(digest == blake3::hash(block).as_bytes()),
        code => Err(Refused::Hash(code)),
    }
}

/// Version and codec have no part in it: they say what the bytes mean, not which they are.
fn key(cid: &Cid) -> Vec<u8> {
    cid.hash().to_bytes()
}
//~ end
