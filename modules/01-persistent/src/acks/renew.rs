//! A ledger is written anew: without its dead records, or from what is there.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use datastore::disk::{DiskFile, Mode};
use datastore::{Disk, Error, Key, Result};

use super::format::{Frames, Header, Point, What};
use super::{Acks, NEW, SLACK, Stretch, Tail};
use crate::live::{Caught, Live};

impl Acks {
    /// Writes the file anew: every block that is there, and unless `forget`, every one that is
    /// missing. Nobody writes meanwhile. What was `wrong` with it is told from here on, unless
    /// `forget`.
    pub fn settle(&self, live: &Live, forget: bool, wrong: Option<String>) -> Result<()> {
        let _alone = self.order.write().unwrap_or_else(PoisonError::into_inner);
        self.usable()?;
        let mut tail = self.tail();
        let doubt = match forget {
            true => None,
            false => wrong.or_else(|| tail.seal.doubt()),
        };
        tail.seal.open(doubt)?;
        let old = self.whole(&tail);
        let header = Writer::new(&*self.disk, &self.path)?.all(|push| {
            let keys = live.read(|engine| engine.keys(&Key::blocks()))?;
            Caught::new(live, keys).try_for_each(|key| push(What::Put, &key?))?;
            let absent = |key: &Key| Ok(!live.read(|engine| engine.has(key))?);
            old.each(&mut |key, claim| match (forget, absent(key)?) {
                (false, true) if claim.perhaps => push(What::Perhaps, key),
                (false, true) => push(What::Put, key),
                _ => Ok(()),
            })
            .map(drop)
        })?;
        let file = self.disk.open(&self.path, Mode::Write);
        tail.file = self.told("open", file)?;
        (tail.header, tail.end, tail.flushed) = (header, header.sealed, header.sealed.at);
        tail.unrecorded = false;
        Ok(())
    }

    /// All that is recorded.
    fn whole<'a>(&'a self, tail: &'a Tail) -> Stretch<'a> {
        Stretch {
            file: &*tail.file,
            path: &self.path,
            from: Point::START,
            end: tail.end.at,
            records: tail.end.records,
            loose: tail.unrecorded,
        }
    }

    /// Whether most records are dead. Those of a store that has only grown are not, and as a large
    /// ledger is gone through many times to be written anew, one of its parts is asked first.
    pub(super) fn is_worth_it(&self, tail: &mut Tail) -> bool {
        let mostly_dead = |tail: &Tail| tail.end.records > 2 * tail.header.live + SLACK;
        if !mostly_dead(tail) {
            return false;
        }
        // One that cannot be read cannot be written anew either.
        let Ok(live) = self.whole(tail).live() else {
            return false;
        };
        tail.header.live = live;
        mostly_dead(tail)
    }

    /// Writes what is live into a new file, which takes the place of this one.
    pub(super) fn compact(&self, tail: &mut Tail) -> Result<()> {
        let doubt = tail.seal.doubt();
        tail.seal.open(doubt)?;
        let stretch = self.whole(tail);
        let file = Writer::new(&*self.disk, &self.path)?;
        tail.header = file.all(|push| {
            stretch
                .each(&mut |key, claim| {
                    let what = if claim.perhaps {
                        What::Perhaps
                    } else {
                        What::Put
                    };
                    push(what, key)
                })
                .map(drop)
        })?;
        Ok(())
    }
}

/// A ledger that is written anew: under another name first.
pub(super) struct Writer<'a> {
    disk: &'a dyn Disk,
    path: &'a Path,
    new: PathBuf,
    file: Box<dyn DiskFile>,
}

impl Writer<'_> {
    /// A ledger in the place of `path`.
    pub fn new<'a>(disk: &'a dyn Disk, path: &'a Path) -> Result<Writer<'a>> {
        let new = path.with_file_name(NEW);
        let file = disk
            .open(&new, Mode::Create)
            .and_then(|file| file.set_len(0).map(|()| file))
            .map_err(|error| Error::io("make", &new, error))?;
        Ok(Writer {
            disk,
            path,
            new,
            file,
        })
    }

    /// Has `give` push every record, and puts the file into its place, durably. A file that could
    /// not be finished is removed.
    pub fn all(
        self,
        give: impl FnOnce(&mut dyn FnMut(What, &Key) -> Result<()>) -> Result<()>,
    ) -> Result<Header> {
        let written = self.write(give);
        if written.is_err() {
            // What is left of it is written over next time.
            let _ = self.disk.remove_file(&self.new);
        }
        written
    }

    fn write(
        &self,
        give: impl FnOnce(&mut dyn FnMut(What, &Key) -> Result<()>) -> Result<()>,
    ) -> Result<Header> {
        let failed = |error| Error::io("write", &self.new, error);
        let mut frames = Frames::default();
        let mut end = Point::START;
        give(&mut |what, key| {
            frames.push(what, key.as_block().unwrap_or_default());
            if frames.len() >= 1 << 20 {
                end = frames.write(&*self.file, end).map_err(failed)?;
            }
            Ok(())
        })?;
        end = frames.write(&*self.file, end).map_err(failed)?;
        let header = Header {
            sealed: end,
            live: end.records,
            loose: false,
        };
        header
            .write(&*self.file)
            .and_then(|()| self.file.sync())
            .and_then(|()| self.disk.rename(&self.new, self.path))
            .and_then(|()| {
                self.disk
                    .sync_dir(self.path.parent().unwrap_or(Path::new("")))
            })
            .map_err(failed)?;
        Ok(header)
    }
}
