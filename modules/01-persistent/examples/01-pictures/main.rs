//! The pictures of this lesson, drawn from runs of the code that it is about.
//!
//! ```text
//! cargo run -p persistent --example 01-pictures -- FOLDER
//! ```
//!
//! `cargo x pictures` draws them anew beside the README, and `cargo x pictures --check` looks whether
//! those are still the same. What differs from run to run (times, process ids, names of temporary
//! files) is in none of them.
//!
//! - [`timeline`]: one put on each engine, as the system sees it
//! - [`crash`]: three writers, and the power cut after each of their steps
//! - [`replay`]: a log with a torn end is opened
//! - [`tiers`]: where blocks lie, hot, warm and cold
//! - [`trees`]: the same puts into a B-tree and an LSM tree, of which [`btree`] and [`lsm`] are models;
//!   what they wrote as [`bars`], and what the engines write, from the [`report`]

mod bars;
mod btree;
mod crash;
mod lsm;
mod replay;
mod report;
mod tiers;
mod timeline;
mod trees;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [timeline::CHILD, kind, dir] => timeline::put(kind.parse()?, Path::new(dir)),
        [folder] => draw(Path::new(folder)),
        _ => bail!("usage: 01-pictures FOLDER"),
    }
}

fn draw(folder: &Path) -> Result<()> {
    fs::write(folder.join("crash-strip.svg"), crash::draw()?)?;
    fs::write(folder.join("log-replay.svg"), replay::draw()?)?;
    fs::write(folder.join("tiers.svg"), tiers::draw()?)?;
    // Cargo says so when it runs an example.
    let module = std::env::var("CARGO_MANIFEST_DIR").context("run it by cargo")?;
    let root = Path::new(&module).join("../..");
    fs::write(folder.join("lsm-btree.svg"), trees::draw(&root)?)?;
    let name = "put-timeline.svg";
    if testkit::or_skip(name, testkit::strace::works()).is_some() {
        fs::write(folder.join(name), timeline::draw()?)?;
    }
    Ok(())
}
