//! A folder of very many names, which is a trie.

use std::time::Instant;

use anyhow::Result;
use block_cid::Block;
use unixfs_car::folder::Sharding;
use unixfs_car::unixfs::Meta;
use unixfs_car::{Folder, Root};

use crate::Nowhere;
use crate::report::job::Outcome;
use crate::report::process;

/// Makes it, of files that are all the same.
pub fn names(names: u64) -> Result<Outcome> {
    let mut out = Outcome::default();
    let file = Block::raw("a file");
    let child = Root {
        cid: *file.cid(),
        bytes: file.len() as u64,
        dag: file.len() as u64,
    };
    let before = process::resident()?;
    process::forget_peak()?;
    let start = Instant::now();
    let mut folder = Folder::new(Meta::default());
    for n in 0..names {
        folder.push(format!("file-{n:07}.txt").as_bytes(), &child)?;
    }
    let root = folder.finish(&Sharding::default(), &mut Nowhere)?;
    out.rate("names.add", names, start.elapsed().as_secs_f64());
    let peak = process::peak()?.saturating_sub(before);
    out.add("names.memory", peak as f64);
    out.root = root.cid.to_string();
    Ok(out)
}
