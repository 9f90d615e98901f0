//! What one does with a whole store: prove it, save it, move it, mend it.
//!
//! Each operation is a function over an open store, or over the folders of stores. It says how it
//! goes to a [`Watch`], and stops when that says so, with nothing half done: `migrate` and `salvage` then
//! go on where they ended, the others begin anew.

mod backup;
mod compact;
mod error;
mod json;
mod migrate;
mod old;
mod proof;
pub mod quarantine;
mod record;
mod restore;
mod salvage;
mod stat;
pub(crate) mod swap;
pub mod verify;
mod watch;
mod within;

pub use backup::{Backup, LeftOut, Saved, backup};
pub use compact::{Compacted, compact};
pub use error::{Error, Result};
pub use migrate::{Copied, Migrated, migrate};
pub use old::remove_old;
pub use restore::{Restore, Restored, check, restore};
pub use salvage::{Salvaged, salvage};
pub use stat::{Stat, stat};
pub use swap::recover;
pub use verify::verify;
pub use watch::{Silent, Watch};
pub use within::{refuse_within, target};
