//! `migrated.json` in the destination: which stores were moved here and removed.
//!
//! ```text
//! {"cairn":"migrated","version":1,"from":["/srv/old","/srv/link-to-old"]}
//! ```
//!
//! Without it a second call could not tell a source that was moved from one that never was.

use std::path::{Path, PathBuf};

use datastore::Disk;
use serde::{Deserialize, Serialize};

use super::Result;
use crate::ops::json;

/// The name of the file in the store's folder.
pub(in crate::ops) const NOTE: &str = "migrated.json";

/// The name that [`Disk::write_whole`] writes it under.
pub(in crate::ops) const NOTE_NEW: &str = "migrated.json.new";

/// More than any note has; a longer file is not read.
const MAX_LEN: u64 = 1 << 20;

const VERSION: u64 = 1;

#[derive(Default, Serialize, Deserialize)]
struct Note {
    cairn: String,
    version: u64,
    from: Vec<PathBuf>,
}

/// Whether the store that lay in one of `paths` was moved to the store in `to`.
///
/// # Errors
/// Those of reading. What is no note says nothing.
pub(super) fn tells(disk: &dyn Disk, to: &Path, paths: &[PathBuf]) -> Result<bool> {
    let note = read(disk, to)?;
    Ok(note.from.iter().any(|path| paths.contains(path)))
}

/// Notes, durably, that the store in `paths` is in that in `to`.
///
/// # Errors
/// Those of writing.
pub(super) fn write(disk: &dyn Disk, to: &Path, paths: &[PathBuf]) -> Result<()> {
    let mut note = read(disk, to)?;
    note.from.retain(|path| !paths.contains(path));
    note.from.extend_from_slice(paths);
    note.cairn = "migrated".into();
    note.version = VERSION;
    json::write(disk, &to.join(NOTE), &note)
}

fn read(disk: &dyn Disk, to: &Path) -> Result<Note> {
    let note = json::read(disk, &to.join(NOTE), MAX_LEN)?;
    let note = note.filter(|note: &Note| note.cairn == "migrated" && note.version == VERSION);
    Ok(note.unwrap_or_default())
}
