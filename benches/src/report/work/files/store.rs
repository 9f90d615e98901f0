//! A store of ours: files in and out, and CARs.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use persistent::ops::Silent;
use unixfs_car::Reader;
use unixfs_car::car::export::{Missing, export};
use unixfs_car::car::import::{Import, import};
use unixfs_car::car::index::Scratch;
use unixfs_car::car::{Version, Writer};

use super::{Meter, add, bare, importer, open, ours, warm};
use crate::Unflushed;
use crate::report::folder;
use crate::report::job::{Job, Outcome};
use crate::report::store::Store;

/// Add and import into new stores, not flushed; cat and export out of the first, just opened, to nowhere.
pub fn store(job: &Job, file: &Path, car: &Path) -> Result<Outcome> {
    let mut out = Outcome::default();
    warm(job)?;
    let meter = Meter::new(job.size)?;
    let mut store = open(job, "added")?;
    let root = meter.time(&mut out, "add", || add(&importer()?, file, ours(&store)?))?;
    let root = root.cid;
    out.root = root.to_string();
    // What is in memory alone cannot be opened again.
    if job.subject.is_on_disk() {
        store.close()?;
        store = open(job, "added")?;
    }
    let read = meter.time(&mut out, "cat", || {
        let mut reader = Reader::open(ours(&store)?, &root)?;
        Ok(reader.copy_to(&mut io::sink())?)
    })?;
    ensure!(read == job.size as u64, "cat gave {read} bytes");
    let exported = meter.time(&mut out, "export", || {
        let scratch = Scratch::new(job.dir.clone());
        let mut writer = Writer::new(io::empty(), &[root], Version::V1, &scratch)?;
        let copied = export(ours(&store)?, &root, Missing::Refused, &mut writer, &Silent)?;
        writer.finish()?;
        Ok(copied)
    })?;
    ensure!(exported.bytes > read, "export gave {exported:?}");
    end(job, store, "added")?;

    let store = open(job, "imported")?;
    let imported = meter.time(&mut out, "import", || {
        let input = BufReader::with_capacity(1 << 20, File::open(car)?);
        let to = Unflushed(ours(&store)?);
        Ok(import(input, &to, Import::default(), &Silent)?)
    })?;
    ensure!(
        (imported.blocks, imported.bytes) == (exported.blocks, exported.bytes),
        "{exported:?} was exported, and {imported:?} imported"
    );
    end(job, store, "imported")?;
    Ok(out)
}

/// Closes and removes it, and has the disk do what there is left to do before the next one begins.
fn end(job: &Job, store: Store, name: &str) -> Result<()> {
    store.close()?;
    fs::remove_dir_all(job.dir.join(name))?;
    Ok(folder::sync(&job.dir)?)
}

/// All small files into a new store, not flushed; then the bare engine with the same blocks.
pub fn small(job: &Job, path: &Path, files: u64) -> Result<Outcome> {
    let mut out = Outcome::default();
    let store = open(job, "small")?;
    let start = Instant::now();
    let root = add(&importer()?, path, ours(&store)?)?;
    out.rate("small.add", files, start.elapsed().as_secs_f64());
    out.root = root.cid.to_string();
    end(job, store, "small")?;
    bare::small(job, &mut out, path, files)?;
    Ok(out)
}
