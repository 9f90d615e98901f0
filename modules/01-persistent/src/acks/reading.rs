//! A ledger that is read, and not written to.

use std::path::{Path, PathBuf};

use datastore::disk::{DiskFile, Mode};
use datastore::{Disk, Error, Key, Result};

use super::NAME;
use super::census::{Census, Stretch};
use super::format::{Header, Point};
use super::seal;
use crate::Lost;
use crate::live::Live;
use crate::manifest::Record;

/// The shortest record of a block: a hash of 20 bytes, which are the shortest that name blocks.
pub(super) const SHORTEST: u64 = 24;

/// More records than this since the last clean close are left to `verify`.
pub(super) const MOST: u64 = 1_000_000;

/// An open ledger.
#[derive(Debug)]
pub(crate) struct Reading {
    path: PathBuf,
    file: Option<Box<dyn DiskFile>>,
    header: Option<Header>,
    len: u64,
    // What else is wrong with it.
    doubt: Option<String>,
}

impl Reading {
    /// The ledger of the store in `dir`, of which the manifest says `record`.
    ///
    /// # Errors
    /// Those of files. One that is gone, has no header or is not the one of the last close is told by
    /// [`wrong`](Self::wrong).
    pub fn open(disk: &dyn Disk, dir: &Path, record: &Record) -> Result<Reading> {
        let path = dir.join(NAME);
        let failed = |error| Error::io("read", &path, error);
        if disk.look(&path).map_err(failed)?.is_none() {
            return Ok(Reading {
                path,
                file: None,
                header: None,
                len: 0,
                doubt: None,
            });
        }
        let file = disk.open(&path, Mode::Read).map_err(failed)?;
        let mut header = Header::read(&*file).map_err(failed)?.ok();
        let len = file.len().map_err(failed)?;
        let mut doubt = record.doubt.clone();
        if let Some(header) = &mut header {
            let stranger = seal::stranger(&*file, header, len, record.sealed).map_err(failed)?;
            // It does not know what was deleted before the close that it is not of.
            header.loose |= stranger.is_some();
            doubt = stranger.or(doubt);
        }
        Ok(Reading {
            path,
            file: Some(file),
            header,
            len,
            doubt,
        })
    }

    /// The ledger at `path` up to `end`; `loose` if it may lack deletes.
    pub(super) fn upto(
        disk: &dyn Disk,
        path: &Path,
        end: Point,
        loose: bool,
        doubt: Option<String>,
    ) -> Result<Reading> {
        let file = disk.open(path, Mode::Read);
        let file = file.map_err(|error| Error::io("read", path, error))?;
        Ok(Reading {
            path: path.to_owned(),
            file: Some(file),
            header: Some(Header {
                sealed: end,
                live: 0,
                loose,
            }),
            len: end.at,
            doubt,
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the last clean close, or this reading, ended.
    pub(super) fn end(&self) -> Option<Point> {
        self.header.map(|header| header.sealed)
    }

    /// What can be seen to be wrong with the file without reading it.
    pub fn wrong(&self) -> Option<String> {
        match (&self.file, self.header) {
            (None, _) => Some("is gone".into()),
            (_, None) => Some("is damaged in its first bytes".into()),
            (_, Some(header)) if self.len < header.sealed.at => {
                Some(format!("is cut short at byte {}", self.len))
            }
            _ => self.doubt.clone(),
        }
    }

    /// All of it; `None` if there is nothing that can be read.
    pub fn whole(&self) -> Option<Stretch<'_>> {
        let (file, header) = (self.file.as_deref()?, self.header);
        Some(Stretch {
            file,
            path: &self.path,
            from: Point::START,
            end: self.len,
            records: self.len / SHORTEST + 1,
            // What is cut off may be deletes.
            loose: header.is_none_or(|header| header.loose || self.len < header.sealed.at),
        })
    }

    /// What an open tells of it: what is wrong, and after an unclean end what is missing.
    pub fn look(&self, unclean: bool, live: &Live) -> Result<Lost> {
        let mut lost = Lost {
            ledger: self.wrong(),
            ..Lost::default()
        };
        let (Some(file), Some(header)) = (&self.file, self.header) else {
            return Ok(lost);
        };
        if self.len < header.sealed.at {
            return Ok(lost);
        }
        if !unclean && !header.loose && self.len == header.sealed.at {
            return Ok(lost);
        }
        let (census, _) = looked_at(&**file, &self.path, header, self.len)?;
        if let Some(at) = census.walked.damage {
            lost.ledger = Some(format!("is damaged at byte {at}"));
        }
        for (key, mut claim) in census.live {
            if is_there(live, &key) == Some(false) {
                claim.perhaps |= census.torn.contains(&key);
                lost.add(&key, claim);
            }
        }
        Ok(lost)
    }
}

/// What an open looks at, and whether that is all: the whole ledger if it is small, else what came
/// after the last clean close. Of more than [`MOST`] records only the end is found.
pub(super) fn looked_at(
    file: &dyn DiskFile,
    path: &Path,
    header: Header,
    len: u64,
) -> Result<(Census, bool)> {
    let tail = len.saturating_sub(header.sealed.at) / SHORTEST + 1;
    let whole = Stretch {
        file,
        path,
        from: Point::START,
        end: len,
        records: header.sealed.records + tail,
        loose: header.loose,
    };
    if whole.is_small() {
        return Ok((whole.census()?, true));
    }
    let stretch = Stretch {
        from: header.sealed,
        ..whole
    };
    let census = if tail > MOST {
        stretch.ends()?
    } else {
        stretch.census()?
    };
    Ok((census, false))
}

/// Whether the engine has it; `None` if it does not say.
pub(super) fn is_there(live: &Live, key: &Key) -> Option<bool> {
    live.read(|engine| engine.has(key)).ok()
}
