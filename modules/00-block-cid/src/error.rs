//! What can go wrong, sorted by what the caller can do about it.

use std::io;
use std::sync::Arc;

use crate::Cid;

/// The result of an operation on CIDs and blocks.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
///
/// CIDs are boxed: one is 160 bytes, and a `Result` should not carry that much past every call
/// that succeeds.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Fix the text.
    /// A character of the text is not in the alphabet of its base.
    #[error("{text:?} is no CID: character {position} is {found:?}, which {base} does not have")]
    Character {
        /// What was given.
        text: String,
        /// Which character, counted from 1 at the start of `text`.
        position: usize,
        /// The character.
        found: char,
        /// The name of the base, as `base58btc`.
        base: &'static str,
    },
    /// The text is in its base, and yet spells no CID.
    #[error("{text:?} is no CID: {reason}")]
    Text {
        /// What was given.
        text: String,
        /// The rule it breaks.
        reason: String,
    },
    /// No codec, hash or base has this name.
    #[error("no {kind} is called {name:?}: {remedy}")]
    Name {
        /// `codec`, `hash` or `base`.
        kind: &'static str,
        /// What was given.
        name: String,
        /// Where the names are.
        remedy: String,
    },

    // Fix the bytes.
    /// The bytes are no CID.
    #[error("the bytes {hex} are no CID: byte {offset}: {reason}")]
    Bytes {
        /// What was given, in hexadecimal (the first 64 bytes).
        hex: String,
        /// Where the fault begins, in bytes from the start.
        offset: usize,
        /// The rule they break.
        reason: String,
    },
    /// CIDv0 cannot say this.
    #[error("{cid} has no CIDv0: {reason}; keep it as CIDv1")]
    NoV0 {
        /// The CID that was to be converted.
        cid: Box<Cid>,
        /// What CIDv0 has no room for.
        reason: String,
    },
    /// A hash that does not name blocks, or not at this length.
    #[error("{hash} cannot name a block: {reason}")]
    Hash {
        /// The hash, by its name, or by its number if it has none here.
        hash: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The bytes are not those that the CID names.
    #[error(
        "the block is not {claimed}: its bytes make {actual}; it was altered on its way, or the CID is another block's"
    )]
    WrongCid {
        /// The CID that came with the bytes.
        claimed: Box<Cid>,
        /// The CID that the bytes have, with the codec and hash of `claimed`.
        actual: Box<Cid>,
    },
    /// The block is larger than the store takes.
    #[error(
        "block {cid} has {len} bytes, and this store takes {limit}: Kubo's soft limit is 2 MiB \
         (1 MiB before 2026; --allow-big-block lifts it), and 2 MiB is what every bitswap peer has \
         to take, so that no other node could be relied on to get it; cut it into smaller blocks, or raise the limit with \
         Blocks::with_max_block if it never has to leave this machine"
    )]
    TooLarge {
        /// The block.
        cid: Box<Cid>,
        /// Its length in bytes.
        len: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The bytes are no CARv1.
    #[error("the CAR is damaged at byte {offset}: {reason}")]
    Car {
        /// Where the damaged part begins, in bytes from the start of the CAR.
        offset: u64,
        /// The rule it breaks.
        reason: String,
    },

    // Look at the system, and retry.
    /// Reading or writing a stream failed.
    #[error("cannot {action}")]
    Io {
        /// What was tried, as a verb and its object.
        action: &'static str,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The store below failed.
    #[error(transparent)]
    Store(#[from] datastore::Error),

    // Repair.
    /// What the store holds under this CID is not what was put.
    #[error(
        "block {cid} is corrupt: the stored bytes make {actual}; put the block again to replace \
         them, and verify the store, since one damaged block is seldom alone"
    )]
    Corrupt {
        /// The CID that was asked for.
        cid: Box<Cid>,
        /// The CID that the stored bytes have, with the codec and hash of `cid`.
        actual: Box<Cid>,
    },
}

impl Error {
    /// An error of the operating system while trying to `action` (a verb and its object).
    pub fn io(action: &'static str, source: io::Error) -> Error {
        Error::Io {
            action,
            source: Arc::new(source),
        }
    }

    /// An error about a CID in binary form, at `offset`.
    pub(crate) fn bytes(bytes: &[u8], offset: usize, reason: impl Into<String>) -> Error {
        let shown = bytes.get(..64).unwrap_or(bytes);
        let mut hex = data_encoding::HEXLOWER.encode(shown);
        if shown.len() < bytes.len() {
            hex.push('…');
        }
        if hex.is_empty() {
            hex.push_str("(none)");
        }
        Error::Bytes {
            hex,
            offset,
            reason: reason.into(),
        }
    }
}
