//! Folders by chance: files of all sizes, folders in folders, links, names in many scripts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use testkit::Rng;

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    File(Vec<u8>),
    Link(PathBuf),
    Folder,
}

const NAMES: &[&str] = &[
    "read me",
    ".hidden",
    "Ünïcøde",
    "日本語",
    "a",
    "A",
    "z.tar.gz",
    "emoji 🦀",
    "-n",
    "x'y\"z",
    "tab\there",
];

/// Makes a folder `root` of up to `most` entries, one of which may be a folder that is sharded.
pub fn make(root: &Path, rng: &mut Rng, most: u64) {
    fs::create_dir(root).unwrap();
    fill(root, rng, most, 4);
    if rng.once_in(3) {
        many(&root.join("many"), rng);
    }
}

fn fill(dir: &Path, rng: &mut Rng, most: u64, depth: u64) {
    for at in 0..rng.below(most) {
        let name = NAMES[rng.below(NAMES.len() as u64) as usize];
        let path = dir.join(format!(
            "{name}{}",
            if rng.once_in(2) {
                String::new()
            } else {
                at.to_string()
            }
        ));
        if path.symlink_metadata().is_ok() {
            continue;
        }
        match rng.below(8) {
            0 | 1 if depth > 0 => {
                fs::create_dir(&path).unwrap();
                fill(&path, rng, most, depth - 1);
            }
            2 => std::os::unix::fs::symlink(format!("../{name}"), &path).unwrap(),
            _ => fs::write(&path, content(rng)).unwrap(),
        }
    }
}

/// Around every size that changes the shape of a DAG, and some with chunks that repeat.
fn content(rng: &mut Rng) -> Vec<u8> {
    let len = match rng.below(6) {
        0 => 0,
        1 => rng.below(64),
        2 => 256 * 1024 + rng.below(3) - 1,
        3 => 1024 * 1024 + rng.below(3) - 1,
        4 => rng.below(3_000_000),
        _ => rng.below(20_000),
    };
    match rng.once_in(5) {
        true => vec![7; len as usize],
        false => rng.bytes(len as usize),
    }
}

/// Enough long names for a HAMT.
fn many(dir: &Path, rng: &mut Rng) {
    fs::create_dir(dir).unwrap();
    for at in 0..3000 + rng.below(500) {
        fs::write(dir.join(format!("{at:0>60}")), at.to_be_bytes()).unwrap();
    }
}

/// All that lies below `root`.
pub fn read(root: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.symlink_metadata().unwrap().file_type();
            let entry = if kind.is_dir() {
                open.push(path.clone());
                Entry::Folder
            } else if kind.is_symlink() {
                Entry::Link(fs::read_link(&path).unwrap())
            } else {
                Entry::File(fs::read(&path).unwrap())
            };
            found.insert(path.strip_prefix(root).unwrap().to_owned(), entry);
        }
    }
    found
}
