//! What the manifest says of the ledger, so that no other is taken for it.
//!
//! ```text
//! clean close     the ledger is flushed ──► the manifest says where it ends: sealed
//! open            the ledger leads through that place, or it is not the one that was closed
//! written anew    the manifest says that it is not sealed ──► the new one takes the place of the old
//! something wrong the manifest says what ──► it is made anew from what can be known
//! ```
//!
//! A ledger is only appended to while it is sealed, so that one which a killed process leaves, and
//! one whose last seal found no room, lead through the seal before. What was wrong is told by every
//! open, and by `verify`, until it is accepted: who made the ledger anew cannot know what it lacks.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use datastore::disk::DiskFile;
use datastore::{Disk, Result};

use super::format::{Header, Point, walk};
use crate::Kind;
use crate::manifest::{Manifest, Record};

/// What the manifest says of the ledger.
#[derive(Debug)]
pub(super) struct Seal {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    kind: Kind,
    record: Record,
}

impl Seal {
    /// The ledger of the store in `dir`, of which the manifest says `record`.
    pub fn new(disk: Arc<dyn Disk>, dir: PathBuf, kind: Kind, record: Record) -> Seal {
        Seal {
            disk,
            dir,
            kind,
            record,
        }
    }

    /// Where the last clean close ended.
    pub fn place(&self) -> Option<Point> {
        self.record.sealed
    }

    /// What is wrong, and not accepted.
    pub fn doubt(&self) -> Option<String> {
        self.record.doubt.clone()
    }

    /// The ledger is going to be written anew. `doubt` is told from here on; `None` accepts what was
    /// wrong.
    pub fn open(&mut self, doubt: Option<String>) -> Result<()> {
        self.say(None, doubt)
    }

    /// The ledger was closed, and ends here.
    pub fn close(&mut self, end: Point) -> Result<()> {
        match self.say(Some(end), self.doubt()) {
            // It leads through the seal before.
            Err(full) if full.is_out_of_space() => Ok(()),
            said => said,
        }
    }

    fn say(&mut self, sealed: Option<Point>, doubt: Option<String>) -> Result<()> {
        let record = Record { sealed, doubt };
        if record == self.record {
            return Ok(());
        }
        let manifest = Manifest {
            kind: self.kind,
            ready: true,
            acks: Some(record.clone()),
        };
        manifest.write(&*self.disk, &self.dir)?;
        self.record = record;
        Ok(())
    }
}

/// What is wrong with a ledger of `len` bytes that does not lead through the sealed place. Only one
/// that does not end there is read, and only up to there.
pub(super) fn stranger(
    file: &dyn DiskFile,
    header: &Header,
    len: u64,
    sealed: Option<Point>,
) -> io::Result<Option<String>> {
    let Some(sealed) = sealed.filter(|sealed| *sealed != header.sealed) else {
        return Ok(None);
    };
    let from = match header.sealed.at < sealed.at {
        true => header.sealed,
        false => Point::START,
    };
    let walked = walk::<io::Error>(file, from, len.min(sealed.at), &mut |_, _| Ok(()))?;
    Ok((walked.end != sealed).then(|| {
        format!(
            "is not as the last close left it: {} records were in {} bytes",
            sealed.records, sealed.at
        )
    }))
}
