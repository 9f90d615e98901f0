//! What says that a store was filled by a salvage, and from which source.
//!
//! ```text
//! fresh/salvage.json     {"cairn":"salvage","version":1,"from":"/data/redb"}
//! ```
//!
//! It is there before anything is brought, and stays: so the same call goes on, and a store that
//! holds anything else is not mixed with what is brought.

use std::path::Path;

use datastore::{Datastore, Disk, Key};
use serde::{Deserialize, Serialize};

use super::{Error, Result};
use crate::Persistent;

/// The name of the mark in the store's folder.
pub(in crate::ops) const NAME: &str = "salvage.json";

/// The name that [`Disk::write_whole`] writes it under.
pub(in crate::ops) const NEW: &str = "salvage.json.new";

/// The version of its form.
const VERSION: u64 = 1;

/// No path makes it longer.
const MAX_LEN: u64 = 64 << 10;

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    cairn: String,
    version: u64,
    from: String,
}

/// Marks `target`, which has to be empty or have the mark of the same source.
///
/// # Errors
/// [`Error::Refused`] if it holds anything else.
pub(super) fn claim(target: &Persistent, source: &Path) -> Result<()> {
    let (disk, folder) = target.beside()?;
    let mark = Mark {
        cairn: "salvage".into(),
        version: VERSION,
        from: source.to_string_lossy().into_owned(),
    };
    match read(disk, &folder.join(NAME))? {
        Some(found) if found == mark => return Ok(()),
        Some(found) => {
            let what = format!("it was salvaged from {}: name a new folder", found.from);
            return Err(Error::refused(folder, what));
        }
        None => {}
    }
    if target.keys(&Key::root())?.next().is_some() {
        let what = "it holds something that no salvage of this source brought: name a new folder, \
                    and `migrate` that to where it should go";
        return Err(Error::refused(folder, what));
    }
    let path = folder.join(NAME);
    let text = serde_json::to_vec(&mark).map_err(std::io::Error::other);
    text.and_then(|text| disk.write_whole(&path, &text))
        .map_err(|error| Error::io("write", &path, error))
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Mark>> {
    let failed = |error| Error::io("read", path, error);
    let Some(meta) = disk.look(path).map_err(failed)? else {
        return Ok(None);
    };
    let odd = "it is no mark of a salvage: name a new folder";
    if !meta.is_file() || meta.len > MAX_LEN {
        return Err(Error::refused(path, odd));
    }
    let text = disk.read(path).map_err(failed)?.unwrap_or_default();
    let mark = serde_json::from_slice(&text).map_err(|_| Error::refused(path, odd))?;
    Ok(Some(mark))
}
