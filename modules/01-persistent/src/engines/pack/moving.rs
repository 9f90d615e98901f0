//! Sections of a segment, appended anew to the log while everybody else goes on.
//!
//! ```text
//! moves A                        meanwhile
//!   reads A where it is            delete A  ── its note comes first, or behind the copy
//!   append lock
//!     is A still there?  no: that is all
//!     append A, the index has the copy
//!   flush, cut                     get A     ── looked it up before: looks again
//! ```
//!
//! Whether the index still has a block where it was is asked under the append lock. A look before it
//! would bring back what was deleted between the two.

use bytes::Bytes;
use datastore::{Key, Result};

use super::append::Copy;
use super::core::Core;
use super::scan::Found;
use super::segment::{Place, Position};
use super::worth::Dead;

/// So many bytes are appended at once.
const AT_ONCE: usize = 1 << 20;

impl Core {
    /// Appends what is needed of the sections from `from` on.
    pub(super) fn move_from(&self, number: u32, from: u64) -> Result<()> {
        let to = self.segments.len(number)?;
        self.move_part(number, from, to, None)?;
        self.sync()
    }

    /// Appends what is needed of the sections from `from` to `to`; false if something there is no
    /// section, or no longer.
    pub(super) fn move_part(
        &self,
        number: u32,
        from: u64,
        to: u64,
        dead: Option<&Dead>,
    ) -> Result<bool> {
        let mut whole = true;
        let mut copies = Vec::new();
        let mut bytes = 0;
        self.each(number, from, to, &mut |found| match found {
            Found::Block {
                at,
                len,
                multihash,
                value,
            } => {
                let at = Position {
                    segment: number,
                    offset: at,
                };
                copies.push(Copy {
                    key: Key::block(multihash)?,
                    from: Place { at, len },
                    value: Bytes::copy_from_slice(value),
                });
                bytes += value.len();
                if bytes < AT_ONCE {
                    return Ok(());
                }
                bytes = 0;
                self.append_copies(&std::mem::take(&mut copies))
            }
            Found::Deleted { blocks, .. } => self.append_deletes(&self.hidden(&blocks, dead)?),
            Found::Loose { .. } | Found::Damage { .. } => {
                whole = false;
                Ok(())
            }
        })?;
        self.append_copies(&copies)?;
        Ok(whole)
    }
}
