//! The limits: what the processor and the disk do without any store.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::thread;
use std::time::Instant;

use anyhow::Result;
use block_cid::Block;

use super::timed;
use crate::report::job::{Job, Outcome};
use crate::report::latency::Recorder;
use crate::report::source::Source;

pub fn machine(job: &Job) -> Result<Outcome> {
    let mut out = Outcome::default();
    let mut source = Source::new(job.seed, job.size);
    let blocks = source.take(job.load.count(job.size))?;

    let hash = |blocks: &[Block]| {
        for block in blocks {
            black_box(block_cid::hash::sha2_256(block.data()));
        }
    };
    let start = Instant::now();
    hash(&blocks);
    out.rate("sha2.1", blocks.len() as u64, start.elapsed().as_secs_f64());
    let start = Instant::now();
    thread::scope(|scope| {
        for part in blocks.chunks(blocks.len().div_ceil(2)) {
            scope.spawn(move || hash(part));
        }
    });
    out.rate("sha2.2", blocks.len() as u64, start.elapsed().as_secs_f64());

    let mut file = File::create(job.dir.join("sequential"))?;
    let start = Instant::now();
    // By the mebibyte, as whoever wants to be quick writes.
    let each = ((1 << 20) / job.size).max(1);
    let mut buffer = Vec::new();
    for part in blocks.chunks(each) {
        buffer.clear();
        part.iter()
            .for_each(|block| buffer.extend_from_slice(block.data()));
        file.write_all(&buffer)?;
    }
    out.rate(
        "write.none",
        blocks.len() as u64,
        start.elapsed().as_secs_f64(),
    );
    file.sync_data()?;
    out.rate(
        "write.batch",
        blocks.len() as u64,
        start.elapsed().as_secs_f64(),
    );

    let mut file = File::create(job.dir.join("flushed"))?;
    let mut recorder = Recorder::new()?;
    let timed = timed::each(job.load.put(), &blocks, &mut recorder, |block| {
        file.write_all(block.data())?;
        Ok(file.sync_data()?)
    })?;
    out.rate("write.each", timed.calls, timed.seconds);
    out.calls.insert("write.each".to_owned(), recorder.calls());
    Ok(out)
}
