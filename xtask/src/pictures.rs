//! `cargo x pictures`: the pictures beside the lessons are those that their code draws.
//!
//! A module with pictures has an example `NN-pictures`, which draws all of them into a folder that it
//! is given. What a picture says in words is its text on the pages of the module, too. What differs from run to run, such as times and names of temporary files, is in none of
//! them, so that what is drawn today is what was drawn when it was committed, or else something that
//! it shows has changed.

mod words;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use demo::Lines;

use crate::{metadata, workspace};
use words::{pages, with_words};

/// What a line begins with that says that something could not be tried here.
const SKIPPED: &str = "SKIPPED ";

/// Pictures by their names.
type Pictures = BTreeMap<String, Vec<u8>>;

/// What one module draws.
struct Drawn {
    /// `modules/NN-name`.
    module: String,
    /// `modules/NN-name/pictures`.
    folder: String,
    pictures: Pictures,
    /// Names of those that cannot be drawn on this machine.
    skipped: Vec<String>,
}

/// A path from the root on.
fn short(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Draws all pictures, and writes those that are not as they were; a line each.
pub fn write(out: &mut dyn Write) -> Result<()> {
    let root = workspace::root()?;
    for drawn in draw(&root)? {
        let folder = root.join(&drawn.folder);
        let there = read(&folder)?;
        fs::create_dir_all(&folder)?;
        for (name, why) in differences(&drawn, &there) {
            let path = folder.join(&name);
            match drawn.pictures.get(&name) {
                Some(picture) => fs::write(&path, picture)?,
                None => fs::remove_file(&path)?,
            }
            writeln!(
                out,
                "{}/{name}: {why}, and is now as it is drawn",
                drawn.folder
            )?;
        }
        for (path, page) in pages(&root.join(&drawn.module)) {
            let after = with_words(&page, &drawn.pictures);
            if after != page {
                fs::write(&path, after)?;
                writeln!(
                    out,
                    "{}: says now what its pictures say",
                    short(&root, &path)
                )?;
            }
        }
    }
    writeln!(out, "{}", check()?)?;
    Ok(())
}

/// Draws all pictures, and compares them with those that are there.
///
/// # Errors
/// Each one that differs, is missing, or is drawn by nobody.
pub fn check() -> Result<String> {
    let root = workspace::root()?;
    let (mut faults, mut same, mut skipped) = (Vec::new(), 0, 0);
    for drawn in draw(&root)? {
        let there = read(&root.join(&drawn.folder))?;
        for (name, why) in differences(&drawn, &there) {
            faults.push(format!("{}/{name}: {why}", drawn.folder));
        }
        for (path, page) in pages(&root.join(&drawn.module)) {
            if with_words(&page, &drawn.pictures) != page {
                let path = short(&root, &path);
                faults.push(format!("{path}: says of a picture what it does not say"));
            }
        }
        same += drawn.pictures.len();
        skipped += drawn.skipped.len();
    }
    ensure!(
        faults.is_empty(),
        Lines::new(format!(
            "pictures are not as they are drawn; `cargo x pictures` writes them:\n  {}",
            faults.join("\n  ")
        ))
    );
    let skipped = match skipped {
        0 => String::new(),
        n => format!(", {n} SKIPPED"),
    };
    Ok(format!("pictures: {same} are as they are drawn{skipped}"))
}

/// Has every module draw its pictures.
fn draw(root: &Path) -> Result<Vec<Drawn>> {
    let mut all = Vec::new();
    for member in metadata::members(root)? {
        let Some(example) = &member.pictures else {
            continue;
        };
        let place = tempfile::Builder::new()
            .prefix("cairn-pictures-")
            .tempdir()?;
        let mut cargo = workspace::cargo(root);
        // Of no package by name, so that what `cargo test` has built is not built with other features.
        cargo.args(["run", "--quiet", "--locked", "--example", example, "--"]);
        cargo.arg(place.path());
        let (_, said) = workspace::outputs(&mut cargo)?;
        // What could not be drawn is told to whoever runs this, too.
        for line in said.lines().filter(|line| line.starts_with(SKIPPED)) {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
        all.push(Drawn {
            folder: format!("{}/pictures", member.folder),
            module: member.folder,
            pictures: read(place.path())?,
            skipped: skipped(&said),
        });
    }
    ensure!(!all.is_empty(), "no module has an example NN-pictures");
    Ok(all)
}

/// The pictures that a program said it cannot draw: `SKIPPED name.svg: why`.
fn skipped(said: &str) -> Vec<String> {
    let name = |line: &str| Some(line.strip_prefix(SKIPPED)?.split_once(": ")?.0.to_owned());
    said.lines().filter_map(name).collect()
}

/// The pictures in a folder; none, if it is not there.
fn read(folder: &Path) -> Result<Pictures> {
    let mut pictures = Pictures::new();
    if !folder.is_dir() {
        return Ok(pictures);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = fs::read(entry.path()).with_context(|| format!("cannot read {name}"))?;
        pictures.insert(name, bytes);
    }
    Ok(pictures)
}

/// The names of those that differ, and how.
fn differences(drawn: &Drawn, there: &Pictures) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for (name, picture) in &drawn.pictures {
        match there.get(name) {
            None => faults.push((name.clone(), "was not there".to_owned())),
            Some(old) if old != picture => faults.push((name.clone(), first(old, picture))),
            Some(_) => {}
        }
    }
    let known = |name: &String| drawn.pictures.contains_key(name) || drawn.skipped.contains(name);
    for name in there.keys().filter(|name| !known(name)) {
        faults.push((name.clone(), "is drawn by nobody".to_owned()));
    }
    faults
}

/// Where two files differ first.
fn first(old: &[u8], new: &[u8]) -> String {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let (mut old, mut new) = (old.lines(), new.lines());
    let mut number = 1;
    loop {
        match (old.next(), new.next()) {
            (None, None) => return "differed in the ends of its lines".to_owned(),
            (one, other) if one != other => {
                let told = |line: Option<&str>| line.map_or("nothing".to_owned(), demo::plain);
                return format!(
                    "had in line {number} {}, and not {}",
                    told(one),
                    told(other)
                );
            }
            _ => number += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    pub(super) fn pictures(of: &[(&str, &str)]) -> Pictures {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
        of.iter().map(own).collect()
    }

    fn faults(there: &[(&str, &str)]) -> Vec<String> {
        let drawn = Drawn {
            folder: "modules/00-x/pictures".into(),
            module: "modules/00-x".into(),
            pictures: pictures(&[("a.svg", "<svg>\n1\n</svg>\n"), ("b.svg", "<svg/>\n")]),
            skipped: skipped("note: x\nSKIPPED c.svg: no strace (not found); install it\n"),
        };
        let told = |(name, why)| format!("{name}: {why}");
        differences(&drawn, &pictures(there))
            .into_iter()
            .map(told)
            .collect()
    }

    #[test]
    fn each_kind_of_difference_is_told() {
        let a = ("a.svg", "<svg>\n1\n</svg>\n");
        let b = ("b.svg", "<svg/>\n");
        assert_eq!(faults(&[a, b]), [""; 0]);
        assert_eq!(faults(&[a, b, ("c.svg", "as it was")]), [""; 0]);
        assert_eq!(
            faults(&[("a.svg", "<svg>\n2\n</svg>\n"), b]),
            ["a.svg: had in line 2 2, and not 1"]
        );
        assert_eq!(
            faults(&[("a.svg", "<svg>\n1\n</svg>"), b]),
            ["a.svg: differed in the ends of its lines"]
        );
        assert_eq!(faults(&[a]), ["b.svg: was not there"]);
        assert_eq!(
            faults(&[a, b, ("d.svg", "")]),
            ["d.svg: is drawn by nobody"]
        );
    }
}
