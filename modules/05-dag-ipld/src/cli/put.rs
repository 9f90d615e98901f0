//! `put`: values of yours as blocks.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use block_cid::{Hash, MAX_BLOCK};
use bytes::Bytes;
use clap::Args as ClapArgs;
use dag_ipld::{Codec, Dag};
use demo::units;
use persistent::program::args::Store;
use persistent::program::stop;
use persistent::program::store::{self, Use};

/// Values to read are given so many times the bytes of a block: text is longer than what is made of it.
const INPUT: u64 = 8;

/// With `--allow-big-block`: a block is held in memory as a whole.
const MAX_BIG_BLOCK: u64 = 1 << 30;

/// `put`.
#[derive(Debug, ClapArgs)]
pub struct Put {
    /// Files with one value each; - is stdin, and so is none
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The codec that the values are read by
    #[arg(long, default_value = "dag-json", value_name = "CODEC")]
    input_codec: Codec,
    /// The codec that the blocks are written by
    #[arg(long, default_value = "dag-cbor", value_name = "CODEC")]
    store_codec: Codec,
    /// The hash
    #[arg(
        long,
        visible_alias = "mhtype",
        default_value = "sha2-256",
        value_name = "HASH"
    )]
    hash: Hash,
    /// Take blocks over 2 MiB, which no other node has to take from this one
    #[arg(long)]
    allow_big_block: bool,
}

/// Stores the values.
pub fn run(args: &Store, put: &Put, out: &mut dyn Write) -> Result<ExitCode> {
    put.hash.names_blocks()?;
    let limit = match put.allow_big_block {
        true => MAX_BIG_BLOCK,
        false => MAX_BLOCK,
    };
    let stdin = [PathBuf::from("-")];
    let files = match put.files.is_empty() {
        true => &stdin[..],
        false => &put.files,
    };
    // Before a store is made for what cannot be read.
    let mut values = Vec::new();
    for path in files {
        let failed = || format!("cannot put {}", named(path));
        let bytes = read(path, limit.saturating_mul(INPUT)).with_context(failed)?;
        let value = put
            .input_codec
            .decode_relaxed(&bytes)
            .with_context(failed)?;
        put.store_codec.encode(&value).with_context(failed)?;
        values.push((path, value));
    }
    store::with(args, Use::Fill, |store, _| {
        let dag = Dag::new(store.blocks().with_max_block(limit));
        let mut cids = Vec::new();
        for (path, value) in &values {
            stop::check()?;
            let cid = dag.add(put.store_codec, put.hash, value);
            cids.push(cid.with_context(|| format!("cannot put {}", named(path)))?);
        }
        block_cid::Blockstore::sync(dag.blocks())?;
        for cid in cids {
            writeln!(out, "{cid}")?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn named(path: &Path) -> String {
    match path == Path::new("-") {
        true => "stdin".to_owned(),
        false => path.display().to_string(),
    }
}

fn read(path: &Path, limit: u64) -> Result<Bytes> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => io::stdin().lock().take(limit + 1).read_to_end(&mut bytes),
        false => File::open(path)?.take(limit + 1).read_to_end(&mut bytes),
    };
    if read? as u64 > limit {
        bail!(
            "it has more than {}, and makes no block",
            units::bytes(limit)
        );
    }
    Ok(bytes.into())
}
