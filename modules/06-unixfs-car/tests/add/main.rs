//! `add` from outside: what it prints, what it stores, and what Kubo says to the same.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod inputs;
mod kubo;
mod lines;
mod stores;
mod trees;

use std::fs;
use std::os::unix::fs::symlink;

use testkit::Place;

pub fn place() -> Place {
    Place::new(env!("CARGO_BIN_EXE_06-unixfs-car"))
}

/// A folder `d` with files, a link, what is hidden, and folders in folders.
pub fn sample() -> Place {
    let place = place();
    for folder in ["d/sub/deep", "d/empty"] {
        fs::create_dir_all(place.path().join(folder)).unwrap();
    }
    for (name, text) in [
        ("d/a", "a\n"),
        ("d/sub/b", "b\n"),
        ("d/sub/deep/c", "c\n"),
        ("d/.h", "h\n"),
    ] {
        place.file(name, text.as_bytes());
    }
    for n in 1..=6 {
        let folder = format!("d/many/dir{n}");
        fs::create_dir_all(place.path().join(&folder)).unwrap();
        place.file(folder + "/f", format!("{n}\n").as_bytes());
    }
    symlink("../a", place.path().join("d/sub/l")).unwrap();
    place
}
