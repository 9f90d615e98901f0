//! Wrappers around a store: a cache over a filter over redb, measured above and below.
//!
//! ```text
//! cargo run -p persistent --example stack
//! ```
//!
//! A hundred blocks are asked for three times, and a thousand that are not there once. It prints
//! what of that got through to the engine, and a part of what Prometheus would read.

use std::error::Error;

use block_cid::{Block, Blocks, Blockstore};
use datastore::{Datastore, Key};
use persistent::wrappers::measure::Call;
use persistent::wrappers::{Bloom, Cache, Measure, Namespace};
use persistent::{Config, Kind, Persistent};

fn main() -> Result<(), Box<dyn Error>> {
    let store = Persistent::open(&Config::new(Kind::Redb).with_path("data/stack"))?;
    let engine = Measure::new(&store);
    let bloom = Bloom::new(&engine);
    bloom.build(10_000)?.finish()?;
    let cache = Cache::new(&bloom, 16 << 20);
    let whole = Measure::new(&cache);

    let blocks = Blocks::new(&whole);
    let block = |n: u32| Block::raw(format!("block {n}"));
    let there: Vec<Block> = (0..100).map(block).collect();
    blocks.put_many(&there)?;
    for _ in 0..3 {
        for block in &there {
            blocks.get(block.cid())?.ok_or("it was just put")?;
        }
    }
    for n in 100..1100 {
        if blocks.has(block(n).cid())? {
            return Err("it was never put".into());
        }
    }
    for call in [Call::Get, Call::Has] {
        println!(
            "{:<4} asked {} times, the engine {}",
            call.name(),
            whole.count(call),
            engine.count(call)
        );
    }

    let settings = Namespace::new(&whole, Key::new("/apps/mail")?)?;
    settings.put(&Key::new("/theme")?, b"dark")?;
    for key in store.keys(&Key::new("/apps")?)? {
        println!("in the store: {}", key?);
    }

    let mut text = String::new();
    whole.write_text("main", &mut text)?;
    text.lines()
        .filter(|line| line.starts_with('#') || line.contains(r#""get""#))
        .for_each(|line| println!("{line}"));
    Ok(store.close()?)
}
