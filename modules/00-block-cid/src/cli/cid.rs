//! `cid`: the CIDs of files.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use block_cid::{Base, Block, Hash, MAX_BLOCK, text, to_v0};
use demo::{plain, units};

/// With `--allow-big-block`: a block is held in memory as a whole, here as in module 01.
const MAX_BIG_BLOCK: u64 = 1 << 30;

/// `cid FILE…`
#[derive(clap::Args)]
pub struct Args {
    /// Files to name; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
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
    /// Name a file of up to 1 GiB as one block, though other nodes cannot be given it
    #[arg(long)]
    allow_big_block: bool,
}

/// More bytes than one block has.
#[derive(Debug, thiserror::Error)]
enum TooLarge {
    #[error(
        "{0} has more than 2 MiB, and a block has no more (bitswap moves none that is larger): \
         `06-unixfs-car add -n` cuts it into blocks, as `ipfs add` does; with --allow-big-block it is named \
         as one block all the same"
    )]
    Block(String),
    #[error("{0} has more than {limit}, and no block here has", limit = units::bytes(MAX_BIG_BLOCK))]
    BigBlock(String),
}

pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    for path in &args.files {
        let bytes = if path.as_os_str() == "-" {
            read(io::stdin().lock(), "standard input", args.allow_big_block)?
        } else {
            let name = path.to_string_lossy();
            let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
            let meta = file.metadata();
            // What is no file may have any length, whatever it says.
            if meta.is_ok_and(|meta| meta.is_file() && meta.len() > limit(args.allow_big_block)) {
                return Err(too_large(&name, args.allow_big_block));
            }
            read(file, &name, args.allow_big_block)?
        };
        let block = Block::new(args.cid_codec, args.mhtype, bytes)?;
        let cid = match args.cid_version {
            0 => to_v0(block.cid())?,
            _ => *block.cid(),
        };
        let cid = text::display(&cid, args.base)?;
        match args.quieter {
            true => writeln!(out, "{cid}")?,
            false => writeln!(out, "{cid}  {}", plain(&path.to_string_lossy()))?,
        }
    }
    Ok(())
}

/// All bytes of `input`, which is called `name`, if they fit one block.
fn read(mut input: impl Read, name: &str, big: bool) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = (&mut input).take(limit(big) + 1).read_to_end(&mut bytes);
    read.with_context(|| format!("cannot read {name}"))?;
    if bytes.len() as u64 > limit(big) {
        return Err(too_large(name, big));
    }
    Ok(bytes)
}

fn limit(big: bool) -> u64 {
    if big { MAX_BIG_BLOCK } else { MAX_BLOCK }
}

fn too_large(name: &str, big: bool) -> anyhow::Error {
    match big {
        true => TooLarge::BigBlock(name.to_owned()).into(),
        false => TooLarge::Block(name.to_owned()).into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What has no length to be seen, as `/dev/zero`, is read to the limit and no further.
    #[test]
    fn input_without_end_is_given_up() {
        let mut taken = 0;
        let error = read(Endless(&mut taken), "it", false).unwrap_err();
        assert!(error.is::<TooLarge>(), "{error}");
        assert_eq!(taken, MAX_BLOCK + 1);
    }

    struct Endless<'a>(&'a mut u64);

    impl Read for Endless<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            *self.0 += into.len() as u64;
            Ok(into.len())
        }
    }
}
