//! The head of a section: all of it that stands before the block.

use crate::hash::MAX_DIGEST;
use crate::{Cid, Error, Result, binary, varint};

use super::damaged;

/// What the head of a section says. Whoever has it can step over the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The CID that the block is claimed to have.
    pub cid: Cid,
    /// The length of the head in bytes: from the start of the section to the block.
    pub len: usize,
    /// The length of the block in bytes.
    pub block: u64,
}

impl Head {
    /// The longest head, in bytes: the length of the section, and a CID's four numbers and digest.
    pub const MAX: usize = 5 * varint::MAX_LEN + MAX_DIGEST;

    /// The head of the section that begins with `bytes`, at byte `at` of the CAR. [`MAX`](Self::MAX)
    /// bytes are always enough, and fewer if the section or the CAR has no more. `max` is the longest
    /// section that is taken, in bytes.
    ///
    /// # Errors
    /// [`Error::Car`] if no section begins like this, or only a longer one.
    pub fn read(bytes: &[u8], at: u64, max: u64) -> Result<Head> {
        let (len, rest) = varint::decode(bytes)
            .map_err(|fault| damaged(at, format!("in the length of a section: {fault}")))?;
        fits("section", len, max).map_err(|reason| damaged(at, reason))?;
        let prefix = bytes.len() - rest.len();
        let (cid, size) = cid(rest, len, at)?;
        Ok(Head {
            cid,
            len: prefix + size,
            block: len - size as u64,
        })
    }

    /// The length of the whole section in bytes.
    pub fn section(&self) -> u64 {
        self.len as u64 + self.block
    }
}

/// The CID at the start of what follows the length of a section, and the CID's own length.
pub(super) fn cid(bytes: &[u8], len: u64, at: u64) -> Result<(Cid, usize)> {
    let section = usize::try_from(len).ok().and_then(|len| bytes.get(..len));
    let section = section.unwrap_or(bytes);
    let (cid, rest) = binary::decode_first(section).map_err(|error| {
        let reason = match error {
            Error::Bytes { offset, reason, .. } => {
                format!("the CID of this section, byte {offset}: {reason}")
            }
            other => other.to_string(),
        };
        damaged(at, reason)
    })?;
    Ok((cid, section.len() - rest.len()))
}

/// Whether a length may be that of a header or a section.
pub(super) fn fits(what: &str, len: u64, max: u64) -> Result<(), String> {
    match len {
        0 => Err(format!("a {what} of length 0")),
        len if len > max => Err(format!("a {what} of {len} bytes, and {max} are the most")),
        _ => Ok(()),
    }
}
