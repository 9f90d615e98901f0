//! What the tour and the run of one engine do with it: three blocks in, the same three out.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use block_cid::{Block, Blocks, Blockstore};
use demo::Data;
use persistent::Persistent;

/// The blocks: a greeting, a page, and the chunk that files are cut into.
pub fn blocks() -> [Block; 3] {
    let data = Data::new(1);
    [
        Block::raw("Hello IPFS!"),
        Block::raw(data.block(0, 4 << 10)),
        Block::raw(data.block(1, 256 << 10)),
    ]
}

/// Stores the blocks one by one; the average time of a put.
pub fn store(store: &Blocks<&Persistent>, blocks: &[Block]) -> Result<Duration> {
    let start = Instant::now();
    for block in blocks {
        store.put(block)?;
    }
    Ok(average(start, blocks))
}

/// Reads the blocks back one by one and compares them; the average time of a get.
pub fn read(store: &Blocks<&Persistent>, blocks: &[Block]) -> Result<Duration> {
    let start = Instant::now();
    let mut found = Vec::with_capacity(blocks.len());
    for block in blocks {
        found.push(store.get(block.cid())?);
    }
    let time = average(start, blocks);
    for (block, found) in blocks.iter().zip(found) {
        ensure!(
            found.as_ref().map(Block::data) == Some(block.data()),
            "{} came back as something else",
            block.cid()
        );
    }
    Ok(time)
}

/// How many of the blocks are there, whole.
pub fn count(store: &Blocks<&Persistent>, blocks: &[Block]) -> Result<usize> {
    let mut count = 0;
    for block in blocks {
        count += usize::from(store.get(block.cid())?.is_some());
    }
    Ok(count)
}

fn average(start: Instant, blocks: &[Block]) -> Duration {
    start.elapsed() / u32::try_from(blocks.len()).unwrap_or(u32::MAX).max(1)
}

/// A time in milliseconds, as every line of the demo has it.
pub fn ms(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}
