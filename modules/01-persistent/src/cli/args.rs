//! What can be said on the command line and in the environment: of the store here, of each command in
//! the file of its group.

mod blocks;
mod choose;
mod whole;

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use persistent::{Compression, Durability, Kind};

use super::size;
pub use blocks::{Get, Has, Ls, Put, Rm};
pub use choose::{Choose, MayLose};
pub use whole::{Backup, Compact, Migrate, Restore, Salvage, Stat, Verify};

/// The name of the program.
pub const NAME: &str = "01-persistent";

/// Blocks that outlive the process, on the storage engine of your choice
///
/// Without a command: a tour of all engines, or, if BACKEND names one, that engine alone, which
/// keeps its data. With a command: a store of blocks, in pack at ./data/pack unless told otherwise.
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
    /// The engine; empty means memory. `lsm` is fjall, `btree` is redb, and `log`
    /// is pack
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
    /// Write nothing, not even to repair what was not closed, and let others read at the same time;
    /// fjall cannot
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
