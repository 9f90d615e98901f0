//! A ledger is opened, and compared with the engine if its store was not closed.
//!
//! | what is found | what is done |
//! | --- | --- |
//! | as the last clean close left it | nothing is read but its first bytes |
//! | an unclean end | a torn end is cut; what is live is looked for in the engine |
//! | an unclean end, and a small ledger | blocks that it does not know are recorded, too |
//! | a part that is not what was written | what can be read is written anew, deletes being unsure |
//! | another than the last clean close left | the same |
//! | no ledger, or another file | all blocks that are there are recorded |
//!
//! What is wrong is in the manifest before anything is done about it, and is told until it is
//! accepted ([`seal`](super::seal)).

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

use datastore::disk::{DiskFile, Mode};
use datastore::{Disk, Error, Key, Result};

use super::format::{Frames, Header, Point, Unreadable, What};
use super::reading::{Reading, SHORTEST, is_there, looked_at};
use super::renew::Writer;
use super::seal::{Seal, stranger};
use super::{Acks, NAME, Stretch, Tail};
use crate::live::{Caught, Live};
use crate::manifest::{Manifest, Record};
use crate::{Config, Lost};

/// The ledger of the store in `dir`, as the configuration has it: for appending, or looked at
/// only if the store is read-only.
///
/// # Errors
/// Those of files, and of the manifest. An existing store whose keys cannot be listed for a new
/// ledger opens without one.
pub(crate) fn of_store(
    config: &Config,
    dir: &Path,
    told: Told,
    live: &Live,
) -> Result<(Option<Acks>, Lost), crate::Error> {
    let disk = &config.disk;
    let record = Manifest::read(&**disk, dir, config.kind)?.and_then(|manifest| manifest.acks);
    let exists = record.is_some();
    let say = |acks| {
        let manifest = Manifest {
            kind: config.kind,
            ready: true,
            acks,
        };
        manifest.write(&**disk, dir)
    };
    if config.read_only {
        let lost = match record.filter(|_| config.acks) {
            Some(record) => Reading::open(&**disk, dir, &record)?.look(told.unclean, live)?,
            None => Lost::default(),
        };
        return Ok((None, lost));
    }
    if !config.acks {
        if exists || told.created {
            say(None)?;
        }
        // First it is said that there is none, so that no stale one is ever believed.
        match disk.remove_file(&dir.join(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", dir.join(NAME), error).into());
            }
            _ => return Ok((None, Lost::default())),
        }
    }
    let opened = loop {
        match Acks::open(config, dir, told, record.clone(), live) {
            Err(full) if full.is_out_of_space() && live.ballast().give_up() => {}
            opened => break opened,
        }
    };
    match opened {
        Ok((acks, lost)) => {
            if !exists {
                say(Some(Record::default()))?;
            }
            Ok((Some(acks), lost))
        }
        // Next time, then. One that is damaged is left as it is.
        Err(error) if !told.created && (!exists || error.is_out_of_space()) => {
            let why = format!("could not be made: {}", datastore::error::chain(&error));
            let lost = Lost {
                ledger: Some(why),
                ..Lost::default()
            };
            Ok((None, lost))
        }
        Err(error) => Err(error.into()),
    }
}

/// How the store was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The store is made by this open.
    pub created: bool,
    /// The store was not closed.
    pub unclean: bool,
}

impl Acks {
    /// Opens the ledger of the store in `dir`, whose engine is `live`, for appending, and makes it
    /// if the manifest says nothing of one.
    ///
    /// # Errors
    /// Those of files, and those of the engine while its keys are listed for a new ledger.
    pub fn open(
        config: &Config,
        dir: &Path,
        told: Told,
        record: Option<Record>,
        live: &Live,
    ) -> Result<(Acks, Lost)> {
        let disk = &config.disk;
        let path = dir.join(NAME);
        let failed = |error| Error::io("open", &path, error);
        let exists = record.is_some();
        let there = disk.look(&path).map_err(failed)?.is_some();
        let record = record.unwrap_or_default();
        let mut seal = Seal::new(Arc::clone(disk), dir.to_owned(), config.kind, record);
        if exists && !there {
            let what = "was gone; it was made anew from the blocks that are there";
            seal.open(Some(what.into()))?;
        }
        if !exists || !there {
            baseline(&**disk, &path, live)?;
        }
        let mut file = disk.open(&path, Mode::Write).map_err(failed)?;
        let mut unclean = told.unclean && exists && there;
        let mut header = match Header::read(&*file).map_err(failed)? {
            Ok(header) => header,
            Err(Unreadable::Foreign) => {
                let name = aside(&**disk, &path)?;
                seal.open(Some(format!(
                    "was another file, which is now {name}; it was made anew from the blocks that \
                     are there"
                )))?;
                disk.rename(&path, &path.with_file_name(name))
                    .map_err(|error| Error::io("move away", &path, error))?;
                baseline(&**disk, &path, live)?;
                file = disk.open(&path, Mode::Write).map_err(failed)?;
                unclean = false;
                Header::read(&*file).map_err(failed)?.unwrap_or(Header::NEW)
            }
            Err(Unreadable::Damaged) => {
                seal.open(Some("was damaged in its first bytes".into()))?;
                file = anew(&**disk, &path, &*file)?;
                unclean = true;
                Header::read(&*file).map_err(failed)?.unwrap_or(Header::NEW)
            }
        };
        let len = file.len().map_err(failed)?;
        let wrong = match len < header.sealed.at {
            true => Some(format!("was cut short at byte {len}")),
            false => stranger(&*file, &header, len, seal.place()).map_err(failed)?,
        };
        if wrong.is_some() {
            seal.open(wrong)?;
            file = anew(&**disk, &path, &*file)?;
            header = Header::read(&*file).map_err(failed)?.unwrap_or(Header::NEW);
            unclean = true;
        }
        unclean |= header.loose || len > header.sealed.at;
        let mut acks = Acks {
            disk: Arc::clone(disk),
            path,
            durability: config.durability(),
            ballast: Arc::clone(live.ballast()),
            order: RwLock::default(),
            tail: Mutex::new(Tail {
                file,
                header,
                seal,
                end: header.sealed,
                flushed: 0,
                frames: Frames::default(),
                deletes: 0,
                unrecorded: false,
                failed: None,
            }),
        };
        let mut lost = Lost::default();
        if unclean {
            acks.recover(live, &mut lost)?;
        }
        lost.ledger = acks.tail().seal.doubt();
        Ok((acks, lost))
    }

    /// Finds the end of the file, and compares it with the engine.
    fn recover(&mut self, live: &Live, lost: &mut Lost) -> Result<()> {
        let mut tail = self.tail();
        let mut len = self.told("look at", tail.file.len())?;
        let header = tail.header;
        let (mut census, mut whole) = looked_at(&*tail.file, &self.path, header, len)?;
        if let Some(at) = census.walked.damage {
            // What came after the last clean close may have reached the disk in any part when the
            // power went; what it takes with it is told as perhaps deleted.
            let closed = header
                .sealed
                .at
                .max(tail.seal.place().map_or(0, |sealed| sealed.at));
            let wrong = (at < closed).then(|| format!("was damaged at byte {at}"));
            let doubt = wrong.or_else(|| tail.seal.doubt());
            tail.seal.open(doubt)?;
            let file = anew(&*self.disk, &self.path, &*tail.file)?;
            tail.header = self
                .told("read", Header::read(&*file))?
                .unwrap_or(Header::NEW);
            tail.file = file;
            len = tail.header.sealed.at;
            (census, whole) = looked_at(&*tail.file, &self.path, tail.header, len)?;
        }
        tail.end = census.walked.end;
        if len > tail.end.at {
            let cut = tail.file.set_len(tail.end.at);
            self.told("cut", cut)?;
        }
        if tail.header.loose {
            tail.frames.push(What::Unsure, &[]);
        }
        for key in census.torn {
            if is_there(live, &key) == Some(false) {
                census.live.remove(&key);
                tail.frames
                    .push(What::Delete, key.as_block().unwrap_or_default());
            }
        }
        if whole {
            // What it does not know, or is not sure of, and what it knows: each at its first sight.
            let keys = live.read(|engine| engine.keys(&Key::blocks()))?;
            for key in Caught::new(live, keys) {
                let Ok(key) = key else { break };
                match census.live.remove(&key) {
                    Some(claim) if !claim.perhaps => continue,
                    Some(_) => {}
                    None => lost.adopted += 1,
                }
                tail.frames
                    .push(What::Put, key.as_block().unwrap_or_default());
            }
        }
        for (key, claim) in census.live {
            if is_there(live, &key) != Some(false) {
                continue;
            }
            lost.add(&key, claim);
            if claim.perhaps {
                tail.frames
                    .push(What::Perhaps, key.as_block().unwrap_or_default());
            }
        }
        match self.append(&mut tail) {
            // The store opens on a full disk, too. What could not be recorded is unsure, once there
            // is no ballast left.
            Err(full) if full.is_out_of_space() && self.ballast.held() == 0 => {
                tail.unrecorded = true;
                return self.loosen(&mut tail);
            }
            appended => appended?,
        }
        if tail.header.loose {
            self.flush(&mut tail)?;
            tail.header.loose = false;
            let written = tail.header.write(&*tail.file);
            self.told("write", written)?;
        }
        Ok(())
    }
}

/// A ledger of all blocks that are there.
fn baseline(disk: &dyn Disk, path: &Path, live: &Live) -> Result<Header> {
    Writer::new(disk, path)?.all(|push| {
        let keys = live.read(|engine| engine.keys(&Key::blocks()))?;
        Caught::new(live, keys).try_for_each(|key| push(What::Put, &key?))
    })
}

/// What can be read of a damaged ledger, in a new one.
fn anew(disk: &dyn Disk, path: &Path, file: &dyn DiskFile) -> Result<Box<dyn DiskFile>> {
    let failed = |error| Error::io("read", path, error);
    let len = file.len().map_err(failed)?;
    let stretch = Stretch {
        file,
        path,
        from: Point::START,
        end: len,
        records: len / SHORTEST + 1,
        // Whatever cannot be read may be deletes.
        loose: true,
    };
    Writer::new(disk, path)?.all(|push| {
        stretch
            .each(&mut |key, _| push(What::Perhaps, key))
            .map(drop)
    })?;
    disk.open(path, Mode::Write).map_err(failed)
}

/// A name beside `path` that is free.
fn aside(disk: &dyn Disk, path: &Path) -> Result<String> {
    for n in 1_u32.. {
        let name = format!("{NAME}.damaged-{n}");
        let there = disk.look(&path.with_file_name(&name));
        if there
            .map_err(|error| Error::io("look at", path, error))?
            .is_none()
        {
            return Ok(name);
        }
    }
    Err(Error::Closed)
}
