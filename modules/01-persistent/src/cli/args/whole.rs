//! Commands on a whole store.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use persistent::program::location::{Destination, DestinationParser, Location, LocationParser};

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
    /// unknown, different, ledger, unreadable)
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
    /// (file, root, blocks, bytes, keys, damaged, missing, unlisted, ledger, size)
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
    /// Take blocks over 4 MiB, which `put --allow-big-block` makes: up to 1 GiB, and into a pack store
    /// 64 MiB
    #[arg(long)]
    pub allow_big_block: bool,
    /// Print a line of JSON: file, root, engine, time, blocks, bytes, keys, damaged, unlisted,
    /// path, kept
    #[arg(long)]
    pub json: bool,
}

/// `verify`.
#[derive(Debug, ClapArgs)]
pub struct Verify {
    /// Move damaged bytes to the folder `quarantine` in the store, or remove what the engine finds
    /// damaged and does not give; the block is missing then, and the next put heals it
    #[arg(long)]
    pub quarantine: bool,
    /// Fetch what is damaged or missing from another store, as file:backup/blocks; what it
    /// replaces goes to quarantine
    #[arg(long, value_name = "KIND:PATH", value_parser = LocationParser)]
    pub repair_from: Option<Location>,
    /// Give up what is missing, which is not expected any more, and accept what was wrong with the
    /// record of acknowledgements
    #[arg(long)]
    pub forget: bool,
    /// Print a line of JSON for each block with which something is wrong (cid, what, damage, path,
    /// mended), and one at the end (blocks, bytes, damaged, missing and more)
    #[arg(long)]
    pub json: bool,
}
