//! The flags and the environment that name a store.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Args as ClapArgs, ValueEnum};

use super::size;
use crate::probe::{self, Way};
use crate::{Compression, Durability, Kind};

/// Where and how the blocks are kept.
#[derive(Clone, Debug, ClapArgs)]
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

/// `probe`, which every program that opens a store has as a hidden command: a store that was not closed
/// is opened by a child first (see [`probe`]).
#[derive(Debug, ClapArgs)]
pub struct Probe {
    /// The engine.
    #[arg(value_parser = KindParser)]
    pub kind: Kind,
    /// The engine's folder.
    pub folder: PathBuf,
    /// Read what can be read.
    #[arg(long)]
    pub tolerant: bool,
}

impl Probe {
    /// Opens it, and closes it.
    ///
    /// # Errors
    /// Those of opening.
    pub fn run(&self) -> datastore::Result<()> {
        let way = match self.tolerant {
            true => Way::Tolerant,
            false => Way::Strict,
        };
        probe::run(self.kind, &self.folder, way)
    }
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
pub(super) struct FolderParser;

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
pub struct KindParser;

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
