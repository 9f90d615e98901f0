//! What is added and imported.

use std::fs::{self, File};
use std::io::{BufWriter, Write};

use anyhow::Result;
use block_cid::Blocks;
use datastore::MemStore;
use demo::Data;
use persistent::ops::Silent;
use unixfs_car::car::export::{Missing, export};
use unixfs_car::car::index::Scratch;
use unixfs_car::car::{Version, Writer};

use super::{add, importer};
use crate::report::job::{Job, Outcome};
use crate::report::source::Source;

/// Bytes of a leaf, which all differ.
const LEAF: usize = 256 << 10;

/// Bytes of a small file, and how many lie in a folder.
const SMALL: usize = 1 << 10;
const FOLDER: u64 = 1000;

/// `file` of as many bytes as the job says, and `car` with its DAG.
pub fn file(job: &Job) -> Result<Outcome> {
    let path = job.dir.join("file");
    let mut file = BufWriter::new(File::create(&path)?);
    let mut source = Source::new(job.seed, LEAF.min(job.size));
    let mut left = job.size;
    while left > 0 {
        for block in source.take(1)? {
            let bytes = block.data();
            let part = bytes.get(..left).unwrap_or(bytes);
            file.write_all(part)?;
            left -= part.len();
        }
    }
    file.into_inner()?.sync_data()?;

    let store = Blocks::new(MemStore::new());
    let root = add(&importer()?, &path, &store)?.cid;
    let car = BufWriter::new(File::create(job.dir.join("car"))?);
    let scratch = Scratch::new(job.dir.clone());
    let mut writer = Writer::new(car, &[root], Version::V1, &scratch)?;
    export(&store, &root, Missing::Refused, &mut writer, &Silent)?;
    writer.finish()?.into_inner()?.sync_data()?;
    Ok(Outcome {
        root: root.to_string(),
        ..Outcome::default()
    })
}

/// `few` and `all`, folders of folders of files; all that are in the first are in the second, too, as other
/// files with the same bytes.
pub fn small(job: &Job, files: u64, few: u64) -> Result<Outcome> {
    let data = Data::new(job.seed);
    for (name, count) in [("all", files), ("few", few)] {
        for n in 0..count {
            let folder = job.dir.join(name).join(format!("{:04}", n / FOLDER));
            if n % FOLDER == 0 {
                fs::create_dir_all(&folder)?;
            }
            fs::write(folder.join(format!("{n:06}")), data.block(n, SMALL))?;
        }
    }
    Ok(Outcome::default())
}
