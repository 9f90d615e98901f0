//! A file that is larger than memory may be, and takes no disk.

use std::fs::File;
use std::io;

use anyhow::{Result, ensure};
use unixfs_car::Reader;

use super::{add, importer, open, ours};
use crate::report::job::{Job, Outcome};
use crate::report::process;

/// Adds a file that is one hole, and reads it: what that takes in memory.
pub fn hole(job: &Job) -> Result<Outcome> {
    let mut out = Outcome::default();
    let path = job.dir.join("hole");
    File::create(&path)?.set_len(job.size as u64)?;
    let before = process::resident()?;
    let store = open(job, "hole-store")?;
    process::forget_peak()?;
    let root = add(&importer()?, &path, ours(&store)?)?;
    let peak = || Ok::<_, anyhow::Error>(process::peak()?.saturating_sub(before) as f64);
    out.add("sparse.add", peak()?);
    process::forget_peak()?;
    let mut reader = Reader::open(ours(&store)?, &root.cid)?;
    let read = reader.copy_to(&mut io::sink())?;
    ensure!(read == job.size as u64, "cat gave {read} bytes");
    out.add("sparse.cat", peak()?);
    out.root = root.cid.to_string();
    store.close()?;
    Ok(out)
}
