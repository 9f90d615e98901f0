//! What can be said on the command line: of each command in the file of its group, of the store in
//! [`persistent::program::args`].

mod blocks;
mod choose;
mod whole;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

pub use blocks::{Get, Has, Ls, Put, Rm};
pub use choose::{Choose, MayLose};
pub use persistent::program::args::{Probe, Store};
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
    Probe(Probe),
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
