//! What can be said on the command line and in the environment.

use std::ffi::OsStr;
use std::path::PathBuf;

use block_cid::{Cid, Hash};
use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use persistent::{Compression, Durability, Kind};

use super::location::{Destination, DestinationParser, Location, LocationParser};
use super::size;

/// The name of the program.
pub const NAME: &str = "01-persistent";

/// Blocks that outlive the process, on the storage engine of your choice
///
/// Without a command: a tour of all engines, or, if BACKEND names one, that engine alone, which
/// keeps its data. With a command: a store of blocks, in redb at ./data/redb unless told otherwise.
#[derive(Debug, Parser)]
#[command(name = NAME, version, max_term_width = 100, after_help = AFTER)]
pub struct Args {
    /// Where and how the blocks are kept.
    #[command(flatten)]
    pub store: Store,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER: &str = "\
A flag wins over its environment variable. Sizes are bytes, or have a unit: 64MiB, 100MB.
Exit codes: 0 done; 1 failed, or the answer is no; 2 wrong usage; 130 stopped by Ctrl-C, \
143 by SIGTERM.";

/// Where and how the blocks are kept.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Store")]
pub struct Store {
    /// The engine; empty means memory. `lsm` is fjall and `btree` is redb
    #[arg(short, long, global = true, env = "BACKEND", hide_env_values = true)]
    #[arg(value_name = "KIND", value_parser = KindParser)]
    pub backend: Option<Kind>,
    /// The folder of the store [default: ./data/KIND]
    #[arg(long, global = true, env = "DATA_PATH", hide_env_values = true)]
    #[arg(value_name = "DIR", value_parser = FolderParser)]
    pub path: Option<Folder>,
    /// When a write counts: on disk each, at the end of the command, or whenever
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub durability: Option<When>,
    /// Memory for caching what is on disk [default: 64MiB]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse)]
    pub cache: Option<u64>,
    /// Refuse writes that leave less than this free on the disk [default: 100MiB]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse)]
    pub min_free: Option<u64>,
    /// Refuse writes that make the store larger than this on disk
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse)]
    pub quota: Option<u64>,
    /// How values are kept; fjall and rocksdb compress
    #[arg(long, global = true, value_enum, value_name = "HOW")]
    pub compression: Option<How>,
    /// Write nothing, and let others read at the same time
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Use a network file system, where locks may not keep other machines out
    #[arg(long, global = true)]
    pub allow_network_fs: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Store files, each as one block; prints CID and name
    Put(Put),
    /// Write the bytes of a block to stdout, or to a file
    Get(Get),
    /// Say which blocks are there; exit code 1 if one is not
    Has(Has),
    /// Remove blocks
    Rm(Rm),
    /// List the CIDs of all blocks, as CIDv1 raw
    Ls(Ls),
    /// Count blocks and bytes
    Stat(Stat),
    /// Copy everything in a store to another, on any engine; the same command goes on where it ended
    Migrate(Migrate),
    /// Bring what still hashes of a damaged store into a fresh one, and name what is lost; exit code 1
    /// if anything is
    Salvage(Salvage),
    /// Give back what deleted blocks still take on disk
    Compact(Compact),
    /// Save the whole store in one file, a CAR that any IPFS tool reads
    Backup(Backup),
    /// Put the store of a backup in place; the old one is kept beside it
    Restore(Restore),
    /// Hash every block anew, look for every one that was acknowledged, name what is wrong
    Verify(Verify),
    /// Say which engine fits, and why
    Choose(Choose),
    /// Write a script that completes commands and flags in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Open a store that was not closed, for a parent that does not dare to.
    #[command(hide = true)]
    Probe {
        /// The engine.
        #[arg(value_parser = KindParser)]
        kind: Kind,
        /// The engine's folder.
        folder: PathBuf,
        /// Read what can be read.
        #[arg(long)]
        tolerant: bool,
    },
}

/// `put`.
#[derive(Debug, ClapArgs)]
pub struct Put {
    /// Files to store; - is stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print the CID alone
    #[arg(short = 'Q', long)]
    pub quieter: bool,
    /// Print a line of JSON for each file: cid, name, size, existed
    #[arg(long, conflicts_with = "quieter")]
    pub json: bool,
    /// The codec that the CID names, as `raw`, `dag-cbor` or 0x55
    #[arg(long, default_value = "raw", value_name = "CODEC", value_parser = block_cid::codec::parse)]
    pub cid_codec: u64,
    /// The hash
    #[arg(long, default_value = "sha2-256", value_name = "HASH")]
    pub mhtype: Hash,
    /// Take blocks over 2 MiB, which no other node has to take from this one
    #[arg(long)]
    pub allow_big_block: bool,
}

/// `get`.
#[derive(Debug, ClapArgs)]
pub struct Get {
    /// The CID, in any base; or a path with /ipfs/ before it
    #[arg(value_name = "CID", value_parser = block_cid::text::parse)]
    pub cid: Cid,
    /// Write to this file, which is there whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `has`.
#[derive(Debug, ClapArgs)]
pub struct Has {
    /// The CIDs
    #[arg(required = true, value_name = "CID", value_parser = block_cid::text::parse)]
    pub cids: Vec<Cid>,
    /// Print nothing; the exit code is the answer
    #[arg(short, long)]
    pub quiet: bool,
    /// Print a line of JSON for each CID: cid, has
    #[arg(long, conflicts_with = "quiet")]
    pub json: bool,
}

/// `rm`.
#[derive(Debug, ClapArgs)]
pub struct Rm {
    /// The CIDs
    #[arg(required = true, value_name = "CID", value_parser = block_cid::text::parse)]
    pub cids: Vec<Cid>,
    /// Take blocks that are not there for removed
    #[arg(short, long)]
    pub force: bool,
    /// Print nothing
    #[arg(short, long)]
    pub quiet: bool,
    /// Print a line of JSON for each CID: cid, removed
    #[arg(long, conflicts_with = "quiet")]
    pub json: bool,
}

/// `ls`.
#[derive(Debug, ClapArgs)]
pub struct Ls {
    /// Print the size too, in bytes
    #[arg(short, long)]
    pub long: bool,
    /// Print a line of JSON for each block: cid, size
    #[arg(long)]
    pub json: bool,
}

/// `stat`.
#[derive(Debug, ClapArgs)]
pub struct Stat {
    /// Print a line of JSON: kind, path, blocks, bytes, others (keys that are no blocks), disk,
    /// amplification (disk / bytes, or null)
    #[arg(long)]
    pub json: bool,
}

/// `migrate`.
#[derive(Debug, ClapArgs)]
pub struct Migrate {
    /// The store that is copied, as redb:data/redb
    #[arg(value_name = "KIND:PATH", value_parser = LocationParser)]
    pub from: Location,
    /// The store that gets it all, and is made if it is not there
    #[arg(value_name = "KIND:PATH", value_parser = LocationParser)]
    pub to: Location,
    /// Remove the source once all that it has acknowledged is proven to be in the other store, if
    /// nothing else lies in its folder. The other store notes that in migrated.json, so that the
    /// same command finds nothing left to do
    #[arg(long)]
    pub remove_source: bool,
    /// Print a line of JSON for each damaged or missing block (cid, damage) and each key of another
    /// value (key, different), and one at the end (blocks, others, copied, damaged, different,
    /// missing, perhaps, record, removed, already)
    #[arg(long)]
    pub json: bool,
}

/// `salvage`.
#[derive(Debug, ClapArgs)]
pub struct Salvage {
    /// The fresh store: a folder, of the same engine, or KIND:PATH. It is new or empty, or was filled
    /// by this command before. A folder with a colon in its name needs its KIND before it
    #[arg(value_name = "DEST", value_parser = DestinationParser)]
    pub to: Destination,
    /// Print a line of JSON for each lost block (cid) or other key (key, or different where DEST has
    /// another value), and one at the end (blocks, bytes, past_the_index, others, lost, lost_others,
    /// different, ledger, unreadable)
    #[arg(long)]
    pub json: bool,
}

/// `compact`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Ctrl-C waits until the engine has done it, then the store is closed and the exit code is 130; a \
second one ends the program at once, with a store that is good and not closed.")]
pub struct Compact {
    /// Print a line of JSON: before, after (bytes on disk)
    #[arg(long)]
    pub json: bool,
}

/// `backup`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Blocks are hashed as they are read. Damaged and missing ones are named, all others are saved, and \
the exit code is 1. The file is there whole or not at all.")]
pub struct Backup {
    /// The file to write, as photos.car
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the file if it is there
    #[arg(short, long)]
    pub force: bool,
    /// Print a line of JSON for each block that is left out (name, damage), and one at the end
    /// (file, root, blocks, bytes, keys, damaged, missing, ledger, size)
    #[arg(long)]
    pub json: bool,
}

/// `restore`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The backup is read and hashed to its end before anything is replaced; if a bit of it is wrong, \
nothing is. The store that was there is kept as PATH.before-restore. The engine may be another one \
than that of the backup.")]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Read and hash the backup, and restore nothing
    #[arg(long, conflicts_with = "remove_old")]
    pub check: bool,
    /// Remove the old store once the new one is in place, if nothing else lies in its folder
    #[arg(long)]
    pub remove_old: bool,
    /// Take the blocks of any CAR; nothing says then whether some are missing
    #[arg(long)]
    pub plain: bool,
    /// Take blocks over 4 MiB, which `put --allow-big-block` makes
    #[arg(long)]
    pub allow_big_block: bool,
    /// Print a line of JSON: file, root, engine, time, blocks, bytes, keys, damaged, path, kept
    #[arg(long)]
    pub json: bool,
}

/// `verify`.
#[derive(Debug, ClapArgs)]
pub struct Verify {
    /// Move damaged bytes to the folder `quarantine` in the store; the block is missing then, and
    /// the next put heals it
    #[arg(long)]
    pub quarantine: bool,
    /// Fetch what is damaged or missing from another store, as file:backup/blocks; what it
    /// replaces goes to quarantine
    #[arg(long, value_name = "KIND:PATH", value_parser = LocationParser)]
    pub repair_from: Option<Location>,
    /// Give up what is missing: it is not expected any more
    #[arg(long)]
    pub forget: bool,
    /// Print a line of JSON for each block with which something is wrong (cid, what, damage, path,
    /// mended), and one at the end (blocks, bytes, damaged, missing and more)
    #[arg(long)]
    pub json: bool,
}

/// `choose`.
#[derive(Debug, ClapArgs)]
pub struct Choose {
    /// Nothing has to outlive the process
    #[arg(long)]
    pub testing: bool,
    /// More is written than read
    #[arg(long)]
    pub writes: bool,
    /// More is read than written (the default)
    #[arg(long, conflicts_with = "writes")]
    pub reads: bool,
    /// Disk space is scarce, and the data compresses
    #[arg(long)]
    pub disk_limited: bool,
    /// What may be lost when the power fails or a disk goes bad
    #[arg(long, value_enum, value_name = "WHAT", default_value = "nothing")]
    pub may_lose: MayLose,
    /// Print a line of JSON: kind, durability, compress, reason, command
    #[arg(long)]
    pub json: bool,
}

/// [`Durability`] by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On disk before it is said to be stored
    Each,
    /// On disk when the command ends
    Batch,
    /// Whenever the engine sees fit
    None,
}

impl From<When> for Durability {
    fn from(when: When) -> Durability {
        match when {
            When::Each => Durability::Each,
            When::Batch => Durability::Batch,
            When::None => Durability::None,
        }
    }
}

/// [`Compression`] by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// As they are
    None,
    /// LZ4
    Lz4,
}

impl From<How> for Compression {
    fn from(how: How) -> Compression {
        match how {
            How::None => Compression::None,
            How::Lz4 => Compression::Lz4,
        }
    }
}

/// [`Loss`](persistent::Loss) by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MayLose {
    /// Nothing that was said to be stored
    Nothing,
    /// What was written since the last sync
    LastWrites,
    /// Everything: the store can be filled again
    Everything,
    /// Nothing to a crash, and to a bad spot on disk only the block that lies there
    OnlyTheDamaged,
}

/// A folder, or nothing where the text is empty: `DATA_PATH=` is as good as none.
#[derive(Clone, Debug)]
pub struct Folder(pub Option<PathBuf>);

#[derive(Clone)]
struct FolderParser;

impl TypedValueParser for FolderParser {
    type Value = Folder;

    fn parse_ref(
        &self,
        _: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Folder, clap::Error> {
        Ok(Folder((!value.is_empty()).then(|| value.into())))
    }
}

/// Takes what [`Kind`] takes, and tells completions the names.
#[derive(Clone)]
struct KindParser;

impl TypedValueParser for KindParser {
    type Value = Kind;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Kind, clap::Error> {
        (|text: &str| text.parse::<Kind>()).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Kind::ALL.iter().map(|kind| {
            PossibleValue::new(kind.name()).help(kind.shape())
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_holds_together() {
        Args::command().debug_assert();
    }
}
