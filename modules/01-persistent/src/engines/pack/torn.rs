//! What a crash left that is no section, kept where `salvage` finds it.
//!
//! ```text
//! blocks/torn/000003-0000012af0      of segment 3, from byte 76,528 on
//! ```

use std::ops::Range;

use datastore::{Error, Result};

use super::core::Core;

/// Where it is kept, beside the segments.
pub(crate) const TORN: &str = "torn";

/// The file name of what was in a segment from `start` on.
fn name(number: u32, start: u64) -> String {
    format!("{number:06}-{start:010x}")
}

/// Whether a file of ours has this name.
pub(super) fn is_ours(file: &str) -> bool {
    let Some((number, start)) = file.split_once('-') else {
        return false;
    };
    match (number.parse(), u64::from_str_radix(start, 16)) {
        (Ok(number), Ok(start)) => name(number, start) == file,
        _ => false,
    }
}

impl Core {
    /// Copies a part of a segment that is no section, unless it is zeros.
    pub(super) fn keep_torn(&self, number: u32, part: &Range<u64>) -> Result<()> {
        let path = self.segments.path(number);
        let failed = |error| Error::io("copy the torn end of", &path, error);
        let file = self.segments.file(number)?;
        let bytes = file
            .read_vec(part.start, part.end - part.start)
            .map_err(failed)?;
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        let disk = self.segments.disk();
        let torn = self.segments.dir().join(TORN);
        disk.make_dir(&torn).map_err(failed)?;
        let name = name(number, part.start);
        disk.write_whole(&torn.join(name), &bytes).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_one_name() {
        for (number, start) in [(1, 26), (1_000_000, 1 << 40)] {
            assert!(is_ours(&name(number, start)));
        }
        for other in [
            "",
            "1-2",
            "000001-",
            "000001-000000001A",
            "000001-000000001a.new",
            "+00001-000000001a",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
