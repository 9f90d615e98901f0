//! What says that a store was filled by a salvage, and from which source.
//!
//! ```text
//! fresh/salvage.json     {"cairn":"salvage","version":1,"from":"/data/redb"}
//! ```
//!
//! It is there before anything is brought, and stays: so the same call goes on, and a store that
//! holds anything else is not mixed with what is brought.

use std::path::Path;

use datastore::{Datastore, Key};
use serde::{Deserialize, Serialize};

use super::{Error, Result};
use crate::Persistent;
use crate::ops::json;

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
    let path = folder.join(NAME);
    match json::read(disk, &path, MAX_LEN)? {
        Some(found) if found == mark => return Ok(()),
        Some(Mark { from, .. }) => {
            let what = format!("it was salvaged from {from}: name a new folder");
            return Err(Error::refused(folder, what));
        }
        None => {}
    }
    let found = disk.look(&path);
    let found = found.map_err(|error| Error::io("look for", &path, error))?;
    if found.is_some() {
        let odd = "it is no mark of a salvage: name a new folder";
        return Err(Error::refused(path, odd));
    }
    if target.keys(&Key::root())?.next().is_some() {
        let what = "it holds something that no salvage of this source brought: name a new folder, \
                    and `migrate` that to where it should go";
        return Err(Error::refused(folder, what));
    }
    json::write(disk, &path, &mark)
}
