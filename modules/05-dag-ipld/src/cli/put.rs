//! `put`: values of yours as blocks.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use block_cid::{Block, Blockstore, Hash, MAX_BLOCK};
use bytes::Bytes;
use clap::Args as ClapArgs;
use dag_ipld::Codec;
use demo::units;
use persistent::program::args::Store;
use persistent::program::input::Input;
use persistent::program::stop;
use persistent::program::store::{self, Use};

/// Values to read are given so many times the bytes of a block: text is longer than what is made of it.
const INPUT: u64 = 8;

/// With `--allow-big-block`: a block is held in memory as a whole.
const MAX_BIG_BLOCK: u64 = 1 << 30;

/// A batch is written when it has this many bytes or blocks.
const BATCH_BYTES: usize = 8 << 20;
const BATCH_BLOCKS: usize = 256;

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

/// Stores the values. What was stored before one that cannot be is printed all the same.
pub fn run(args: &Store, put: &Put, out: &mut dyn Write) -> Result<ExitCode> {
    put.hash.names_blocks()?;
    let stdin = [PathBuf::from("-")];
    let files = match put.files.is_empty() {
        true => &stdin[..],
        false => &put.files,
    };
    let mut blocks = files.iter().map(|path| {
        let block = block(put, path);
        block.with_context(|| format!("cannot put {}", named(path)))
    });
    // A mistyped name is no reason to make a store.
    let mut next = blocks.next().transpose()?;
    store::with(args, Use::Fill, |store, _| {
        let store = store.blocks().with_max_block(put.limit());
        let mut batch = Batch::default();
        let mut end = Ok(());
        while let Some(block) = next.take() {
            stop::check()?;
            batch.add(block, &store, out)?;
            match blocks.next().transpose() {
                Ok(block) => next = block,
                Err(error) => end = Err(error),
            }
        }
        batch.put(&store, out)?;
        end.map(|()| ExitCode::SUCCESS)
    })
}

impl Put {
    fn limit(&self) -> u64 {
        match self.allow_big_block {
            true => MAX_BIG_BLOCK,
            false => MAX_BLOCK,
        }
    }
}

fn block(put: &Put, path: &Path) -> Result<Block> {
    let bytes = read(path, put.limit().saturating_mul(INPUT))?;
    let value = put.input_codec.decode_relaxed(&bytes)?;
    let bytes = put.store_codec.encode(&value)?;
    Ok(Block::new(put.store_codec.code(), put.hash, bytes)?)
}

/// Blocks that are put together, and share a flush; their CIDs are printed once they are on disk.
#[derive(Default)]
struct Batch {
    blocks: Vec<Block>,
    bytes: usize,
}

impl Batch {
    fn add(&mut self, block: Block, to: &impl Blockstore, out: &mut dyn Write) -> Result<()> {
        self.bytes += block.len();
        self.blocks.push(block);
        match self.bytes < BATCH_BYTES && self.blocks.len() < BATCH_BLOCKS {
            true => Ok(()),
            false => self.put(to, out),
        }
    }

    fn put(&mut self, to: &impl Blockstore, out: &mut dyn Write) -> Result<()> {
        let batch = std::mem::take(self);
        to.put_many(&batch.blocks)?;
        to.sync()?;
        for block in &batch.blocks {
            writeln!(out, "{}", block.cid())?;
        }
        Ok(())
    }
}

fn named(path: &Path) -> String {
    match path == Path::new("-") {
        true => "stdin".to_owned(),
        false => path.display().to_string(),
    }
}

fn read(path: &Path, limit: u64) -> Result<Bytes> {
    let mut bytes = Vec::new();
    let read = Input::open(path).take(limit + 1).read_to_end(&mut bytes);
    stop::check()?;
    if read? as u64 > limit {
        bail!(
            "it has more than {}, and makes no block",
            units::bytes(limit)
        );
    }
    Ok(bytes.into())
}
