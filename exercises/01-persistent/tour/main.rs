//! The tour of module 01, on a store of your own.

#[allow(dead_code)]
#[path = "../../01-persistent/checks/folder.rs"]
mod folder;
#[allow(dead_code)]
#[path = "../../01-persistent/src/MINE.rs"]
mod mine;
mod open;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use block_cid::{Block, Blocks, Blockstore};
use datastore::Datastore;
use demo::{Data, Style, heading, units};

fn main() -> ExitCode {
    demo::run(|out| {
        let style = Style::stdout();
        let data = Data::new(1);
        // The same three as in the tour of the engines.
        let blocks = [
            Block::raw("Hello IPFS!"),
            Block::raw(data.block(0, 4 << 10)),
            Block::raw(data.block(1, 256 << 10)),
        ];
        writeln!(out, "{}", heading("Your own store, in the place of an engine", style))?;
        writeln!(out, "{}", style.bold(open::WHICH))?;

        let start = Instant::now();
        let store = Blocks::new(open::open()?);
        let opened = start.elapsed();
        let left = count(&store, &blocks)?;
        for block in &blocks {
            store.delete(block.cid())?;
        }
        let found = match left {
            0 => "new".to_owned(),
            n => format!("with {n} blocks of the last tour"),
        };
        writeln!(out, "  initialised in {}, {}, {found}", ms(opened), open::PLACE)?;

        let start = Instant::now();
        for block in &blocks {
            store.put(block)?;
        }
        writeln!(out, "  stored 3 blocks, {} on average", ms(start.elapsed() / 3))?;

        let start = Instant::now();
        let got = count(&store, &blocks)?;
        let took = ms(start.elapsed() / 3);
        match got {
            3 => writeln!(out, "  retrieved all 3, {took} on average; each hashes to its CID")?,
            n => writeln!(out, "  {} {n} of 3", style.bad("retrieved"))?,
        }
        let disk = units::bytes(store.store().disk_usage()?);
        writeln!(out, "  takes {disk} on disk")?;

        store.store().close()?;
        drop(store);
        let store = Blocks::new(open::open()?);
        match count(&store, &blocks)? {
            0 => writeln!(out, "  closed and opened again: 0 of 3 blocks: memory forgets")?,
            3 => writeln!(out, "  closed and opened again: all 3 blocks")?,
            n => writeln!(out, "  closed and opened again: {n} of 3 blocks")?,
        }
        Ok(if got == 3 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// How many of the blocks are there, whole.
fn count<D: Datastore>(store: &Blocks<D>, blocks: &[Block]) -> Result<u32, block_cid::Error> {
    let mut count = 0;
    for block in blocks {
        let found = store.get(block.cid())?;
        count += u32::from(found.is_some_and(|found| found.data() == block.data()));
    }
    Ok(count)
}

fn ms(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}
