//! `migrate.json` in the source: where its blocks are, and whether it is being removed.
//!
//! ```text
//! {"cairn":"migrate","version":1,"to":"/srv/new","kind":"fjall","removing":false}
//! ```
//!
//! It goes with the folder to the name under which that is removed, and is the last in it to go: a
//! folder of that name without it is not ours.

use std::path::{Path, PathBuf};

use datastore::Disk;
use serde::{Deserialize, Serialize};

use super::Result;
use super::places::Places;
use crate::Config;
use crate::ops::json;

/// The name of the file in the folder of the source.
pub(in crate::ops) const JOURNAL: &str = "migrate.json";

/// The name that [`Disk::write_whole`] writes it under.
pub(in crate::ops) const JOURNAL_NEW: &str = "migrate.json.new";

const VERSION: u64 = 1;

/// No path makes it longer.
const MAX_LEN: u64 = 64 << 10;

/// The journal of a removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    cairn: String,
    version: u64,
    /// The folder of the destination, without links.
    pub to: PathBuf,
    /// Its engine.
    pub kind: String,
    /// Whether some of the source may be gone; before that it is whole.
    pub removing: bool,
}

impl Journal {
    /// That of a source that is whole.
    pub fn of(to: &Config, places: &Places) -> Journal {
        Journal {
            cairn: "migrate".into(),
            version: VERSION,
            to: places.target.clone(),
            kind: to.kind.name().into(),
            removing: false,
        }
    }

    /// That of a source of which some may be gone.
    pub fn begun(self) -> Journal {
        Journal {
            removing: true,
            ..self
        }
    }

    /// The journal in the folder `source`. What is no journal of this release says nothing.
    ///
    /// # Errors
    /// Those of reading.
    pub fn read(disk: &dyn Disk, source: &Path) -> Result<Option<Journal>> {
        let journal = json::read(disk, &source.join(JOURNAL), MAX_LEN)?;
        Ok(journal.filter(|j: &Journal| j.cairn == "migrate" && j.version == VERSION))
    }

    /// Writes it into the folder `source`; a crash leaves the one that was there, or this.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write(&self, disk: &dyn Disk, source: &Path) -> Result<()> {
        json::write(disk, &source.join(JOURNAL), self)
    }

    /// Whether it names this destination.
    pub fn names(&self, to: &Config, places: &Places) -> bool {
        self.to == places.target && self.kind == to.kind.name()
    }
}
