//! Blocks that have a file each, whatever folder it lies in.

use std::fs;
use std::path::Path;

use super::Result;
use super::rescue::Rescue;
use crate::engines::file::name::decode;

/// Reads the file at `path`. One of another name may have changed places with a block.
pub(super) fn read(path: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let multihash = decode(&name).unwrap_or_default();
    rescue.go_on()?;
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

/// Where the bytes of one file make the name of another, the two changed places, and are good.
pub(super) fn exchanged(rescue: &mut Rescue<'_>) -> Result<()> {
    for (multihash, path) in std::mem::take(&mut rescue.strays) {
        if rescue.is_named(&multihash)
            && let Ok(bytes) = fs::read(path)
        {
            rescue.block(&multihash, &bytes)?;
        }
    }
    Ok(())
}
