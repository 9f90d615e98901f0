//! The engines, one file each: the same seam over six ways of keeping bytes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use datastore::Result;

use crate::Kind;
use crate::engine::{Engine, Options};
use crate::live::{Lacking, Open};

pub mod file;
pub mod fjall;
pub mod memory;
pub mod pack;
pub mod redb;
#[cfg(feature = "rocksdb")]
pub mod rocksdb;

pub(crate) mod aside;
pub(crate) mod batch;
#[cfg(test)]
pub(crate) mod direct;
pub(crate) mod foreign;
pub(crate) mod in_use;
pub(crate) mod meta;
pub(crate) mod pages;
pub(crate) mod tables;
pub(crate) mod usage;

/// Where the engine keeps its data in the folder of a store.
pub(crate) fn data_dir(kind: Kind, store: &Path) -> PathBuf {
    store.join(match kind {
        Kind::File | Kind::Pack => "blocks",
        other => other.name(),
    })
}

/// How an engine is opened, and opened anew. Anew is not after an unclean end.
pub(crate) fn opener(kind: Kind, options: Options) -> Open {
    let unchecked = AtomicBool::new(options.unchecked);
    let opened = AtomicBool::new(false);
    Box::new(move |lacking| {
        let options = Options {
            unchecked: unchecked.load(SeqCst),
            // What failed was not closed, and its last write may be torn.
            unclean: opened.swap(true, SeqCst) || options.unclean,
            ..options.clone()
        };
        let engine: Box<dyn Engine> = match (kind, lacking) {
            #[cfg(feature = "rocksdb")]
            (Kind::Rocksdb, Lacking::Space) => {
                Box::new(rocksdb::Rocks::open_without_room(&options)?)
            }
            (kind, Lacking::Nothing | Lacking::Space) => open(kind, &options)?,
        };
        unchecked.store(false, SeqCst);
        Ok(engine)
    })
}

/// Opens an engine.
pub(crate) fn open(kind: Kind, options: &Options) -> Result<Box<dyn Engine>> {
    match kind {
        Kind::Memory => Ok(Box::new(memory::Memory::new())),
        Kind::File => Ok(Box::new(file::File::open(options)?)),
        Kind::Pack if options.sealed => Ok(Box::new(pack::Sealed::open(options)?)),
        Kind::Pack => Ok(Box::new(pack::Pack::open(options)?)),
        Kind::Fjall => Ok(Box::new(fjall::Fjall::open(options)?)),
        #[cfg(feature = "rocksdb")]
        Kind::Rocksdb => Ok(Box::new(rocksdb::Rocks::open(options)?)),
        Kind::Redb => Ok(Box::new(redb::Redb::open(options)?)),
        #[cfg(not(feature = "rocksdb"))]
        Kind::Rocksdb => Err(datastore::Error::Unsupported {
            engine: kind.name(),
            feature: "place in this build",
            remedy: "build it with --features rocksdb",
        }),
    }
}

/// Checks an engine's own structures as far as it can; slow on a large store.
pub(crate) fn check(kind: Kind, options: &Options) -> Result<()> {
    match kind {
        Kind::File => file::check_integrity(options),
        Kind::Pack => pack::check_integrity(options),
        Kind::Redb => redb::check_integrity(options),
        _ => Ok(()),
    }
}
