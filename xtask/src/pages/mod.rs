//! `cargo x pages`: what the pages say of each other and of the sources is so.
//!
//! - Each link leads to a file that git tracks, and to a heading that is there; each picture has words.
//! - Rust in a lesson is a doctest, or stands in the source that it names.
//! - A lesson has its sections in order, and is one sitting long.
//! - Each page is a chapter of the book.

mod book;
mod code;
mod lesson;
mod links;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::workspace;
use links::Targets;
use page::Page;

/// Checks all pages.
pub fn run() -> Result<String> {
    let root = workspace::root()?;
    let files = tracked(&root)?;
    let pages = pages(&root, &files)?;
    let sources = sources(&root, &files)?;
    let targets = targets(&files, &pages, &sources);
    let tested = code::included(&sources);
    let mut faults = Vec::new();
    let mut links = 0;
    for page in &pages {
        links += page.links.len();
        faults.extend(links::faults(page, &targets));
        faults.extend(lesson::faults(page));
        if is_lesson_text(&page.file) {
            faults.extend(code::faults(page, &sources, &tested));
        }
    }
    faults.extend(book::faults(&targets, &book::texts(&root, &files)?));
    workspace::refuse("pages", &faults)?;
    Ok(format!(
        "pages: {} of them, with {links} links, all that they show is there",
        pages.len()
    ))
}

/// Makes the book.
pub fn book() -> Result<String> {
    let root = workspace::root()?;
    let files = tracked(&root)?;
    let pages = pages(&root, &files)?;
    let texts = book::texts(&root, &files)?;
    let sources = BTreeMap::new();
    let place = book::build(&root, &targets(&files, &pages, &sources), &texts)?;
    Ok(format!("book: {}", place.display()))
}

/// Whether the Rust in a page is there. That of a project is for the learner to write.
fn is_lesson_text(file: &str) -> bool {
    !file.starts_with("exercises/projects/")
}

/// What git tracks and is there.
fn tracked(root: &Path) -> Result<BTreeSet<String>> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z"]);
    let files = workspace::output(&mut git)?;
    Ok(files
        .split_terminator('\0')
        .filter(|file| root.join(file).is_file())
        .map(str::to_owned)
        .collect())
}

/// All pages but the book's own files, which have no text.
fn pages(root: &Path, files: &BTreeSet<String>) -> Result<Vec<Page>> {
    files
        .iter()
        .filter(|file| file.ends_with(".md") && !file.starts_with("book/"))
        .map(|file| Ok(Page::parse(file, &workspace::read(root, file)?)))
        .collect()
}

fn targets<'a>(
    files: &'a BTreeSet<String>,
    pages: &'a [Page],
    sources: &'a BTreeMap<String, String>,
) -> Targets<'a> {
    Targets {
        files,
        sources,
        pages: pages.iter().map(|page| (&page.file[..], page)).collect(),
    }
}

fn sources(root: &Path, files: &BTreeSet<String>) -> Result<BTreeMap<String, String>> {
    let rust = files.iter().filter(|file| file.ends_with(".rs"));
    rust.map(|file| Ok((file.clone(), workspace::read(root, file)?)))
        .collect()
}
