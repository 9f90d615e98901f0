//! What is wrong with a block, and what was done about it.

use std::path::PathBuf;

use block_cid::Cid;

/// What is wrong with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// Its bytes are those of another CID.
    Wrong {
        /// The CID that they have.
        actual: Cid,
    },
    /// The engine cannot give it, and says why.
    Unreadable(String),
    /// It was acknowledged and not deleted, and is not there.
    Missing,
    /// It was acknowledged and is not there, and may have been deleted: the record is lost.
    Perhaps,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Damage::Wrong { actual } => write!(f, "damaged: its bytes make {actual}"),
            Damage::Unreadable(why) => write!(f, "damaged: cannot be read: {why}"),
            Damage::Missing => f.write_str("missing: it was acknowledged, and is not there"),
            Damage::Perhaps => {
                f.write_str("perhaps deleted: it is not there, and the record of that may be lost")
            }
        }
    }
}

/// What was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mended {
    /// It came from the source, proven, and is there again.
    Fetched,
    /// What was found is in this file; the block is missing until it is put again, and
    /// with [`forget`](super::Mend::forget) counted as forgotten.
    Quarantined(PathBuf),
    /// The engine found it damaged and did not give its bytes, and has it no more. It is missing
    /// until it is put again, and with [`forget`](super::Mend::forget) counted as forgotten.
    Removed,
    /// It is not expected any more.
    Forgotten,
}

/// A block with which something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The block, as CIDv1 `raw`.
    pub cid: Cid,
    /// What is wrong.
    pub damage: Damage,
    /// Where it lies, or would: its file, or the folder of the engine.
    pub path: PathBuf,
    /// What was done.
    pub mended: Option<Mended>,
    /// Why nothing could be done although it was asked for.
    pub failed: Option<String>,
}
