//! What can be said on the command line: of each command in its file, of the store in
//! [`persistent::program::args`].

use clap::{Arg, ArgAction, Parser, Subcommand};
use persistent::program::args::{Probe, Store};

use super::add::Add;
use super::car::Car;
use super::cat::Cat;
use super::explore::Explore;
use super::export::Export;
use super::get::Get;
use super::import::Import;
use super::ls::Ls;
use super::verify::Verify;

/// The name of the program.
pub const NAME: &str = "06-unixfs-car";

/// Files and folders as DAGs, with the CIDs that `ipfs` gives them, and CAR archives of them
///
/// Without a command: a tour. Blocks are in a store of 01-persistent, in pack at ./data/pack unless told
/// otherwise.
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

/// A flag that may be said to be true or false, as those of `ipfs` may: `--trickle=false`.
pub fn may_be_false(flag: Arg) -> Arg {
    let is_flag = matches!(flag.get_action(), ArgAction::SetTrue);
    if !is_flag || !flag.get_default_values().is_empty() {
        return flag;
    }
    flag.action(ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .value_name("BOOL")
        .default_value("false")
        .default_missing_value("true")
        .hide_default_value(true)
        .hide_possible_values(true)
}

const AFTER: &str = "\
A flag wins over its environment variable. Sizes are bytes, or have a unit: 64MiB, 100MB.
Exit codes: 0 done; 1 failed, or the answer is no; 2 wrong usage; 130 stopped by Ctrl-C, \
143 by SIGTERM.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add files and folders; prints the CIDs that `ipfs add` prints, and takes its flags
    Add(Box<Add>),
    /// Write the bytes of files to stdout
    Cat(Cat),
    /// Write files and folders to disk
    Get(Get),
    /// List the entries of folders
    Ls(Ls),
    /// Store the blocks of CARs; prints the roots
    Import(Import),
    /// Write a DAG as a CAR
    Export(Export),
    /// Hash every block of DAGs, or of the whole store; exit code 1 if one is damaged or missing
    Verify(Verify),
    /// Look into CAR files, and make others of them
    Car(Car),
    /// Write a page of HTML that shows what a file becomes, by each chunker and layout
    Explore(Explore),
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
