//! Blocks that have a file each, whatever folder it lies in.

use std::fs;
use std::path::{Path, PathBuf};

use super::rescue::Rescue;
use super::{Result, list, roots};
use crate::engines::file::name::{EXTENSION, decode};
use crate::engines::file::shard::Sharding;
use crate::{Config, Kind, engines, kubo};

/// The files of a store, and where the engine looks for each.
pub(super) struct Files {
    root: PathBuf,
    sharding: Sharding,
}

impl Files {
    pub fn of(from: &Config, home: &Path) -> Files {
        let data = engines::data_dir(from.kind, home);
        let root = match data.is_dir() {
            // It may be a link, and the walk goes by where that leads.
            true => data.canonicalize().unwrap_or(data),
            // Kubo's.
            false => home.to_owned(),
        };
        // One that is damaged says nothing about the blocks.
        let sharding = Sharding::read(&*from.disk, &root).ok().flatten();
        let sharding = sharding.unwrap_or_default();
        Files { root, sharding }
    }

    /// Reads the file at `path`. One of another name may have changed places with a block.
    pub fn read(&self, path: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let multihash = decode(&name).unwrap_or_default();
        rescue.go_on()?;
        rescue.past_the_index(!self.is_in_place(path, &name));
        match fs::read(path) {
            Ok(bytes) => {
                if !rescue.block_or_name(&multihash, &bytes)? {
                    let makes = block_cid::hash::sha2_256(&bytes).to_bytes();
                    rescue.strays.insert(makes, path.to_owned());
                }
            }
            Err(error) => {
                rescue.unreadable(path, error);
                rescue.name(&multihash);
            }
        }
        Ok(())
    }

    fn is_in_place(&self, path: &Path, name: &str) -> bool {
        let folder = name
            .strip_suffix(EXTENSION)
            .map(|stem| self.sharding.folder(stem));
        folder.is_some_and(|folder| path == self.root.join(&*folder).join(name))
    }
}

/// Whether `home` says how blocks are spread over folders, or a file in it, in whatever folder, has
/// the name of a block.
pub(super) fn is_store(home: &Path) -> bool {
    if kubo::is_flatfs(home) || kubo::is_flatfs(&engines::data_dir(Kind::File, home)) {
        return true;
    }
    let is_block = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(decode).is_some()
    };
    let mut folders = roots(Kind::File, home);
    while let Some(folder) = folders.pop() {
        // One that cannot be read is told when it is to be.
        let listed = list(&folder).unwrap_or_default();
        if listed.files.iter().any(is_block) {
            return true;
        }
        folders.extend(listed.folders);
    }
    false
}

/// Where the bytes of one file make the name of another, the two changed places, and are good.
pub(super) fn exchanged(rescue: &mut Rescue<'_>) -> Result<()> {
    rescue.past_the_index(true);
    for (multihash, path) in std::mem::take(&mut rescue.strays) {
        if rescue.is_named(&multihash)
            && let Ok(bytes) = fs::read(path)
        {
            rescue.block(&multihash, &bytes)?;
        }
    }
    Ok(())
}
