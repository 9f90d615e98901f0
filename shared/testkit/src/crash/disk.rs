//! The disk that notes what is done to it.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datastore::disk::{Disk, DiskFile, Kind, Meta, Mode};

use super::fault::{Call, Fault, Faults, Verdict};
use super::file::CrashFile;
use super::image::{Entry, Id, Image, Node};
use super::record::{Change, Event, Names, Record};

/// A disk in memory. A clone is the same disk.
#[derive(Clone, Debug)]
pub struct CrashDisk {
    inner: Arc<Mutex<Inner>>,
    /// Whether the process that has it lives.
    alive: Arc<AtomicBool>,
}

#[derive(Debug)]
pub(super) struct Inner {
    /// What those see who ask.
    pub(super) live: Image,
    pub(super) record: Record,
    faults: Faults,
}

impl Default for CrashDisk {
    fn default() -> CrashDisk {
        CrashDisk::new()
    }
}

impl CrashDisk {
    /// An empty disk.
    pub fn new() -> CrashDisk {
        CrashDisk::holding(Image::new(), 1)
    }

    pub(super) fn holding(image: Image, next: Id) -> CrashDisk {
        let record = Record {
            first: image.clone(),
            events: Vec::new(),
            next,
        };
        let inner = Inner {
            live: image,
            record,
            faults: Faults::default(),
        };
        CrashDisk {
            inner: Arc::new(Mutex::new(inner)),
            alive: Arc::new(AtomicBool::new(true)),
        }
    }

    /// As `Arc<dyn Disk>`, which stores are opened with.
    pub fn shared(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// What was done so far.
    pub fn record(&self) -> Record {
        self.lock().record.clone()
    }

    /// How much was done so far: the point of the record that is now.
    pub fn point(&self) -> usize {
        self.lock().record.last()
    }

    /// Makes everything durable and begins a new record.
    pub fn settle(&self) {
        let mut inner = self.lock();
        inner.record.first = inner.live.clone();
        inner.record.events.clear();
    }

    /// Kills the process: through this disk and what was opened on it nothing is done any more.
    /// Given back is the same disk for the next process, with all that was written and not flushed.
    pub fn kill(&self) -> CrashDisk {
        self.alive.store(false, Ordering::SeqCst);
        CrashDisk {
            inner: Arc::clone(&self.inner),
            alive: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Has calls fail from now on.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.plan(fault);
    }

    /// Ends all faults.
    pub fn calm(&self) {
        self.lock().faults.forget();
    }

    /// How many calls failed on demand.
    pub fn struck(&self) -> u64 {
        self.lock().faults.struck()
    }

    /// How often one of these was called.
    pub fn calls(&self, calls: &[Call]) -> u64 {
        self.lock().faults.count(calls)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call, which may fail. True if it is to be cut short.
    pub(super) fn call(&self, call: Call) -> io::Result<(MutexGuard<'_, Inner>, bool)> {
        let killed = || io::Error::other("the process was killed");
        if !self.alive.load(Ordering::SeqCst) {
            return Err(killed());
        }
        let mut inner = self.lock();
        match inner.faults.call(call) {
            Verdict::Done => Ok((inner, false)),
            Verdict::Short => Ok((inner, true)),
            Verdict::Fails(number) => Err(io::Error::from_raw_os_error(number)),
            Verdict::Kill => {
                self.alive.store(false, Ordering::SeqCst);
                Err(killed())
            }
        }
    }

    fn remove(&self, path: &Path, folder: bool) -> io::Result<()> {
        let (mut inner, _) = self.call(Call::Remove)?;
        let entry = inner.live.entry(path)?;
        let id = inner.live.find(path)?;
        match inner.live.node(id)? {
            Node::Folder(_) if !folder => return Err(io::ErrorKind::IsADirectory.into()),
            Node::File(_) if folder => return Err(io::ErrorKind::NotADirectory.into()),
            Node::Folder(names) if !names.is_empty() => {
                return Err(io::ErrorKind::DirectoryNotEmpty.into());
            }
            _ => {}
        }
        inner.rename(Names {
            verb: "remove",
            homes: vec![entry.0],
            takes: vec![(entry.clone(), id)],
            sets: vec![(entry, None)],
        });
        Ok(())
    }
}

impl Inner {
    fn make(&mut self, entry: Entry, folder: bool) -> Id {
        let id = self.record.next;
        self.record.next += 1;
        let node = if folder { Node::folder() } else { Node::file() };
        self.live.add(id, node);
        self.record.events.push(Event::Made { id, folder });
        self.rename(Names {
            verb: "create",
            homes: vec![entry.0],
            takes: Vec::new(),
            sets: vec![(entry, Some(id))],
        });
        id
    }

    fn rename(&mut self, names: Names) {
        self.live.rename(&names);
        self.record.events.push(Event::Names(names));
    }

    pub(super) fn change(&mut self, id: Id, change: Change) {
        self.live.change(id, &change);
        self.record.events.push(Event::Data { id, change });
    }
}

pub(super) fn meta(node: &Node) -> Meta {
    match node {
        Node::File(bytes) => Meta {
            kind: Kind::File,
            len: bytes.len() as u64,
        },
        Node::Folder(_) => Meta {
            kind: Kind::Folder,
            len: 0,
        },
    }
}

impl Disk for CrashDisk {
    fn open(&self, path: &Path, mode: Mode) -> io::Result<Box<dyn DiskFile>> {
        let call = if mode.makes() {
            Call::Create
        } else {
            Call::Open
        };
        let (mut inner, _) = self.call(call)?;
        let id = match inner.live.find(path) {
            Ok(_) if mode == Mode::New => return Err(io::ErrorKind::AlreadyExists.into()),
            Ok(id) => match (inner.live.node(id)?, mode) {
                (Node::File(_), Mode::Folder) => return Err(io::ErrorKind::NotADirectory.into()),
                (Node::Folder(_), mode) if mode.writes() => {
                    return Err(io::ErrorKind::IsADirectory.into());
                }
                _ => id,
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound && mode.makes() => {
                let entry = inner.live.entry(path)?;
                inner.make(entry, false)
            }
            Err(error) => return Err(error),
        };
        drop(inner);
        let disk = self.clone();
        Ok(Box::new(CrashFile { disk, id, mode }))
    }

    fn look(&self, path: &Path) -> io::Result<Option<Meta>> {
        let (inner, _) = self.call(Call::Look)?;
        match inner.live.find(path) {
            Ok(id) => inner.live.node(id).map(|node| Some(meta(node))),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<(String, Kind)>> {
        let (inner, _) = self.call(Call::List)?;
        let names = inner.live.names(inner.live.find(dir)?)?;
        let kinds = names.iter().map(|(name, id)| {
            let node = inner.live.node(*id)?;
            Ok((name.clone(), meta(node).kind))
        });
        kinds.collect()
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let (mut inner, _) = self.call(Call::CreateDir)?;
        if inner.live.find(dir).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let entry = inner.live.entry(dir)?;
        inner.make(entry, true);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.remove(path, false)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.remove(dir, true)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (mut inner, _) = self.call(Call::Rename)?;
        let live = &inner.live;
        let id = live.find(from)?;
        let (from, to) = (live.entry(from)?, live.entry(to)?);
        if let Some(old) = live.get(&to) {
            match (live.node(id)?, live.node(old)?) {
                (_, _) if id == old => return Ok(()),
                (Node::File(_), Node::Folder(_)) => return Err(io::ErrorKind::IsADirectory.into()),
                (Node::Folder(_), Node::File(_)) => {
                    return Err(io::ErrorKind::NotADirectory.into());
                }
                (_, Node::Folder(names)) if !names.is_empty() => {
                    return Err(io::ErrorKind::DirectoryNotEmpty.into());
                }
                _ => {}
            }
        }
        inner.rename(Names {
            verb: "rename",
            homes: vec![to.0],
            takes: vec![(from.clone(), id)],
            sets: vec![(from, None), (to, Some(id))],
        });
        Ok(())
    }

    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        let (mut inner, _) = self.call(Call::Rename)?;
        let live = &inner.live;
        let ids = (live.find(a)?, live.find(b)?);
        let (a, b) = (live.entry(a)?, live.entry(b)?);
        let mut homes = vec![a.0, b.0];
        homes.dedup();
        inner.rename(Names {
            verb: "exchange",
            homes,
            takes: vec![(a.clone(), ids.0), (b.clone(), ids.1)],
            sets: vec![(a, Some(ids.1)), (b, Some(ids.0))],
        });
        Ok(())
    }
}
