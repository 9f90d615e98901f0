//! Commands on blocks.

use std::path::PathBuf;

use block_cid::{Cid, Hash};
use clap::Args as ClapArgs;

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
    /// Take blocks over 2 MiB, which no other node has to take from this one: up to 1 GiB, and in a pack
    /// store 64 MiB
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
