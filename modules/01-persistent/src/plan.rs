//! What an open is about to do: which store is there, and how it is locked and repaired first.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datastore::{Datastore, Disk};

use crate::engine::Options;
use crate::engines::pack;
use crate::found::Found;
use crate::hold::Hold;
use crate::kubo;
use crate::lock::{Lock, Mode};
use crate::manifest::{self, Manifest};
use crate::{Config, Error, Kind, Lost, Persistent, engines};

/// What keeps others out while the store is open.
pub(crate) struct Held {
    pub lock: Lock,
    _kubo: Option<kubo::RepoLock>,
}

/// What an open is about to do, found out without changing anything.
pub(crate) struct Plan {
    path: PathBuf,
    whose: Whose,
    create: bool,
}

/// Whose the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Ours,
    /// A flatfs folder.
    Kubos,
    /// A folder of CARs, whoever's.
    Cars,
}

impl Plan {
    pub fn look(config: &Config, path: &Path) -> Result<Plan, Error> {
        let plan_of = |whose, create| Plan {
            path: path.to_owned(),
            whose,
            create,
        };
        let plan = |create| plan_of(Whose::Ours, create);
        let disk = &*config.disk;
        let looked = |path: &Path| {
            disk.look(path)
                .map_err(|e| datastore::Error::io("look at", path, e))
        };
        match looked(path)? {
            None if config.read_only => {
                return Err(Error::NoStore {
                    path: path.to_owned(),
                });
            }
            None => return Ok(plan(true)),
            Some(meta) if !meta.is_folder() => {
                return Err(Error::NotAFolder {
                    path: path.to_owned(),
                });
            }
            Some(_) => {}
        }
        if let Some(manifest) = Manifest::read(disk, path, config.kind)? {
            let data = engines::data_dir(config.kind, path);
            if manifest.ready && looked(&data)?.is_none() {
                return Err(Error::Store(datastore::Error::Corrupt {
                    path: data,
                    what: format!(
                        "{} says that it is there, and it is not; bring it back from a copy",
                        manifest::NAME
                    ),
                }));
            }
            return Ok(plan(!manifest.ready));
        }
        match manifest::foreign_entry(disk, path)? {
            None if config.read_only => Err(Error::NoStore {
                path: path.to_owned(),
            }),
            None => Ok(plan(true)),
            // It has just been made: the manifest comes before anything else.
            Some(_) if looked(&path.join(manifest::NAME))?.is_some() => Plan::look(config, path),
            Some(_) if config.kind == Kind::File && kubo::is_flatfs(path) => {
                refuse_ours(disk, path)?;
                Ok(plan_of(Whose::Kubos, false))
            }
            Some(_) if config.kind == Kind::Pack && pack::is_folder(disk, path)? => {
                refuse_ours(disk, path)?;
                refuse_cars(config, path)?;
                Ok(plan_of(Whose::Cars, false))
            }
            Some(_) if manifest::was_ours(disk, path)? => Err(Error::Manifest {
                path: path.join(manifest::NAME),
                what: "it is gone, and what else a store has is there".into(),
            }),
            Some(entry) => {
                let hint = if kubo::is_flatfs(&path.join("blocks")) {
                    format!(
                        "it is a Kubo repository; open {} as file",
                        path.join("blocks").display()
                    )
                } else if kubo::is_flatfs(path) {
                    "it is a flatfs folder; open it as file".to_owned()
                } else if pack::is_folder(disk, path)? {
                    "it is a folder of CARs; read it as pack".to_owned()
                } else {
                    format!(
                        "there is {}; name an empty or a new folder",
                        entry.display()
                    )
                };
                Err(Error::NotAStore {
                    path: path.to_owned(),
                    hint,
                })
            }
        }
    }

    pub fn lock(&self, config: &Config) -> Result<(Held, Found), Error> {
        let mode = if config.read_only {
            Mode::Shared
        } else {
            Mode::Exclusive
        };
        if self.whose != Whose::Ours {
            let found = Found {
                kubo: self.whose == Whose::Kubos,
                cars: self.whose == Whose::Cars,
                ..Found::default()
            };
            let repo = if config.read_only || !found.kubo {
                None
            } else {
                kubo::RepoLock::take(&self.path)?
            };
            let lock = Lock::folder_only(&self.path, mode)?;
            return Ok((Held { lock, _kubo: repo }, found));
        }
        let mut lock = Lock::acquire(&self.path, mode)?;
        let mut unclean = lock.unclean;
        let mut lost = Lost::default();
        if unclean && config.read_only && config.kind.repairs_on_open() {
            // Repaired under the exclusive lock, by opening and closing it for writing.
            drop(lock);
            lost = repair(config)?;
            lock = Lock::acquire(&self.path, mode)?;
            unclean = true;
        }
        // Another process may have made the store between the look and the lock.
        let create = match Plan::look(config, &self.path) {
            Ok(plan) => plan.create,
            Err(error) => {
                if !lock.unclean {
                    // Nothing was done to it. If this fails, a clean store is looked through once.
                    let _ = lock.closed();
                }
                return Err(error);
            }
        };
        let found = Found {
            created: create,
            unclean: unclean && !create,
            old_lock: lock.old_lock.clone(),
            lost,
            ..Found::default()
        };
        Ok((Held { lock, _kubo: None }, found))
    }

    pub fn options(&self, config: &Config) -> Options {
        let dir = match self.whose {
            Whose::Ours => engines::data_dir(config.kind, &self.path),
            Whose::Kubos | Whose::Cars => self.path.clone(),
        };
        Options {
            dir,
            cache: config.cache,
            compression: config.compression,
            read_only: config.read_only,
            unchecked: false,
            tolerant: false,
            unclean: false,
            sealed: self.whose == Whose::Cars,
            hold: Hold::default(),
            disk: Arc::clone(&config.disk),
        }
    }
}

/// Refuses the folder of blocks of a store of ours, which is locked by another name.
pub(crate) fn refuse_ours(disk: &dyn Disk, blocks: &Path) -> Result<(), Error> {
    let real = blocks.canonicalize();
    let Some(store) = real.as_deref().unwrap_or(blocks).parent() else {
        return Ok(());
    };
    let is_ours = match Manifest::read(disk, store, Kind::File) {
        Ok(Some(_)) | Err(Error::WrongKind { .. } | Error::NewerVersion { .. }) => true,
        _ => manifest::was_ours(disk, store)?,
    };
    if !is_ours {
        return Ok(());
    }
    Err(Error::NotAStore {
        path: blocks.to_owned(),
        hint: format!(
            "it is a part of the store in {}; open that",
            store.display()
        ),
    })
}

/// Refuses a folder of CARs that is to be written to, or of which a file cannot be read.
fn refuse_cars(config: &Config, path: &Path) -> Result<(), Error> {
    let refuse = |hint: String| {
        Err(Error::NotAStore {
            path: path.to_owned(),
            hint,
        })
    };
    if !config.read_only {
        return refuse(
            "it is a folder of CARs, which is only read; bring them into a store with `migrate`, and \
             write there"
                .to_owned(),
        );
    }
    match pack::fault(&*config.disk, path)? {
        Some(fault) => refuse(fault),
        None => Ok(()),
    }
}

/// Opens a store for writing, which repairs it, and closes it; what it found missing.
pub(crate) fn repair(config: &Config) -> Result<Lost, Error> {
    let path = config.path.clone().or_else(|| config.kind.default_path());
    let path = path.unwrap_or_default();
    if !config.repair {
        let reason = "it was not closed, and has to be repaired before it can be read: open it once \
                      for writing (any command without --read-only)";
        let reason = reason.into();
        return Err(datastore::Error::ReadOnly { path, reason }.into());
    }
    let config = Config {
        read_only: false,
        ..config.clone()
    };
    let store = Persistent::open(&config).map_err(|e| cannot_repair(&path, e))?;
    store.close()?;
    Ok(store.found().lost.clone())
}

/// A store that was not closed is repaired before it is read, and that takes writing.
fn cannot_repair(path: &Path, error: Error) -> Error {
    let Error::Store(store) = &error else {
        return error;
    };
    let reason = match store {
        full if full.is_out_of_space() => {
            "it was not closed, and there is no room to repair it: free some space"
        }
        datastore::Error::Io { source, .. }
            if source.kind() == io::ErrorKind::ReadOnlyFilesystem =>
        {
            "it was not closed, and has to be repaired where it can be written: copy it there"
        }
        _ => return error,
    };
    let path = path.to_owned();
    datastore::Error::ReadOnly {
        path,
        reason: reason.into(),
    }
    .into()
}
