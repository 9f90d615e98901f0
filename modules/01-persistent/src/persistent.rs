//! The wrapper: a datastore on an engine of your choice, locked, guarded and durable.
//!
//! ```text
//! Blocks            hashes what comes in and goes out (module 00)
//!   Persistent      the lock, the manifest, open and close
//!     Guard         refuses what has no room
//!       Promise     durability; Group shares one flush among many writers
//!         Live      panics become errors, a failed disk becomes read-only
//!           Engine  memory · file · fjall · rocksdb · redb · pack
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
//! blocks/        or for `file` a flatfs folder, for `pack` CARs; meta.redb for keys that are no blocks
//! ```

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use block_cid::{Blocks, Verify};
use datastore::{Datastore, Disk};

use crate::acks::{self, Told};
use crate::ballast::Ballast;
use crate::engine::Options;
use crate::engines::in_use;
use crate::found::Found;
use crate::guard::Guard;
use crate::hold::{Held, Hold};
use crate::live::Live;
use crate::made::Made;
use crate::manifest::Manifest;
use crate::ops::swap;
use crate::plan::{self, Plan, repair};
use crate::probe::{self, Way};
use crate::promise::Promise;
use crate::{Config, Durability, Error, Kind, engines, place};

/// A store of keys and values on the engine that a [`Config`] names.
pub struct Persistent {
    store: Box<dyn Datastore>,
    freed: Arc<AtomicBool>,
    pub(crate) promise: Arc<Promise>,
    pub(crate) disk: Arc<dyn Disk>,
    kind: Kind,
    path: Option<PathBuf>,
    durability: Durability,
    hold: Hold,
    found: Found,
    lock: Mutex<Option<plan::Held>>,
}

impl Persistent {
    /// Opens the store, making it if there is none (unless read-only).
    ///
    /// # Errors
    /// See [`Error`]. An open that is refused leaves what it found. Of one that fails while the engine
    /// makes its files the beginning of a store is left, which the next open goes on with.
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
        let made = Made::folder(config, &path)?;
        if !config.allow_network_fs {
            place::refuse_network_fs(&path)?;
        }
        let (mut held, mut found) = match plan.lock(config) {
            Err(error @ Error::Locked { .. }) => {
                // Whoever has the lock counts on the folder, and may have put nothing there yet.
                made.keep();
                return Err(error);
            }
            locked => locked?,
        };
        // From here on it goes before the lock does.
        let made = made.with_lock();
        if found.created {
            place::refuse_full(config, &path)?;
        }
        made.keep();
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
            Manifest {
                kind: config.kind,
                ready: false,
                acks: None,
            }
            .write(disk, &path)?;
        }
        let kind = config.kind;
        let hold = options.hold.clone();
        let ballast = Arc::new(if found.is_foreign() {
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
        if !found.is_foreign() {
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
            place::flush_name(disk, &path)?;
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
            freed: guard.freed(),
            store: Box::new(guard),
            promise,
            disk: Arc::clone(&config.disk),
            kind,
            path: Some(path),
            durability,
            hold,
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
            sealed: false,
            hold: Hold::default(),
            disk: Arc::clone(&config.disk),
        };
        let hold = options.hold.clone();
        let path = PathBuf::from("memory");
        let live = Live::new(
            path.clone(),
            Arc::new(Ballast::none()),
            engines::opener(kind, options),
        )?;
        let promise = Arc::new(Promise::new(live, None, Durability::None, path, false));
        Ok(Persistent {
            store: Box::new(Arc::clone(&promise)),
            freed: Arc::default(),
            promise,
            disk: Arc::clone(&config.disk),
            kind,
            path: None,
            durability: Durability::None,
            hold,
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
    /// Every other call waits meanwhile, on `pack` for a moment only; stopped or killed in the middle
    /// it has harmed nothing.
    ///
    /// # Errors
    /// As those of a write; on redb also while an enumeration is open.
    pub fn compact(&self) -> Result<()> {
        let compacted = self.promise.compact();
        self.freed.store(true, Relaxed);
        compacted
    }

    /// Has no compaction begin, go on, or begin by itself while what is given back lives; one that is
    /// asked for meanwhile is an error on `pack`, and the other engines compact alone in any case.
    ///
    /// While it is held and nobody writes, a copy of the folder of a `pack` store (`cp`) is a store.
    pub fn hold_compaction(&self) -> Held {
        self.hold.hold()
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

type Result<T, E = datastore::Error> = std::result::Result<T, E>;

impl Datastore for Persistent {
    forward!(store: get put delete query has size get_range get_many keys apply disk_usage);

    /// # Errors
    /// [`Unsynced`](datastore::Error::Unsynced), once, to whoever syncs first after a full disk may
    /// have cost what was written since the last sync, or was being written.
    fn sync(&self) -> Result<()> {
        self.store.sync()
    }

    /// Flushes, closes the engine and lets go of the lock, also when that fails. Closing again
    /// does nothing.
    ///
    /// # Errors
    /// Those of [`sync`](Self::sync); the next open then says what is [`lost`](Found::lost).
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
