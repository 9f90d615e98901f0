//! The engines, one file each: the same seam over five ways of keeping bytes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datastore::Result;

use crate::Kind;
use crate::engine::{Engine, Options};

pub mod memory;

#[cfg(test)]
pub(crate) mod direct;

/// Where the engine keeps its data in the folder of a store.
pub(crate) fn data_dir(kind: Kind, store: &Path) -> PathBuf {
    store.join(match kind {
        Kind::File => "blocks",
        other => other.name(),
    })
}

/// Opens an engine.
pub(crate) fn open(kind: Kind, options: &Options) -> Result<Arc<dyn Engine>> {
    let _ = options;
    match kind {
        Kind::Memory => Ok(Arc::new(memory::Memory::new())),
        _ => Err(datastore::Error::Unsupported {
            engine: kind.name(),
            feature: "engine yet",
            remedy: "",
        }),
    }
}

/// Checks an engine's own structures as far as it can; slow on a large store.
pub(crate) fn check(kind: Kind, options: &Options) -> Result<()> {
    let _ = (kind, options);
    Ok(())
}
