//! What is asked before there is a store.

use clap::{Args as ClapArgs, ValueEnum};

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
    /// Most of what is kept are no blocks but other keys, whose values change
    #[arg(long)]
    pub records: bool,
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
