//! The pictures of this lesson, drawn from runs of the code that it is about.
//!
//! ```text
//! cargo run -p unixfs-car --example 06-pictures -- FOLDER
//! ```
//!
//! `cargo x pictures` draws them anew beside the README, and `cargo x pictures --check` looks whether
//! those are still the same.
//!
//! - [`links`]: a file of as many chunks as a node has links, and one of a chunk more
//! - [`versions`]: two versions of a file, and the blocks that both have
//! - [`hamt`]: the way to one name in a folder of thousands

mod hamt;
mod links;
mod versions;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let folder = std::env::args().nth(1);
    let folder = folder.context("usage: 06-pictures FOLDER")?;
    let folder = Path::new(&folder);
    fs::write(folder.join("links.svg"), links::draw()?)?;
    fs::write(folder.join("versions.svg"), versions::draw()?)?;
    fs::write(folder.join("hamt-path.svg"), hamt::draw()?)?;
    Ok(())
}
