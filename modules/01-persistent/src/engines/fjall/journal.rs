//! The journal files, `0.jnl`, `1.jnl` …, of which the last is written to.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use datastore::{Disk, Error, Os, Result};

use super::tail;

/// fjall takes a database without a journal for one that has nothing to recover. There always is
/// one, and a small store has all its blocks in it.
pub(super) fn check(dir: &Path, unclean: bool) -> Result<()> {
    let journals = list(dir)?;
    if journals.is_empty() {
        return Err(Error::Corrupt {
            path: dir.to_owned(),
            what: "its journal (*.jnl) is missing; restore a backup".into(),
        });
    }
    let mut paths = journals.iter().map(|(_, path)| path);
    paths.try_for_each(|path| tail::check(dir, path, unclean))
}

/// Begins a new journal in place of all others, in a database that is not open and has all that
/// they hold in its tables. A crash in the middle leaves what one in the middle of fjall's own
/// change of journals does: an older one, whose writes are known to be in the tables.
pub(super) fn begin(dir: &Path) -> Result<()> {
    let old = list(dir)?;
    let last = old.iter().map(|(number, _)| *number).max();
    let next = dir.join(format!("{}.jnl", last.map_or(0, |last| last + 1)));
    File::create_new(&next)
        .and_then(|file| file.sync_all())
        .and_then(|()| Os.sync_dir(dir))
        .map_err(|error| Error::io("create", &next, error))?;
    for (_, path) in old {
        fs::remove_file(&path).map_err(|error| Error::io("remove", path, error))?;
    }
    Os.sync_dir(dir)
        .map_err(|error| Error::io("flush", dir, error))
}

fn list(dir: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let failed = |error| Error::io("list", dir, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name.and_then(|name| name.strip_suffix(".jnl")?.parse().ok());
        found.extend(number.map(|number| (number, path)));
    }
    Ok(found)
}
