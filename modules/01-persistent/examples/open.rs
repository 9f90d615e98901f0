//! The ten lines that open a store, put a block, get it, and list what is there.
//!
//! `cargo run -p persistent --example open`, and once more: the block of the first run is there.

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use persistent::{Config, Kind, Persistent};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Persistent::open(&Config::new(Kind::Redb).with_path("data/example"))?;
    let blocks = store.blocks();
    let block = Block::raw("Hello IPFS!");
    println!("there before: {}", blocks.has(block.cid())?);
    blocks.put(&block)?;
    let found = blocks.get(block.cid())?.ok_or("it was just put")?;
    println!("{} has {} bytes", found.cid(), found.len());
    for cid in blocks.cids()? {
        println!("listed: {}", cid?);
    }
    // Dropping the store closes it, too; only this says whether that went well.
    Ok(store.close()?)
}
