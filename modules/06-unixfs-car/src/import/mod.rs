//! Import: files and folders in, blocks and a CID out.
//!
//! Three things go on at once, each on a thread of its own, with a batch of some MiB between them:
//!
//! ```text
//! read     walk · open · cut · wrap        in the order of the names
//!   ▼ batch of leaves, and where files and folders begin and end
//! build    hash all leaves of the batch on all cores · hang them into trees and folders
//!   ▼ batch of blocks, and what is complete with them
//! write    put_many · report
//! ```
//!
//! A batch may be a part of one large file or a thousand small ones: hashing and writing have much to do
//! at once in either case, and memory is that of a few batches whatever there is to import. A file
//! or folder is reported when all its blocks are stored, folders after what is in them.
//!
//! Kubo's way is in `core/coreunix/add.go`; the order of links, the names and what is left out are as
//! there.

mod batch;
mod build;
mod filter;
mod ignore;
mod keep;
mod read;
mod source;
mod walk;

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use block_cid::{Block, Blockstore};

use crate::profile::{Format, Profile};
use crate::unixfs::Meta;
use crate::{Error, Result, Root};
pub use filter::Filter;
pub use ignore::Rules;
pub use keep::{Keep, Say};
pub use source::Source;

/// How an import is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// What files and folders become.
    pub profile: Profile,
    /// Which permissions and times are kept.
    pub keep: Keep,
    /// What in a folder is left out.
    pub filter: Filter,
    /// Take what symbolic links lead to in place of the links.
    pub follow: bool,
    /// Take folders in which there is nothing, too. One that is asked for by itself is taken in any
    /// case.
    pub empty_dirs: bool,
}

impl Default for Options {
    /// What `ipfs add -r` does.
    fn default() -> Options {
        Options {
            profile: Profile::KUBO,
            keep: Keep::default(),
            filter: Filter::default(),
            follow: false,
            empty_dirs: true,
        }
    }
}

/// What was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The names from the top, with `/` between them; bytes, as names are.
    pub path: Vec<u8>,
    /// What it has become.
    pub root: Root,
    /// What it is.
    pub what: What,
}

/// What can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A file.
    File,
    /// A symbolic link.
    Symlink,
    /// A folder, as one node or as a trie.
    Folder {
        /// Whether it is a trie.
        sharded: bool,
    },
}

/// Follows an import, and may stop it. Called from the thread that reads.
pub trait Watch: Sync {
    /// So many bytes more were read.
    fn read(&self, _bytes: u64) {}

    /// Asked between two chunks.
    fn stops(&self) -> bool {
        false
    }
}

/// Nobody watches.
impl Watch for () {}

/// Makes DAGs of files and folders.
#[derive(Clone, Debug)]
pub struct Importer {
    options: Options,
    format: Format,
}

impl Importer {
    /// An importer with these options.
    ///
    /// # Errors
    /// [`Error::Option`] for options that do not go together.
    pub fn new(options: Options) -> Result<Importer> {
        let format = options.profile.format(options.keep.has_meta())?;
        Ok(Importer { options, format })
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What follows from them.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// Imports `source` into `blocks`, or nowhere, if only the CIDs are wanted. `added` is told of every
    /// file and folder once it is stored, some at a time; what it returns as an error ends the import.
    ///
    /// The store has all blocks then, but need not have them on disk:
    /// [`sync`](Blockstore::sync) comes after the last import.
    ///
    /// # Errors
    /// The first one met. What was stored until then stays, and does no harm.
    pub fn add(
        &self,
        source: Source<'_>,
        blocks: Option<&dyn Blockstore>,
        watch: &dyn Watch,
        added: &mut dyn FnMut(&[Added]) -> Result<()>,
    ) -> Result<Root> {
        // One batch waits between two threads, so that neither waits for the other at every turn.
        let (to_build, batches) = sync_channel(1);
        let (to_write, packets) = sync_channel(1);
        thread::scope(|scope| {
            let read = scope.spawn(|| read::run(self, source, watch, to_build));
            let build = scope.spawn(|| build::run(&self.format, batches, to_write));
            let wrote = write(blocks, packets, added);
            // Whoever fails hangs up, and the others end for that reason. The cause is at the end of
            // the row.
            let (read, build) = (joined(read), joined(build));
            wrote?;
            let root = build?;
            read?;
            root.ok_or(Error::Stopped)
        })
    }

    /// Imports `source` into `blocks`, unwatched.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_source(&self, source: Source<'_>, blocks: &dyn Blockstore) -> Result<Root> {
        self.add(source, Some(blocks), &(), &mut |_| Ok(()))
    }

    /// Permissions and time of a file can only be said where its leaves are no raw blocks.
    fn check(&self, meta: Meta) -> Result<Meta> {
        if self.format.raw_leaves && !meta.is_empty() {
            return Err(Error::Option {
                option: "--raw-leaves",
                reason: "a raw block has no place for permissions or a time".into(),
            });
        }
        Ok(meta)
    }
}

/// What goes to the store together.
struct Packet {
    blocks: Vec<Block>,
    /// What is complete with them.
    added: Vec<Added>,
}

fn write(
    store: Option<&dyn Blockstore>,
    packets: Receiver<Packet>,
    added: &mut dyn FnMut(&[Added]) -> Result<()>,
) -> Result<()> {
    for packet in packets {
        if let Some(store) = store {
            store.put_many(&packet.blocks)?;
        }
        if !packet.added.is_empty() {
            added(&packet.added)?;
        }
    }
    Ok(())
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
