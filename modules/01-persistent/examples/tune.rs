//! Times one engine at one size of block, bare: the tool with which its options were chosen.
//!
//! ```text
//! cargo run --release -p persistent --example tune -- redb 4096 [BLOCKS] [BATCH] [FOLDER]
//! ```
//!
//! Keys are random and values incompressible, both different for each block. Everything is made
//! before timing. It prints microseconds an operation, and bytes on disk per byte stored.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use bytes::Bytes;
use datastore::{Batch, Key};
use demo::Data;
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::{file, fjall, memory, pack, redb};

fn open(name: &str, options: &Options) -> anyhow::Result<Box<dyn Engine>> {
    Ok(match name {
        "memory" => Box::new(memory::Memory::new()),
        "file" => Box::new(file::File::open(options)?),
        "redb" => Box::new(redb::Redb::open(options)?),
        "fjall" => Box::new(fjall::Fjall::open(options)?),
        "pack" => Box::new(pack::Pack::open(options)?),
        #[cfg(feature = "rocksdb")]
        "rocksdb" => Box::new(persistent::engines::rocksdb::Rocks::open(options)?),
        other => bail!("{other:?} is no engine of this build"),
    })
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, default: u64| args.get(i).map_or(Ok(default), |text| text.parse());
    let name = args.first().context("which engine?")?.as_str();
    let size = number(1, 4096)? as usize;
    let count = number(2, (64 << 20) / size.max(1) as u64)?;
    let batch = number(3, 256)?.max(1) as usize;
    let dir = tempfile::tempdir_in(args.get(4).map_or(std::env::temp_dir(), PathBuf::from))?;
    let options = Options {
        cache: 64 << 20,
        ..Options::new(dir.path().join(name))
    };
    let (keys, values) = (Data::new(1), Data::new(2));
    let mut blocks = Vec::new();
    for n in 0..count {
        let hash: Vec<u8> = [0x12, 0x20].into_iter().chain(keys.block(n, 32)).collect();
        blocks.push((Key::block(&hash)?, Bytes::from(values.block(n, size))));
    }
    let batch_of = |part: &[(Key, Bytes)]| {
        let mut batch = Batch::new();
        for (key, value) in part {
            batch.put(key.clone(), value.clone());
        }
        batch
    };

    let engine = open(name, &options)?;
    let say = |what: &str, times: usize, call: &mut dyn FnMut() -> anyhow::Result<()>| {
        let start = Instant::now();
        call()?;
        let each = start.elapsed().as_secs_f64() * 1e6 / times.max(1) as f64;
        println!("{name} {size} B: {what:<36} {each:>10.2} us");
        anyhow::Ok(())
    };
    // The last tenth is for single durable puts, and at most 200 of them.
    let (single, bulk) = blocks.split_at(blocks.len().div_ceil(10).min(200));
    say(
        &format!("put in batches of {batch}"),
        bulk.len(),
        &mut || {
            for part in bulk.chunks(batch) {
                engine.write(&batch_of(part), Flush::No)?;
            }
            Ok(())
        },
    )?;
    say("then flush, all of it", 1, &mut || Ok(engine.flush()?))?;
    say("put durable, one by one", single.len(), &mut || {
        for part in single.chunks(1) {
            engine.write(&batch_of(part), Flush::Yes)?;
        }
        Ok(())
    })?;
    // Written again, so that no more space is needed for it.
    let again = bulk.get(..bulk.len().min(8 * batch)).unwrap_or(bulk);
    say(
        &format!("put durable in batches of {batch}"),
        again.len(),
        &mut || {
            for part in again.chunks(batch) {
                engine.write(&batch_of(part), Flush::Yes)?;
            }
            Ok(())
        },
    )?;
    let stored = count * (size as u64 + 34);
    println!(
        "bytes on disk per byte stored: {:.2}",
        engine.disk_usage()? as f64 / stored as f64
    );
    say("close", 1, &mut || Ok(engine.close()?))?;
    drop(engine);
    let mut engine = None;
    say("open", 1, &mut || {
        engine = Some(open(name, &options)?);
        Ok(())
    })?;
    let Some(engine) = engine else { return Ok(()) };
    let mut order: Vec<&(Key, Bytes)> = blocks.iter().collect();
    // An order that is neither that of writing nor that of keys.
    order.sort_by_key(|(key, _)| key.as_bytes().iter().rev().copied().collect::<Vec<u8>>());
    if name != memory::NAME {
        say("get", order.len(), &mut || {
            for (key, value) in &order {
                if engine.get(key)?.as_ref() != Some(value) {
                    bail!("{key} came back changed");
                }
            }
            Ok(())
        })?;
    }
    say("size", order.len(), &mut || {
        order
            .iter()
            .try_for_each(|(key, _)| Ok(engine.size(key).map(drop)?))
    })?;
    let absent: Vec<Key> = (0..count)
        .map(|n| Key::block(&[&[0x12, 0x20], &values.block(n, 32)[..]].concat()))
        .collect::<Result<_, _>>()?;
    say("has, absent", absent.len(), &mut || {
        absent
            .iter()
            .try_for_each(|key| Ok(engine.has(key).map(drop)?))
    })?;
    say("enumerate keys", order.len(), &mut || {
        let found = engine.keys(&Key::blocks())?.count();
        println!("{found} keys");
        Ok(())
    })
}
