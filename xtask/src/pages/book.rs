//! `cargo x book`: the pages as a book, by mdBook.
//!
//! `book/src/` has the folders of the project, and in them a file of one line for each page:
//! `{{#include …}}`. So a link from one page to another holds in the book as it does in the checkout.
//! What pages lead to that is no page (pictures, sources) is copied beside them when the book is made,
//! in the target folder; nothing is written in the checkout.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use demo::Lines;

use super::links::{Targets, is_elsewhere, join};
use super::page::Page;
use crate::workspace;

/// Where the book's own files lie.
const SRC: &str = "book/src/";

/// The list of chapters.
pub const SUMMARY: &str = "book/src/SUMMARY.md";

/// How to have the program.
const INSTALL: &str = "cargo install mdbook --locked --version 0.5.4";

/// The chapter of a page: its name in `book/src/`, and what stands in it.
fn chapter(file: &str) -> (String, String) {
    let up = "../".repeat(2 + file.matches('/').count());
    (
        format!("{SRC}{file}"),
        format!("{{{{#include {up}{file}}}}}\n"),
    )
}

/// The pages that are chapters, in order.
fn chapters(summary: &Page) -> Vec<String> {
    summary.links.iter().map(|link| link.to.clone()).collect()
}

/// What is wrong with the book, a line each. `texts` are those of `book/src/`.
pub fn faults(targets: &Targets<'_>, texts: &BTreeMap<String, String>) -> Vec<String> {
    let Some(summary) = texts.get(SUMMARY) else {
        return vec![format!("there is no {SUMMARY}")];
    };
    let listed = chapters(&Page::parse(SUMMARY, summary));
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for file in &listed {
        let (name, text) = chapter(file);
        if !seen.insert(file) {
            faults.push(format!("{SUMMARY} has {file} twice"));
        }
        if !targets.pages.contains_key(&file[..]) {
            faults.push(format!("{SUMMARY} has {file}, which is no page"));
        }
        if texts.get(&name) != Some(&text) {
            faults.push(format!("{name} is not the line {}", text.trim()));
        }
    }
    for page in targets.pages.keys() {
        if !listed.iter().any(|file| file == page) {
            faults.push(format!(
                "{page} is no chapter: give it a line in {SUMMARY}, and {} the line {}",
                chapter(page).0,
                chapter(page).1.trim()
            ));
        }
    }
    for name in texts.keys().filter(|name| *name != SUMMARY) {
        let file = name.strip_prefix(SRC).unwrap_or(name);
        if !listed.iter().any(|listed| listed == file) {
            faults.push(format!("{name} is not in {SUMMARY}"));
        }
    }
    faults
}

/// What the pages lead to that is none.
fn beside(targets: &Targets<'_>) -> BTreeSet<String> {
    let links = targets
        .pages
        .values()
        .flat_map(|page| page.links.iter().map(|link| (&page.file, link)));
    links
        .filter(|(_, link)| !is_elsewhere(&link.to))
        .filter_map(|(file, link)| join(file, link.to.split('#').next()?))
        .filter(|file| targets.files.contains(file) && !targets.pages.contains_key(&file[..]))
        .collect()
}

/// Makes the book; where it is.
///
/// # Errors
/// If mdBook is not installed, or fails.
pub fn build(
    root: &Path,
    targets: &Targets<'_>,
    texts: &BTreeMap<String, String>,
) -> Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let place = target.join("book");
    if place.exists() {
        fs::remove_dir_all(&place).with_context(|| format!("cannot remove {}", place.display()))?;
    }
    let write = |name: &str, bytes: &[u8]| -> Result<()> {
        let path = place.join(name);
        let folder = path.parent().unwrap_or(&place);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    let read =
        |name: &str| fs::read(root.join(name)).with_context(|| format!("cannot read {name}"));
    for file in ["book.toml", "book.css"] {
        write(file, &read(&format!("book/{file}"))?)?;
    }
    let summary = texts.get(SUMMARY).map_or("", String::as_str);
    write("src/SUMMARY.md", summary.as_bytes())?;
    for page in targets.pages.values() {
        write(&format!("src/{}", page.file), page.text.as_bytes())?;
    }
    for file in beside(targets) {
        write(&format!("src/{file}"), &read(&file)?)?;
    }
    let output = Command::new("mdbook")
        .arg("build")
        .arg(&place)
        .output()
        .with_context(|| format!("mdbook does not start; `{INSTALL}` installs it"))?;
    ensure!(
        output.status.success(),
        Lines::new(format!(
            "mdbook ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ))
    );
    Ok(place.join("book/index.html"))
}

/// What lies in `book/src/`.
pub fn texts(root: &Path, files: &BTreeSet<String>) -> Result<BTreeMap<String, String>> {
    let own = files.iter().filter(|file| file.starts_with(SRC));
    own.map(|file| Ok((file.clone(), workspace::read(root, file)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(change: impl FnOnce(&mut BTreeMap<String, String>)) -> Vec<String> {
        let pages = [
            Page::parse(
                "README.md",
                "# A\n[](m/docs/b.md) [](m/src/c.rs) [](https://x.org)\n",
            ),
            Page::parse("m/docs/b.md", "# B\n![](../p.svg)\n"),
        ];
        let files = ["m/src/c.rs", "m/p.svg"].map(str::to_owned).into();
        let targets = Targets {
            files: &files,
            sources: &BTreeMap::new(),
            pages: pages.iter().map(|page| (&page.file[..], page)).collect(),
        };
        assert_eq!(
            beside(&targets).iter().collect::<Vec<_>>(),
            ["m/p.svg", "m/src/c.rs"]
        );
        let mut texts = [
            (SUMMARY, "# S\n\n- [A](README.md)\n  - [B](m/docs/b.md)\n"),
            ("book/src/README.md", "{{#include ../../README.md}}\n"),
            (
                "book/src/m/docs/b.md",
                "{{#include ../../../../m/docs/b.md}}\n",
            ),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
        change(&mut texts);
        faults(&targets, &texts)
    }

    #[test]
    fn a_book_of_all_pages_has_no_fault() {
        assert_eq!(told(|_| ()), [""; 0]);
    }

    #[test]
    fn what_does_not_fit_is_a_fault() {
        let set = |name: &'static str, text: &'static str| {
            told(|texts| drop(texts.insert(name.to_owned(), text.to_owned())))
        };
        let both = "- [A](README.md)\n- [B](m/docs/b.md)\n";
        for (faults, why) in [
            (
                set(SUMMARY, "- [A](README.md)\n"),
                "m/docs/b.md is no chapter",
            ),
            (
                set(SUMMARY, "- [B](m/docs/b.md)\n"),
                "book/src/README.md is not in",
            ),
            (
                set("book/src/README.md", "# A\n"),
                "README.md is not the line",
            ),
            (set("book/src/x.md", "x"), "book/src/x.md is not in"),
            (
                told(|texts| drop(texts.remove("book/src/README.md"))),
                "is not the line",
            ),
            (
                told(|texts| texts.clear()),
                "there is no book/src/SUMMARY.md",
            ),
            (
                told(|texts| {
                    texts.insert(SUMMARY.to_owned(), format!("{both}- [C](c.md)\n"));
                }),
                "c.md, which is no page",
            ),
            (
                told(|texts| {
                    texts.insert(SUMMARY.to_owned(), format!("{both}- [A](README.md)\n"));
                }),
                "README.md twice",
            ),
        ] {
            assert!(
                faults.iter().any(|fault| fault.contains(why)),
                "{why}: {faults:?}"
            );
        }
    }
}
