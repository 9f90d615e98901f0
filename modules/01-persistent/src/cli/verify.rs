//! `verify`: every block hashed anew.
//!
//! No engine notices every flipped bit (a checksum of its own covers a page or a record, where it
//! has one); a CID does. Blocks are read by this thread, and hashed many at once on all cores.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::{Block, Blockstore, Cid, prove_all};
use datastore::{Datastore, Key};
use demo::{Progress, units};
use persistent::Persistent;
use serde_json::json;

use super::args::{Store, Verify};
use super::stop;
use super::store::{self, Use};

/// Blocks are hashed in groups of this many bytes.
const GROUP: usize = 16 << 20;

/// Hashes every block and names the damaged ones; 1 if there are any.
pub fn run(args: &Store, verify: &Verify, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |store, blocks| {
        stop::watch(|| ())?;
        let mut run = Run {
            json: verify.json,
            out,
            progress: Progress::bytes("verify", None),
            group: Vec::new(),
            bytes: 0,
            all: Sum::default(),
        };
        for cid in blocks.cids()? {
            stop::check()?;
            run.read(store, cid?)?;
        }
        run.hash()?;
        run.end()
    })
}

#[derive(Default)]
struct Sum {
    blocks: u64,
    bytes: u64,
    damaged: u64,
}

struct Run<'a> {
    json: bool,
    out: &'a mut dyn Write,
    progress: Progress,
    group: Vec<Block>,
    bytes: usize,
    all: Sum,
}

impl Run<'_> {
    fn read(&mut self, store: &Persistent, cid: Cid) -> Result<()> {
        // Below the block layer, which hashes what it gives, one at a time.
        match store.get(&Key::block(&cid.hash().to_bytes())?) {
            Ok(Some(data)) => {
                self.bytes += data.len();
                self.group.push(Block::claimed(cid, data));
                if self.bytes >= GROUP {
                    self.hash()?;
                }
            }
            // Removed since it was listed.
            Ok(None) => {}
            Err(error) => {
                self.all.blocks += 1;
                let causes = format!("{:#}", anyhow::Error::new(error));
                self.damaged(&cid, &format!("cannot be read: {causes}"))?;
            }
        }
        Ok(())
    }

    fn hash(&mut self) -> Result<()> {
        let mut group = std::mem::take(&mut self.group);
        self.all.blocks += group.len() as u64;
        self.all.bytes += self.bytes as u64;
        self.progress.add(std::mem::take(&mut self.bytes) as u64);
        if prove_all(&mut group).is_ok() {
            return Ok(());
        }
        // Those before the first wrong one are proven; the others one by one, to name them all.
        for block in group.into_iter().filter(|block| !block.is_proven()) {
            let cid = *block.cid();
            match block.prove() {
                Ok(_) => {}
                Err(block_cid::Error::WrongCid { actual, .. }) => {
                    self.damaged(&cid, &format!("its bytes make {actual}"))?;
                }
                Err(error) => self.damaged(&cid, &error.to_string())?,
            }
        }
        Ok(())
    }

    fn damaged(&mut self, cid: &Cid, damage: &str) -> Result<()> {
        self.all.damaged += 1;
        let (out, json) = (&mut *self.out, self.json);
        self.progress.pause(|| {
            if json {
                let line = json!({ "cid": cid.to_string(), "damage": damage });
                writeln!(out, "{line}")
            } else {
                writeln!(out, "{cid}  damaged: {}", demo::plain(damage))
            }
        })?;
        Ok(())
    }

    fn end(self) -> Result<ExitCode> {
        drop(self.progress);
        let Sum {
            blocks,
            bytes,
            damaged,
        } = self.all;
        if self.json {
            let line = json!({ "blocks": blocks, "bytes": bytes, "damaged": damaged });
            writeln!(self.out, "{line}")?;
        } else {
            let noun = if blocks == 1 { "block" } else { "blocks" };
            let (count, size) = (units::count(blocks), units::bytes(bytes));
            let good = match damaged {
                0 => "all good".to_owned(),
                n => format!(
                    "{} damaged; put what is damaged again, or restore a backup",
                    units::count(n)
                ),
            };
            writeln!(self.out, "{count} {noun}, {size}: {good}")?;
        }
        Ok(if damaged == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
