//! The thread that reads: walks, opens, cuts and wraps.

use std::fs::{self, File, FileType, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::vec;

use bytes::Bytes;

use super::batch::{Batch, Item};
use super::source::From;
use super::walk::Listing;
use super::{Importer, Source, Watch};
use crate::chunk::Chunks;
use crate::layout::Layout;
use crate::unixfs::{Data, Meta};
use crate::{Error, Result};

/// Reads all of `source` and gives it away in batches.
pub(super) fn run(
    importer: &Importer,
    source: Source<'_>,
    watch: &dyn Watch,
    to: SyncSender<Batch>,
) -> Result<()> {
    let mut reading = Reading {
        importer,
        watch,
        batch: Batch::default(),
        to,
    };
    // The folders that are open, as deep as they go: a path may have some thousand names, and a
    // stack of calls has no room for as many.
    let mut open = Vec::new();
    open.extend(reading.begin(source, true)?);
    while let Some(folder) = open.last_mut() {
        reading.check()?;
        let below = match folder {
            Folder::Given(entries) => match entries.next() {
                Some(source) => Some(reading.begin(source, false)?),
                None => None,
            },
            Folder::Listed(entries) => match entries.next() {
                Some(entry) => Some(reading.entry(entry.name, entry.path, entry.kind)?),
                None => None,
            },
        };
        match below {
            Some(below) => open.extend(below),
            None => {
                reading.push(Item::Close)?;
                open.pop();
            }
        }
    }
    reading.send()
}

/// A folder that is open: what is still to come of it.
enum Folder<'a> {
    Given(vec::IntoIter<Source<'a>>),
    Listed(Listing),
}

struct Reading<'a> {
    importer: &'a Importer,
    watch: &'a dyn Watch,
    batch: Batch,
    to: SyncSender<Batch>,
}

impl Reading<'_> {
    /// Reads what is no folder, and opens what is one. The `outermost` may be empty in any case.
    fn begin<'s>(&mut self, source: Source<'s>, outermost: bool) -> Result<Option<Folder<'s>>> {
        let Source { name, from, meta } = source;
        let keep = &self.importer.options.keep;
        let meta = keep.of_none(meta);
        let chunker = self.importer.format.chunker;
        match from {
            From::Bytes(bytes) => {
                self.file(name, chunker.split(bytes), Path::new("bytes"), meta)?;
            }
            From::Reader(from) => {
                self.file(name, chunker.chunks(from), Path::new("the stream"), meta)?;
            }
            From::Symlink(target) => {
                let meta = Meta { mode: None, ..meta };
                self.symlink(name, target, meta)?;
            }
            From::Folder(entries) => {
                self.push(Item::Open { name, meta })?;
                return Ok(Some(Folder::Given(entries.into_iter())));
            }
            From::Path(path) => {
                let kind = look(&path, self.importer.options.follow)?.file_type();
                if !is_pipe(kind) {
                    return self.path(name, path, kind, outermost);
                }
                let from = File::open(&path).map_err(|e| Error::io("open", &path, e))?;
                self.file(name, chunker.chunks(from), &path, meta)?;
            }
        }
        Ok(None)
    }

    fn entry<'s>(
        &mut self,
        name: Vec<u8>,
        path: PathBuf,
        kind: FileType,
    ) -> Result<Option<Folder<'s>>> {
        let kind = match kind.is_symlink() && self.importer.options.follow {
            true => look(&path, true)?.file_type(),
            false => kind,
        };
        self.path(name, path, kind, false)
    }

    fn path<'s>(
        &mut self,
        name: Vec<u8>,
        path: PathBuf,
        kind: FileType,
        outermost: bool,
    ) -> Result<Option<Folder<'s>>> {
        let options = &self.importer.options;
        if kind.is_dir() {
            let meta = options.keep.of(&look(&path, true)?);
            let listing = Listing::read(path, &options.filter)?;
            if listing.is_empty() && !outermost && !options.empty_dirs {
                return Ok(None);
            }
            self.push(Item::Open { name, meta })?;
            return Ok(Some(Folder::Listed(listing)));
        }
        if kind.is_symlink() {
            let target = fs::read_link(&path).map_err(|e| Error::io("read the link", &path, e))?;
            let target = target.into_os_string().into_encoded_bytes();
            let meta = options.keep.of_symlink(&look(&path, false)?);
            self.symlink(name, target, meta)?;
        } else if kind.is_file() {
            let file = File::open(&path).map_err(|e| Error::io("open", &path, e))?;
            let own = file
                .metadata()
                .map_err(|e| Error::io("look at", &path, e))?;
            let chunks = self
                .importer
                .format
                .chunker
                .chunks(file)
                .with_len(own.len());
            self.file(name, chunks, &path, options.keep.of(&own))?;
        } else {
            return Err(Error::Special { path });
        }
        Ok(None)
    }

    /// Reads a file to its end. What is said about it stands at its root, and the only leaf of a balanced
    /// tree is that.
    fn file(
        &mut self,
        name: Vec<u8>,
        mut chunks: Chunks<impl Read>,
        path: &Path,
        meta: Meta,
    ) -> Result<()> {
        let meta = self.importer.check(meta)?;
        let mut next = || {
            chunks
                .next()
                .transpose()
                .map_err(|e| Error::io("read", path, e))
        };
        let balanced = self.importer.format.layout == Layout::Balanced;
        let mut chunk = next()?;
        if chunk.is_none() && balanced {
            self.leaf(Bytes::new(), meta)?;
        }
        let mut is_first = true;
        while let Some(bytes) = chunk {
            self.check()?;
            self.watch.read(bytes.len() as u64);
            chunk = next()?;
            let is_root = is_first && chunk.is_none() && balanced;
            is_first = false;
            self.leaf(bytes, if is_root { meta } else { Meta::default() })?;
        }
        self.push(Item::File { name, meta })
    }

    fn symlink(&mut self, name: Vec<u8>, target: Vec<u8>, meta: Meta) -> Result<()> {
        let block = Data::symlink(target).with_meta(meta).block();
        self.push(Item::Symlink { name, block })
    }

    fn leaf(&mut self, bytes: Bytes, meta: Meta) -> Result<()> {
        let format = &self.importer.format;
        let len = bytes.len();
        let block = match format.raw_leaves {
            true => bytes,
            false => {
                let data = Data::leaf(format.layout.leaf(), bytes).with_meta(meta);
                data.block().into()
            }
        };
        self.batch.leaf(block, len);
        self.send_if_full()
    }

    fn push(&mut self, item: Item) -> Result<()> {
        self.batch.push(item);
        self.send_if_full()
    }

    fn send_if_full(&mut self) -> Result<()> {
        match self.batch.is_full() {
            true => self.send(),
            false => Ok(()),
        }
    }

    fn send(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        // Nobody takes it if building or writing has failed, and they say why.
        self.to.send(batch).map_err(|_| Error::Stopped)
    }

    fn check(&self) -> Result<()> {
        match self.watch.stops() {
            true => Err(Error::Stopped),
            false => Ok(()),
        }
    }
}

/// What is there: the link, or what it leads to.
fn look(path: &Path, follow: bool) -> Result<Metadata> {
    let found = match follow {
        true => fs::metadata(path),
        false => fs::symlink_metadata(path),
    };
    found.map_err(|error| Error::io("look at", path, error))
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}
