//! The wrapper: a datastore on an engine of your choice, locked, guarded and durable.
//!
//! ```text
//! Blocks            hashes what comes in and goes out (module 00)
//!   Persistent      the lock, the manifest, open and close
//!     Guard         refuses what has no room
//!       Promise     durability; Group shares one flush among many writers
//!         Live      panics become errors, a failed disk becomes read-only
//!           Engine  memory · file · fjall · rocksdb · redb
//! ```
//!
//! A store is a folder:
//!
//! ```text
//! store.json     which engine, which format
//! lock           held while the store is open; never removed
//! acks           what was acknowledged
//! ballast        room that is kept back for a full disk
//! redb/          the engine's own data: redb/, fjall/ or rocksdb/,
//! blocks/        or for `file` a flatfs folder, and meta.redb for keys that are no blocks
//! ```

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use block_cid::{Blocks, Verify};
use bytes::Bytes;
use datastore::{Batch, Datastore, Disk, Entries, Key, Keys};

use crate::acks::{self, Told};
use crate::ballast::Ballast;
use crate::engine::Options;
use crate::engines::in_use;
use crate::guard::{Cost, Guard};
use crate::kubo;
use crate::live::Live;
use crate::lock::{Lock, Mode};
use crate::manifest::{self, Manifest};
use crate::ops::swap;
use crate::probe::{self, Way};
use crate::promise::Promise;
use crate::{Config, Durability, Error, Kind, Lost, engines, place};

/// A store of keys and values on the engine that a [`Config`] names.
pub struct Persistent {
    store: Box<dyn Datastore>,
    pub(crate) promise: Arc<Promise>,
    pub(crate) disk: Arc<dyn Disk>,
    kind: Kind,
    path: Option<PathBuf>,
    durability: Durability,
    found: Found,
    lock: Mutex<Option<Held>>,
}

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
    /// What was acknowledged and is not there.
    pub lost: Lost,
}

/// What keeps others out while the store is open.
struct Held {
    lock: Lock,
    _kubo: Option<kubo::RepoLock>,
}

impl Persistent {
    /// Opens the store, making it if there is none (unless read-only).
    ///
    /// # Errors
    /// See [`Error`]. An open that fails leaves what it found.
    pub fn open(config: &Config) -> Result<Persistent, Error> {
        match Persistent::try_open(config) {
            // Its last holder let go of the lock, and could not write the end of the file.
            Err(Error::Store(error)) if config.read_only && engines::redb::needs_repair(&error) => {
                let lost = repair(config)?;
                let mut store = Persistent::try_open(config)?;
                store.found.lost = lost;
                Ok(store)
            }
            end => end,
        }
    }

    fn try_open(config: &Config) -> Result<Persistent, Error> {
        config.check()?;
        let Some(path) = config.path.clone().or_else(|| config.kind.default_path()) else {
            return Persistent::in_memory(config);
        };
        let disk = &*config.disk;
        swap::recover(config, &path)?;
        let plan = Plan::look(config, &path)?;
        if !config.read_only {
            disk.make_dir(&path).map_err(|e| creating(&path, e))?;
        }
        if !config.allow_network_fs {
            place::refuse_network_fs(&path)?;
        }
        let (mut held, mut found) = plan.lock(config)?;
        let options = Options {
            unchecked: found.unclean && config.probe.is_none(),
            unclean: held.lock.unclean,
            ..plan.options(config)
        };
        // A child that asks waits, too.
        let mut patience = in_use::PATIENCE;

        if let (true, false, Some(program)) = (found.unclean, config.read_only, &config.probe) {
            probe::ask(program, config.kind, &options.dir, &path, Way::Strict)?;
            patience = Duration::ZERO;
        }
        if found.created {
            // An engine that is made on a full disk would be half made.
            let empty = Guard::new(
                datastore::MemStore::new(),
                path.clone(),
                config.min_free,
                None,
                Cost::PLAIN,
            );
            empty.admit(1, 0)?;
            Manifest {
                kind: config.kind,
                ready: false,
                acks: false,
            }
            .write(disk, &path)?;
        }
        let kind = config.kind;
        let ballast = Arc::new(if found.kubo {
            Ballast::none()
        } else {
            Ballast::find(&path, config)
        });
        let live = in_use::wait(patience, || {
            let open = engines::opener(kind, options.clone());
            Live::new(path.clone(), Arc::clone(&ballast), open)
        });
        if let (Err(datastore::Error::Corrupt { .. }), false) = (&live, held.lock.unclean) {
            // Nothing was written to it. If this fails, a clean store is looked through once.
            let _ = held.lock.closed();
        }
        let live = live?;
        if (held.lock.unclean || found.kubo) && !config.read_only {
            // A killed process leaves writes in the page cache, readable as if they were on disk. A
            // put that finds such a block there would be acknowledged on nothing, and
            // so would one that is recorded now.
            disk.sync_tree(&path)
                .map_err(|e| datastore::Error::io("flush", &path, e))?;
        }
        let (mut acks, told) = (
            None,
            Told {
                created: found.created,
                unclean: held.lock.unclean,
            },
        );
        if !found.kubo {
            let (opened, lost) = loop {
                match acks::of_store(config, &path, told, &live) {
                    Err(Error::Store(full)) if full.is_out_of_space() && ballast.give_up() => {}
                    found => break found?,
                }
            };
            acks = opened;
            // A reader that had the store repaired has been told then.
            if found.lost.is_nothing() {
                found.lost = lost;
            }
        }
        if found.created {
            flush_name(disk, &path)?;
        }
        ballast.take();
        let durability = config.durability();
        let promise = Arc::new(Promise::new(
            live,
            acks,
            durability,
            path.clone(),
            config.read_only,
        ));
        let waiting = Arc::clone(&promise);
        let guard = Guard::new(
            Arc::clone(&promise),
            path.clone(),
            config.min_free,
            config.quota,
            kind.cost(),
        )
        .with_ballast(ballast)
        .with_unseen(move || waiting.unseen());
        Ok(Persistent {
            store: Box::new(guard),
            promise,
            disk: Arc::clone(&config.disk),
            kind,
            path: Some(path),
            durability,
            found,
            lock: Mutex::new(Some(held)),
        })
    }

    fn in_memory(config: &Config) -> Result<Persistent, Error> {
        let kind = config.kind;
        let options = Options {
            dir: PathBuf::new(),
            cache: config.cache,
            compression: config.compression,
            read_only: false,
            unchecked: false,
            tolerant: false,
            unclean: false,
            disk: Arc::clone(&config.disk),
        };
        let path = PathBuf::from("memory");
        let live = Live::new(
            path.clone(),
            Arc::new(Ballast::none()),
            engines::opener(kind, options),
        )?;
        let promise = Arc::new(Promise::new(live, None, Durability::None, path, false));
        Ok(Persistent {
            store: Box::new(Arc::clone(&promise)),
            promise,
            disk: Arc::clone(&config.disk),
            kind,
            path: None,
            durability: Durability::None,
            found: Found {
                created: true,
                ..Found::default()
            },
            lock: Mutex::new(None),
        })
    }

    /// The engine.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The store's folder; none in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// When writes are acknowledged.
    pub fn durability(&self) -> Durability {
        self.durability
    }

    /// What was there when the store was opened.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// How many flushes the writes so far have taken, under [`Durability::Each`].
    pub fn commits(&self) -> u64 {
        self.promise.commits()
    }

    /// Gives back what deleted and replaced values still take on disk, as far as the engine can.
    /// Every other call waits meanwhile; stopped or killed in the middle it has harmed nothing.
    ///
    /// # Errors
    /// As those of a write; on redb also while an enumeration is open.
    pub fn compact(&self) -> Result<()> {
        self.promise.compact()
    }

    /// Closes the engine, and keeps others out for as long as what is given back lives.
    pub(crate) fn close_and_hold(&self) -> Result<impl Sized + use<>> {
        let held = self
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.close()?;
        Ok(held)
    }

    /// The block layer over this store. Blocks are hashed on every read if they lie on disk: no
    /// engine protects them from a flipped bit.
    pub fn blocks(&self) -> Blocks<&Persistent> {
        Blocks::new(self).with_verify(self.verify())
    }

    /// The block layer, owning the store.
    pub fn into_blocks(self) -> Blocks<Persistent> {
        let verify = self.verify();
        Blocks::new(self).with_verify(verify)
    }

    fn verify(&self) -> Verify {
        if self.kind.is_on_disk() {
            Verify::Always
        } else {
            Verify::Never
        }
    }
}

/// What an open is about to do, found out without changing anything.
struct Plan {
    path: PathBuf,
    kubo: bool,
    create: bool,
}

impl Plan {
    fn look(config: &Config, path: &Path) -> Result<Plan, Error> {
        let plan = |kubo, create| Plan {
            path: path.to_owned(),
            kubo,
            create,
        };
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
            None => return Ok(plan(false, true)),
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
                return Err(Error::Manifest {
                    path: path.join(manifest::NAME),
                    what: format!("it says that {} is there, and it is not", data.display()),
                });
            }
            return Ok(plan(false, !manifest.ready));
        }
        match manifest::foreign_entry(disk, path)? {
            None if config.read_only => Err(Error::NoStore {
                path: path.to_owned(),
            }),
            None => Ok(plan(false, true)),
            // It has just been made: the manifest comes before anything else.
            Some(_) if looked(&path.join(manifest::NAME))?.is_some() => Plan::look(config, path),
            Some(_) if config.kind == Kind::File && kubo::is_flatfs(path) => Ok(plan(true, false)),
            Some(entry) => {
                let hint = if kubo::is_flatfs(&path.join("blocks")) {
                    format!(
                        "it is a Kubo repository; open {} as file",
                        path.join("blocks").display()
                    )
                } else if kubo::is_flatfs(path) {
                    "it is a flatfs folder; open it as file".to_owned()
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

    fn lock(&self, config: &Config) -> Result<(Held, Found), Error> {
        let mode = if config.read_only {
            Mode::Shared
        } else {
            Mode::Exclusive
        };
        if self.kubo {
            let repo = if config.read_only {
                None
            } else {
                kubo::RepoLock::take(&self.path)?
            };
            let lock = Lock::folder_only(&self.path, mode)?;
            let found = Found {
                kubo: true,
                ..Found::default()
            };
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
            kubo: false,
            lost,
        };
        Ok((Held { lock, _kubo: None }, found))
    }

    fn options(&self, config: &Config) -> Options {
        let dir = if self.kubo {
            self.path.clone()
        } else {
            engines::data_dir(config.kind, &self.path)
        };
        Options {
            dir,
            cache: config.cache,
            compression: config.compression,
            read_only: config.read_only,
            unchecked: false,
            tolerant: false,
            unclean: false,
            disk: Arc::clone(&config.disk),
        }
    }
}

/// Opens a store for writing, which repairs it, and closes it; what it found missing.
fn repair(config: &Config) -> Result<Lost, Error> {
    let path = config.path.clone().or_else(|| config.kind.default_path());
    let path = path.unwrap_or_default();
    let config = Config {
        read_only: false,
        ..config.clone()
    };
    let store = Persistent::open(&config).map_err(|e| cannot_repair(&path, e))?;
    store.close()?;
    Ok(store.found.lost.clone())
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

/// Flushes the name of the store's folder: whoever made the folder may have been killed before.
fn flush_name(disk: &dyn Disk, path: &Path) -> Result<(), Error> {
    let parent = path.parent().unwrap_or(Path::new(""));
    match disk.sync_dir(parent) {
        // Where we may not look we have made nothing.
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        flushed => flushed.map_err(|e| datastore::Error::io("flush", parent, e).into()),
    }
}

fn creating(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Error::NotAFolder {
            path: path.to_owned(),
        },
        _ => datastore::Error::io("make the folder", path, error).into(),
    }
}

type Result<T, E = datastore::Error> = std::result::Result<T, E>;

impl Datastore for Persistent {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.store.get(key)
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.store.put(key, value)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.store.delete(key)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.store.query(prefix)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.store.has(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.store.size(key)
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.store.get_range(key, range)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.store.get_many(keys)
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        self.store.keys(prefix)
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        self.store.apply(batch)
    }

    fn sync(&self) -> Result<()> {
        self.store.sync()
    }

    fn disk_usage(&self) -> Result<u64> {
        self.store.disk_usage()
    }

    /// Flushes, closes the engine and lets go of the lock, also when that fails. Closing again
    /// does nothing.
    fn close(&self) -> Result<()> {
        let closed = self.promise.shut();
        let held = self
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let (Ok(true), Some(mut held)) = (&closed, held) {
            // If this fails the next open takes the store for unclean, which costs a look.
            let _ = held.lock.closed();
        }
        closed.map(drop)
    }
}

impl Drop for Persistent {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`.
        let _ = self.close();
    }
}

impl std::fmt::Debug for Persistent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Persistent")
            .field("kind", &self.kind)
            .field("path", &self.path)
            .finish()
    }
}
