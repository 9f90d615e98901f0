//! What can be said on the command line: of each command in its file, of the store in
//! [`persistent::program::args`].

use clap::{Parser, Subcommand};
use persistent::program::args::{Probe, Store};

use super::diff::Diff;
use super::explore::Explore;
use super::get::Get;
use super::put::Put;
use super::resolve::Resolve;
use super::stat::Stat;
use super::tree::Tree;

/// The name of the program.
pub const NAME: &str = "05-dag-ipld";

/// Nodes that link to nodes, in any codec of IPLD
///
/// Without a command: a tour. Blocks are in a store of 01-persistent, in pack at ./data/pack unless told
/// otherwise. A path is CID/a/b or /ipfs/CID/a/b, where dag-pb goes by the names of its links, or
/// /ipld/CID/a/b, where it goes by its fields.
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
    /// Store values, each as one block; prints the CIDs, as `ipfs dag put`
    Put(Put),
    /// Print the value at a path, as `ipfs dag get`
    Get(Get),
    /// Print the CID that a path leads to, and what remains of the path, as `ipfs dag resolve`
    Resolve(Resolve),
    /// Count blocks, bytes, links and paths; exit code 1 if a block is missing or cannot be read
    Stat(Stat),
    /// List what is below a block, each block once; exit code 1 as for `stat`
    Tree(Tree),
    /// List where two DAGs differ, and count what they share; exit code 1 if they do, or as for `stat`
    Diff(Diff),
    /// Write a page of HTML that shows one DAG, or two and what they share
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
