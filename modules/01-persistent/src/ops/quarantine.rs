//! Where damaged bytes go: `quarantine/` in the folder of the store.
//!
//! ```text
//! quarantine/CIQGCBE….damaged     what the store held under this multihash (base32, as Kubo has it)
//! quarantine/CIQGCBE….damaged-2   what it held the next time
//! ```

use std::path::{Path, PathBuf};

use datastore::disk::Mode;
use datastore::{Disk, Key};

use super::{Error, Result};

/// The name of the folder.
pub const NAME: &str = "quarantine";

/// Keeps `bytes`, found under `key`, in the store at `path`; where they are now, durably.
pub(super) fn keep(disk: &dyn Disk, path: &Path, key: &Key, bytes: &[u8]) -> Result<PathBuf> {
    let dir = path.join(NAME);
    disk.make_dir(&dir)
        .map_err(|error| Error::io("make", &dir, error))?;
    let name = data_encoding::BASE32_NOPAD.encode(key.as_block().unwrap_or_default());
    for n in 1_u32.. {
        let place = dir.join(match n {
            1 => format!("{name}.damaged"),
            n => format!("{name}.damaged-{n}"),
        });
        let failed = |error| Error::io("write", &place, error);
        if let Some(there) = disk.look(&place).map_err(failed)? {
            // The same bytes need no second place.
            let same = there.len == bytes.len() as u64
                && disk.read(&place).map_err(failed)?.as_deref() == Some(bytes);
            if same {
                return Ok(place);
            }
            continue;
        }
        let written = disk.open(&place, Mode::New).and_then(|file| {
            file.write_all_at(bytes, 0)?;
            file.sync()?;
            disk.sync_dir(&dir)
        });
        if let Err(error) = written {
            // Half of it is no copy.
            let _ = disk.remove_file(&place);
            return Err(failed(error));
        }
        return Ok(place);
    }
    Err(Error::refused(dir, "has no name left"))
}
