//! SHA-256, by the fastest code for this machine.

use sha2::Digest as _;

/// The digest of one byte string.
pub(crate) fn one(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// The digests of many byte strings, on this thread.
pub(crate) fn many(inputs: &[&[u8]]) -> Vec<[u8; 32]> {
    inputs.iter().map(|bytes| one(bytes)).collect()
}
