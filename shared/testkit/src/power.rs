//! A laboratory that cuts the power under a writing child.
//!
//! ```text
//! child:    step ─ ack ─ step ─ ack ─ step ─ …✗        killed once nothing can reach the device
//! parent:          `──── `──── read │ cut │ kill │ mount again, open, compare
//! device:   ═══════════════════════════╡               what had not reached it is gone
//! ```
//!
//! The order matters. A flush that is on its way while the power goes may still say that it
//! succeeded, so only what was read from the pipe *before* the cut was acknowledged; what was said
//! after it is only where the child may have come to. The image has to be large enough, or this
//! becomes a laboratory of full disks.

use crate::Child;
use crate::mount::Image;

/// What a child said until its power was cut.
#[derive(Clone, Debug)]
pub struct Said {
    /// The lines that were read before the cut: what they promise has to be there.
    pub before: Vec<String>,
    /// All lines: what they say may be there.
    pub whole: Vec<String>,
}

/// Cuts the power of the file system that `child` writes to, and mounts it again.
///
/// # Errors
/// Why the power cannot be cut here, or the image not be mounted again.
pub fn cut(child: Child, image: &mut Image) -> Result<Said, String> {
    let before = child.heard();
    image.cut()?;
    let whole = child.kill();
    image.restart()?;
    Ok(Said { before, whole })
}
