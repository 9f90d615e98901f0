//! `cid`: the CIDs of files.

use std::fs::File;
use std::io::{self, Read, Write};

use anyhow::{Context as _, bail};
use block_cid::{Base, Block, Hash, MAX_BLOCK, text, to_v0};

/// `cid FILE…`
#[derive(clap::Args)]
pub struct Args {
    /// Files to name; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// What the bytes are: a name such as raw or dag-pb, or a number of the multicodec table
    #[arg(long, visible_alias = "codec", value_name = "CODEC", default_value = "raw", value_parser = super::codec)]
    cid_codec: u64,
    /// The hash, as sha2-256 or blake3
    #[arg(long, visible_alias = "hash", value_name = "HASH", default_value = "sha2-256", value_parser = super::hash)]
    mhtype: Hash,
    /// 0 or 1; CIDv0 can name dag-pb by sha2-256 and nothing else
    #[arg(long, value_name = "VERSION", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=1))]
    cid_version: u8,
    /// The base of a CIDv1, by name or prefix: base32, z, …
    #[arg(short, long = "base", visible_alias = "cid-base", value_name = "BASE", value_parser = super::base)]
    base: Option<Base>,
    /// Print the CID alone, without the name of the file
    #[arg(short = 'Q', long)]
    quieter: bool,
    /// Name a file of any size as one block, though other nodes cannot be given it
    #[arg(long)]
    allow_big_block: bool,
}

pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    for file in &args.files {
        let bytes = match file.as_str() {
            "-" => read(io::stdin().lock(), "standard input", args.allow_big_block)?,
            path => {
                let file = File::open(path).with_context(|| format!("cannot open {path}"))?;
                read(file, path, args.allow_big_block)?
            }
        };
        let block = Block::new(args.cid_codec, args.mhtype, bytes)?;
        let cid = match args.cid_version {
            0 => to_v0(block.cid())?,
            _ => *block.cid(),
        };
        let cid = text::display(&cid, args.base)?;
        match args.quieter {
            true => writeln!(out, "{cid}")?,
            false => writeln!(out, "{cid}  {file}")?,
        }
    }
    Ok(())
}

/// All bytes of `input`, which is called `name`, if they fit one block.
fn read(mut input: impl Read, name: &str, any_size: bool) -> anyhow::Result<Vec<u8>> {
    let limit = if any_size { u64::MAX } else { MAX_BLOCK + 1 };
    let mut bytes = Vec::new();
    let read = (&mut input).take(limit).read_to_end(&mut bytes);
    read.with_context(|| format!("cannot read {name}"))?;
    if !any_size && bytes.len() as u64 > MAX_BLOCK {
        bail!(
            "{name} has more than 2 MiB, and a block has no more (bitswap moves none that is \
             larger): module 06 will cut it into blocks, as `ipfs add` does; with \
             --allow-big-block it is named as one block all the same"
        );
    }
    Ok(bytes)
}
