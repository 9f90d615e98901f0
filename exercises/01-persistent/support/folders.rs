//! Folders in which something happens.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use crate::folder::Folder;

/// A folder whose process dies after so many steps that change something.
pub struct Stops {
    inner: Arc<dyn Folder>,
    left: Mutex<u32>,
}

impl Stops {
    /// Over a folder.
    pub fn new(inner: Arc<dyn Folder>, left: u32) -> Stops {
        let left = Mutex::new(left);
        Stops { inner, left }
    }

    fn step(&self) -> io::Result<()> {
        let mut left = self.left.lock().unwrap();
        *left = left
            .checked_sub(1)
            .ok_or_else(|| io::Error::other("the process died"))?;
        Ok(())
    }
}

impl Folder for Stops {
    fn create(&self, name: &str) -> io::Result<()> {
        self.step()?;
        self.inner.create(name)
    }
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        self.inner.append(name, bytes)
    }
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.inner.read(name)
    }
    fn cut(&self, name: &str, len: u64) -> io::Result<()> {
        self.step()?;
        self.inner.cut(name, len)
    }
    fn flush(&self, name: &str) -> io::Result<()> {
        self.step()?;
        self.inner.flush(name)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step()?;
        self.inner.rename(from, to)
    }
    // What an answer clears away when it opens is no step of the put.
    fn remove(&self, name: &str) -> io::Result<()> {
        self.inner.remove(name)
    }
    fn names(&self) -> io::Result<Vec<String>> {
        self.inner.names()
    }
    fn flush_names(&self) -> io::Result<()> {
        self.step()?;
        self.inner.flush_names()
    }
}

/// A folder in which a second writer comes at the first flush.
pub struct Meets {
    inner: Arc<dyn Folder>,
    met: AtomicBool,
    second: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    told: Mutex<mpsc::Receiver<Result<(), String>>>,
    end: Mutex<Option<Result<(), String>>>,
}

impl Meets {
    /// Over a folder; `second` begins the other writer, and `told` is where it says how it ended.
    pub fn new(
        inner: Arc<dyn Folder>,
        told: mpsc::Receiver<Result<(), String>>,
        second: Box<dyn FnOnce() + Send>,
    ) -> Meets {
        Meets {
            inner,
            met: AtomicBool::new(false),
            second: Mutex::new(Some(second)),
            told: Mutex::new(told),
            end: Mutex::new(None),
        }
    }

    fn meet(&self) {
        if !self.met.swap(true, Ordering::SeqCst) {
            let second = self.second.lock().unwrap().take();
            second.unwrap()();
            // One that is kept out by a lock ends later.
            let end = self
                .told
                .lock()
                .unwrap()
                .recv_timeout(Duration::from_millis(200));
            *self.end.lock().unwrap() = end.ok();
        }
    }

    /// How the second writer ended.
    pub fn end(&self) -> Result<(), String> {
        let known = self.end.lock().unwrap().take();
        known.unwrap_or_else(|| {
            let told = self.told.lock().unwrap();
            told.recv_timeout(Duration::from_secs(5))
                .unwrap_or_else(|_| {
                    Err("it did not end, or did not begin: nothing was flushed".into())
                })
        })
    }
}

impl Folder for Meets {
    fn create(&self, name: &str) -> io::Result<()> {
        self.inner.create(name)
    }
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.inner.append(name, bytes)
    }
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.inner.read(name)
    }
    fn cut(&self, name: &str, len: u64) -> io::Result<()> {
        self.inner.cut(name, len)
    }
    fn flush(&self, name: &str) -> io::Result<()> {
        self.meet();
        self.inner.flush(name)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.inner.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.inner.remove(name)
    }
    fn names(&self) -> io::Result<Vec<String>> {
        self.inner.names()
    }
    fn flush_names(&self) -> io::Result<()> {
        self.inner.flush_names()
    }
}
