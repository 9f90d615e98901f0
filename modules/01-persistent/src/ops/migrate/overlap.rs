//! Two stores that share a folder whose names do not show it: one is mounted at another place.

use std::path::Path;

use crate::ops::Result;
use crate::{Config, Kind};

/// Whether a folder of one store is one of the other, or above it. `one` and `other` are the
/// folders of the stores, without links; they need not be there.
///
/// # Errors
/// Those of looking at them.
#[cfg(unix)]
pub(super) fn found(one: (&Path, &Config), other: (&Path, &Config)) -> Result<bool> {
    if !(one.1.disk.is_os() && other.1.disk.is_os()) {
        return Ok(false);
    }
    let ours = ids::folders(one.0, one.1.kind)?;
    let theirs = ids::folders(other.0, other.1.kind)?;
    Ok(!ours.is_disjoint(&theirs)
        || !ours.is_disjoint(&ids::above(other.0)?)
        || !theirs.is_disjoint(&ids::above(one.0)?))
}

/// Elsewhere nothing is known of a folder but its names.
#[cfg(not(unix))]
pub(super) fn found(_: (&Path, &Config), _: (&Path, &Config)) -> Result<bool> {
    Ok(false)
}

#[cfg(unix)]
mod ids {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::engines::data_dir;
    use crate::engines::usage::present;
    use crate::ops::Error;

    /// More than any engine's folders have below them.
    const DEEP: u32 = 8;

    /// A folder, by its device and inode.
    type Id = (u64, u64);

    /// The folder of the store, those in it, and those of its engine.
    pub fn folders(store: &Path, kind: Kind) -> Result<BTreeSet<Id>> {
        let depth = match kind {
            // Beside blocks there is no folder.
            Kind::File => 1,
            _ => DEEP,
        };
        let mut left = vec![(store.to_owned(), 1), (data_dir(kind, store), depth)];
        let mut ids = BTreeSet::new();
        while let Some((dir, depth)) = left.pop() {
            ids.extend(id(&dir)?);
            if depth == 0 {
                continue;
            }
            let failed = |error| Error::io("list", &dir, error);
            for entry in present(fs::read_dir(&dir))
                .map_err(failed)?
                .into_iter()
                .flatten()
            {
                let entry = entry.map_err(failed)?;
                if entry.file_type().map_err(failed)?.is_dir() {
                    left.push((entry.path(), depth - 1));
                }
            }
        }
        Ok(ids)
    }

    /// The folders that it lies in.
    pub fn above(store: &Path) -> Result<BTreeSet<Id>> {
        let found = store.ancestors().skip(1).map(id);
        Ok(found
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    fn id(dir: &Path) -> Result<Option<Id>> {
        let meta = present(fs::metadata(dir)).map_err(|error| Error::io("look at", dir, error))?;
        Ok(meta.map(|meta| (meta.dev(), meta.ino())))
    }
}
