//! Blocks in a log of CARs, and in what was cut off from it.

use std::path::Path;

use datastore::disk::Mode;
use datastore::{Disk, Os};

use super::rescue::Rescue;
use super::{Error, Result};
use crate::engines::pack;
use crate::{Config, Kind, engines, manifest};

/// Whether there is a segment in the folder of blocks.
pub(super) fn is_store(data: &Path) -> bool {
    // One that cannot be read is told when it is to be.
    let listed = super::list(data).unwrap_or_default();
    listed.files.iter().any(|path| is_segment(path))
}

/// Whether the folder is one of CARs, and no store.
pub(super) fn is_cars(from: &Config, home: &Path) -> bool {
    let is_store =
        engines::data_dir(from.kind, home).is_dir() || home.join(manifest::NAME).exists();
    from.kind == Kind::Pack && !is_store && pack::is_folder(&*from.disk, home).unwrap_or(false)
}

fn is_segment(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "car")
}

/// Reads the file at `path`, if it is a segment or the torn end of one: by its name, or by what it
/// begins with, whatever it is called now.
pub(super) fn read(path: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    let is_torn = path.parent().is_some_and(|dir| dir.ends_with(pack::TORN));
    let opened = Os.open(path, Mode::Read);
    let file = match opened.and_then(|file| Ok((pack::is_segment(&*file)?, file))) {
        Ok((begins_so, file)) if is_segment(path) || is_torn || begins_so => file,
        Ok(_) => return Ok(()),
        Err(error) => {
            rescue.unreadable(path, error);
            return Ok(());
        }
    };
    let is_segment = !is_torn;
    let read = pack::each_block(&*file, is_segment, |multihash, value| {
        rescue.go_on()?;
        rescue.block(multihash, value).map(drop)
    });
    match read {
        Ok(()) => Ok(()),
        Err(pack::Unread::Stopped(error)) => Err(error),
        Err(pack::Unread::Io(error)) => {
            rescue.unreadable(path, Error::io("read", path, error));
            Ok(())
        }
    }
}
