//! What an open has found.

use std::path::PathBuf;

use crate::Lost;

/// What was there when the store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The store was made by this open.
    pub created: bool,
    /// The last process that had it open did not close it; the engine has recovered.
    pub unclean: bool,
    /// A lock file of an older program lay there, held by nobody, and was removed.
    pub old_lock: Option<PathBuf>,
    /// The folder is Kubo's, opened as it is.
    pub kubo: bool,
    /// The folder has CARs of others, which are read as they are.
    pub cars: bool,
    /// What was acknowledged and is not there.
    pub lost: Lost,
}

impl Found {
    /// Whether the folder is not ours: nothing of ours is put beside what is there.
    pub fn is_foreign(&self) -> bool {
        self.kubo || self.cars
    }
}
