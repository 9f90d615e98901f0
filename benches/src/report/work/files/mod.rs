//! Files and CARs: what a worker does with them.

mod bare;
mod hole;
mod limits;
mod make;
mod names;
mod store;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use block_cid::{Blocks, Blockstore};
use persistent::Persistent;
use serde::{Deserialize, Serialize};
use unixfs_car::import::{Importer, Options};
use unixfs_car::{Root, Source};

use crate::report::job::{Job, Outcome};
use crate::report::process;
use crate::report::store::{Open, Store};
use crate::report::subject::Subject;

/// A part of it. The bytes of the file are the size of the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Files {
    /// Makes the file in the folder of the job, and its CAR.
    Make,
    /// Makes a folder of so many small files, the first of them in a folder of their own.
    MakeSmall {
        /// All of them.
        files: u64,
        /// The first.
        few: u64,
    },
    /// What reading and hashing the file takes, and an import whose blocks go nowhere.
    Limits {
        /// The file.
        file: PathBuf,
    },
    /// The bare engine of this one, with the same leaves.
    Bare {
        /// The file.
        file: PathBuf,
    },
    /// Add, cat, export and import.
    Store {
        /// The file.
        file: PathBuf,
        /// The CAR of it.
        car: PathBuf,
    },
    /// What reading the small files takes.
    ReadSmall {
        /// The folder.
        folder: PathBuf,
        /// How many there are.
        files: u64,
    },
    /// Adds the small files, and puts the same blocks into the bare engine.
    Small {
        /// The folder.
        folder: PathBuf,
        /// How many there are.
        files: u64,
    },
    /// Adds a file that is a hole, and reads it.
    Hole,
    /// Puts so many names into one folder.
    Names {
        /// How many.
        names: u64,
    },
}

/// What every store is opened with: not flushed, so that it is the engine that is compared.
const HOW: Open = Open {
    cache: persistent::config::DEFAULT_CACHE,
    durable: false,
    compress: false,
};

/// Does one of them.
pub fn run(job: &Job, work: &Files) -> Result<Outcome> {
    match work {
        Files::Make => make::file(job),
        Files::MakeSmall { files, few } => make::small(job, *files, *few),
        Files::Limits { file } => limits::limits(job, file),
        Files::Bare { file } => bare::file(job, file),
        Files::Store { file, car } => store::store(job, file, car),
        Files::ReadSmall { folder, files } => limits::small(folder, *files),
        Files::Small { folder, files } => store::small(job, folder, *files),
        Files::Hole => hole::hole(job),
        Files::Names { names } => names::names(*names),
    }
}

/// What `ipfs add` does unless it is told otherwise.
fn importer() -> Result<Importer> {
    Ok(Importer::new(Options::default())?)
}

/// The time and the memory of some work, and both in an outcome.
struct Meter {
    /// What the process had before any store was open.
    before: u64,
    bytes: usize,
}

impl Meter {
    fn new(bytes: usize) -> Result<Meter> {
        let before = process::resident()?;
        Ok(Meter { before, bytes })
    }

    /// Does the work, of which `files.NAME` is how quick it was and `memory.NAME` what was taken.
    fn time<T>(
        &self,
        out: &mut Outcome,
        name: &str,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        process::forget_peak()?;
        let start = Instant::now();
        let done = work()?;
        let seconds = start.elapsed().as_secs_f64();
        out.add(&format!("files.{name}"), mib(self.bytes) / seconds);
        out.add(&format!("memory.{name}"), self.peak()?);
        Ok(done)
    }

    /// The most that the process had beyond what it had before.
    fn peak(&self) -> Result<f64> {
        Ok(process::peak()?.saturating_sub(self.before) as f64)
    }
}

fn mib(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// A store of ours in a folder of this name within that of the job.
fn open(job: &Job, name: &str) -> Result<Store> {
    let dir = job.dir.join(name);
    fs::create_dir_all(&dir)?;
    Store::open(job.subject, &dir, HOW)
}

fn ours(store: &Store) -> Result<&Blocks<Persistent>> {
    match store.ours() {
        Some(blocks) => Ok(blocks),
        None => bail!("a bare engine adds no files"),
    }
}

fn add(importer: &Importer, path: &Path, blocks: &dyn Blockstore) -> Result<Root> {
    Ok(importer.add_source(Source::path(path), blocks)?)
}

/// Writes as many bytes as the file has, and takes them away again.
///
/// In a virtual machine a page of memory that was free for long is not there until it is touched. Whoever
/// wrote first would pay for that, and the others would write to pages that it has left.
fn warm(job: &Job) -> Result<()> {
    let path = job.dir.join("warm");
    let mut file = fs::File::create(&path)?;
    let piece = vec![1; 1 << 20];
    let mut left = job.size;
    while let Some(part) = piece.get(..left.min(piece.len())).filter(|p| !p.is_empty()) {
        file.write_all(part)?;
        left -= part.len();
    }
    Ok(fs::remove_file(path)?)
}

/// The bare engine of the job, if it has one.
fn bare(job: &Job) -> Option<Job> {
    let kind = job.subject.ours().filter(|kind| kind.is_on_disk())?;
    Some(Job {
        subject: Subject::Raw(kind),
        ..job.clone()
    })
}
