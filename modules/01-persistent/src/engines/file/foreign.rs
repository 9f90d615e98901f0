//! What in a folder of blocks is neither ours nor Kubo's.

use std::path::{Path, PathBuf};

use datastore::disk::Kind;
use datastore::{Disk, Error, Result};

use super::folder::TEMP;
use super::name::{self, EXTENSION};
use super::shard::{self, Sharding};

/// What Kubo keeps beside the blocks.
const KUBOS: [&str; 2] = ["_README", "diskUsage.cache"];

/// The first file or folder in the folder of blocks `root` that no engine made: all that is in
/// `.temp` is the engine's, and in the other folders what has the name of a block that would be
/// looked for there.
///
/// # Errors
/// Those of listing, and of a `SHARDING` that names no known sharding.
pub(crate) fn foreign(disk: &dyn Disk, root: &Path) -> Result<Option<PathBuf>> {
    let sharding = Sharding::read(disk, root)?.unwrap_or_default();
    let list = |dir: &Path| {
        let names = disk.list(dir);
        names.map_err(|error| Error::io("list", dir, error))
    };
    for (entry, kind) in list(root)? {
        let path = root.join(&entry);
        match kind {
            Kind::File if entry == shard::FILE || KUBOS.contains(&entry.as_str()) => {}
            Kind::Folder if entry == TEMP => {}
            Kind::Folder => {
                let files = list(&path)?;
                let is_block = |name: &str, kind| {
                    let stem = name.strip_suffix(EXTENSION).unwrap_or(name);
                    // A link that leads to a block is read as one.
                    kind != Kind::Folder
                        && name::decode(name).is_some()
                        && sharding.folder(stem) == entry.as_str()
                };
                let mut others = files.iter().filter(|(name, kind)| !is_block(name, *kind));
                if let Some((name, _)) = others.next() {
                    return Ok(Some(path.join(name)));
                }
            }
            _ => return Ok(Some(path)),
        }
    }
    Ok(None)
}
