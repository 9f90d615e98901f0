//! What no add can be quicker than.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};
use block_cid::hash::sha2_256;
use unixfs_car::Source;

use super::{importer, mib};
use crate::report::job::{Job, Outcome};

/// Bytes that are read at once, as many as a leaf has.
const READ: usize = 256 << 10;

/// The file read; read and hashed; hashed by one core and by two; and an import whose blocks go nowhere.
pub fn limits(job: &Job, path: &Path) -> Result<Outcome> {
    let mut out = Outcome::default();
    let mut rate = |name: &str, work: &mut dyn FnMut() -> Result<()>| -> Result<()> {
        let start = Instant::now();
        work()?;
        out.add(name, mib(job.size) / start.elapsed().as_secs_f64());
        Ok(())
    };
    // The first read brings what may not be cached.
    each(job, path, &mut |_| {})?;
    rate("files.read", &mut || {
        each(job, path, &mut |part| {
            black_box(part);
        })
    })?;
    rate("files.read.sha2", &mut || {
        each(job, path, &mut |part| {
            black_box(sha2_256(part));
        })
    })?;
    let mut root = String::new();
    rate("files.add", &mut || {
        let added = importer()?.add(Source::path(path), None, &(), &mut |_| Ok(()))?;
        root = added.cid.to_string();
        Ok(())
    })?;
    let bytes = fs::read(path)?;
    let leaves: Vec<&[u8]> = bytes.chunks(READ).collect();
    let hash = |leaves: &[&[u8]]| {
        for leaf in leaves {
            black_box(sha2_256(leaf));
        }
    };
    rate("files.sha2.1", &mut || {
        hash(&leaves);
        Ok(())
    })?;
    rate("files.sha2.2", &mut || {
        thread::scope(|scope| {
            for half in leaves.chunks(leaves.len().div_ceil(2)) {
                scope.spawn(move || hash(half));
            }
        });
        Ok(())
    })?;
    out.root = root;
    Ok(out)
}

fn each(job: &Job, path: &Path, see: &mut dyn FnMut(&[u8])) -> Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; READ];
    let mut read = 0;
    loop {
        let len = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..len).filter(|part| !part.is_empty()) else {
            break;
        };
        see(part);
        read += len;
    }
    ensure!(read == job.size, "{} has {read} bytes", path.display());
    Ok(())
}

/// All small files read.
pub fn small(folder: &Path, files: u64) -> Result<Outcome> {
    let mut out = Outcome::default();
    // Once to have them cached.
    for _ in 0..2 {
        let start = Instant::now();
        let mut count = 0;
        for below in fs::read_dir(folder)? {
            for file in fs::read_dir(below?.path())? {
                black_box(fs::read(file?.path())?);
                count += 1;
            }
        }
        ensure!(
            count == files,
            "{files} files were made, and {count} are there"
        );
        out.rate("small.read", files, start.elapsed().as_secs_f64());
    }
    Ok(out)
}
