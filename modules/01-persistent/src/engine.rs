//! The seam under the wrapper: what a storage engine has to be able to do.
//!
//! An [`Engine`] is close to a [`Datastore`](datastore::Datastore), with one difference that
//! decides everything: a write says whether it has to be on disk when the call returns. The
//! promises that users see ([`Durability`](crate::Durability)), the lock, the guard and the
//! sharing of one flush among many writers are made once, above this seam, so that they are the
//! same for every engine and no engine's own default can weaken them.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use datastore::{Batch, Disk, Entries, Key, Keys, Os, Result};

use crate::hold::Hold;

/// Whether a write has to be on disk when the call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flush {
    /// The write may wait in the page cache, or in the engine's own memory.
    No,
    /// This write, and everything written before it, survives a power cut once the call returns.
    Yes,
}

/// How values are stored, where the engine has a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// As they are. Blocks of files are often compressed already, and their hashes never help.
    #[default]
    None,
    /// LZ4: little work, some space for text and zeros.
    Lz4,
}

/// How an engine is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that is the engine's own; its parent exists, it itself may not.
    pub dir: PathBuf,
    /// Bytes of memory for caching what is on disk.
    pub cache: u64,
    /// How values are stored.
    pub compression: Compression,
    /// Open what is there and write nothing at all.
    pub read_only: bool,
    /// It was not closed, and nobody has looked at it since: an engine that can looks at all of it.
    pub unchecked: bool,
    /// Open what is damaged, and skip what cannot be read: for what is salvaged from a copy.
    pub tolerant: bool,
    /// The last that had it open did not close it: what was not flushed may be torn.
    pub unclean: bool,
    /// The folder has CARs of others, which [`pack`](crate::engines::pack) reads as they are.
    pub sealed: bool,
    /// An engine that compacts by itself, or beside others, takes leave here for each step.
    pub hold: Hold,
    /// Where the folder is. An engine whose library opens files by itself takes no other than
    /// the system's.
    pub disk: Arc<dyn Disk>,
}

impl Options {
    /// For writing on the system's own disk, with a cache of 16 MiB.
    pub fn new(dir: impl Into<PathBuf>) -> Options {
        Options {
            dir: dir.into(),
            cache: 16 << 20,
            compression: Compression::None,
            read_only: false,
            unchecked: false,
            tolerant: false,
            unclean: false,
            sealed: false,
            hold: Hold::default(),
            disk: Arc::new(Os),
        }
    }
}

/// Blocks that lie side by side.
pub struct Stretch {
    /// Their keys.
    pub keys: Vec<Key>,
    /// Reads them, given the keys, without looking each up: the values in the order of the keys. `None`
    /// has to be asked for by a [`get`](Engine::get), and so has all if there is no answer.
    pub read: Box<ReadStretch>,
}

/// See [`Stretch::read`].
pub type ReadStretch = dyn Fn(&[Key]) -> Option<Vec<Option<Bytes>>> + Send + Sync;

/// What an engine needs after a write failed because the disk was full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFull {
    /// Nothing: it reads on, and writes again once there is space.
    Nothing,
    /// It reads on, but writes only after it has been opened anew.
    ReopenToWrite,
    /// It refuses every call until it has been opened anew.
    ReopenToRead,
}

/// A storage engine. All calls block; many threads may call at once.
///
/// Errors keep what the operating system said as their source
/// ([`Error::is_out_of_space`](datastore::Error::is_out_of_space) sees it), and a damaged file
/// is [`Error::Corrupt`](datastore::Error::Corrupt). Absent keys are `None`; deleting them
/// succeeds. After an error of [`write`](Self::write) or [`flush`](Self::flush) the wrapper
/// writes no more until it has opened the engine anew.
pub trait Engine: Send + Sync {
    /// The value under `key`.
    fn get(&self, key: &Key) -> Result<Option<Bytes>>;

    /// The length of the value under `key`, without reading it where the engine can.
    fn size(&self, key: &Key) -> Result<Option<u64>>;

    /// Whether there is a value under `key`, as cheaply as the engine can tell.
    fn has(&self, key: &Key) -> Result<bool> {
        Ok(self.size(key)?.is_some())
    }

    /// A part of the value under `key`, cut where the value ends.
    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        Ok(self
            .get(key)?
            .map(|value| datastore::store::slice(&value, range)))
    }

    /// Does the writes of `batch` in order; all or nothing after a crash where
    /// [`Kind::atomic_batches`](crate::Kind::atomic_batches) says so.
    fn write(&self, batch: &Batch, flush: Flush) -> Result<()>;

    /// Makes everything written so far durable.
    fn flush(&self) -> Result<()>;

    /// Entries strictly below `prefix`: other keys first, in order, then blocks. The iterator owns
    /// what it needs, so that the wrapper may open the engine anew, or close it, meanwhile.
    fn query(&self, prefix: &Key) -> Result<Entries<'static>>;

    /// Keys strictly below `prefix`, in the order of [`query`](Self::query).
    fn keys(&self, prefix: &Key) -> Result<Keys<'static>> {
        Ok(Box::new(
            self.query(prefix)?.map(|entry| entry.map(|(key, _)| key)),
        ))
    }

    /// Every block that is there when it is called, once, in the order that is cheapest to read;
    /// `None` if that is by key. A value is read when its [`Stretch`] is: what is deleted before that
    /// is not given. The iterator owns what it needs, as with [`query`](Self::query).
    fn sweep(&self) -> Result<Option<Box<dyn Iterator<Item = Result<Stretch>> + Send>>> {
        Ok(None)
    }

    /// The file that holds the value under `key` and nothing else, or would; `None` where values
    /// share files.
    fn file_of(&self, key: &Key) -> Option<PathBuf> {
        let _ = key;
        None
    }

    /// Looks at the engine's own structures on disk as far as it can, and changes nothing. All that
    /// was written is flushed, and nobody writes meanwhile; it reads everything once.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// What the engine needs after it ran out of space.
    fn after_full(&self) -> AfterFull {
        AfterFull::Nothing
    }

    /// Does a part of what gives space back beside which others may call, and says whether there is
    /// more of that. A call is short, and nothing is held between two.
    fn compact_step(&self) -> Result<bool> {
        Ok(false)
    }

    /// Gives back what deleted and replaced values still take on disk, as far as the engine can and
    /// [`compact_step`](Self::compact_step) has not, and is durable when it returns. It takes as long
    /// as reading and writing everything once.
    ///
    /// `&mut` because nobody else calls the engine meanwhile. An enumeration that is still open may
    /// be an error.
    fn compact(&mut self) -> Result<()> {
        Ok(())
    }

    /// Bytes, at most, that what was written is still going to take on disk: what waits in memory
    /// for its place there.
    fn unseen(&self) -> Result<u64> {
        Ok(0)
    }

    /// Bytes allocated on disk.
    fn disk_usage(&self) -> Result<u64>;

    /// Flushes and puts the files in the state that opens fastest. The engine is dropped next.
    fn close(&self) -> Result<()>;
}
