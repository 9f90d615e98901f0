//! Where a block ends, by its hash.
//!
//! One pass over the bytes gives the digest of each beginning of them, so a wrong end costs a look
//! at every byte behind the start, and no more.

use block_cid::Hash;
use sha2::{Digest as _, Sha256};

use super::super::rescue::parse;

/// How many beginnings are hashed in all: some ten seconds of it.
const MOST: usize = 1 << 26;

pub(super) struct Search {
    left: usize,
}

impl Search {
    pub fn new() -> Search {
        Search { left: MOST }
    }

    /// How many bytes of `behind` make, behind what went into `hash`, the block of this multihash.
    /// Only sha2-256 is looked for.
    pub fn end(&mut self, multihash: &[u8], mut hash: Sha256, behind: &[u8]) -> Option<usize> {
        let multihash = parse(multihash)?;
        if multihash.code() != Hash::SHA2_256.code() {
            return None;
        }
        self.left = self.left.checked_sub(behind.len())?;
        let mut lens = (1..).zip(behind.chunks(1));
        lens.find_map(|(len, byte)| {
            hash.update(byte);
            let digest = hash.clone().finalize();
            digest.starts_with(multihash.digest()).then_some(len)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_found_by_the_hash_until_too_much_was_hashed() {
        let bytes: Vec<u8> = (0..200).collect();
        let hash = |len: usize| block_cid::hash::sha2_256(bytes.get(..len).unwrap()).to_bytes();
        let mut search = Search { left: 600 };
        for len in [1, 64, 200] {
            assert_eq!(search.end(&hash(len), Sha256::new(), &bytes), Some(len));
        }
        assert_eq!(search.left, 0);
        let mut search = Search { left: 449 };
        let (front, behind) = bytes.split_at(50);
        let front = || Sha256::new_with_prefix(front);
        assert_eq!(search.end(&hash(50), front(), behind), None, "no tail");
        assert_eq!(search.end(&hash(180), front(), behind), Some(130));
        assert_eq!(search.end(&hash(180), front(), behind), None, "too much");
        assert_eq!(search.left, 149);
    }
}
