//! Where `cargo x interop` keeps the peers that it made ready.
//!
//! They lie in `CAIRN_CACHE` (default: `.cache/cairn` in the home folder), each under a name made of the files
//! that it was built from, so that none is taken for another.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use crate::fixtures;

/// A peer: the files that decide what it is, and the folder that it is kept in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The files, sorted.
    pub files: Vec<PathBuf>,
    /// The folder, which need not be there.
    pub dir: PathBuf,
}

/// Kubo, whose version is pinned in the checkout at `root`; its program is `ipfs` in that folder.
///
/// # Errors
/// Those of reading the files; [`io::ErrorKind::NotFound`] if there is no home folder.
pub fn kubo(root: &Path) -> io::Result<Place> {
    let pinned = root.join("shared/testkit/peers/kubo");
    place(
        "kubo",
        ["go.mod", "go.sum"].map(|name| pinned.join(name)).into(),
    )
}

/// Helia, whose scripts lie beside the foreign tables; `None` where they are not.
///
/// # Errors
/// As [`kubo`].
pub fn helia() -> io::Result<Option<Place>> {
    let tables = fixtures::root();
    let source = tables.and_then(|tables| Some(tables.parent()?.join("peers/helia")));
    let Some(source) = source.filter(|source| source.is_dir()) else {
        return Ok(None);
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(source)? {
        let path = entry?.path();
        let end = path.extension().and_then(|end| end.to_str());
        if matches!(end, Some("mjs" | "json")) {
            files.push(path);
        }
    }
    files.sort();
    place("helia", files).map(Some)
}

fn place(name: &str, files: Vec<PathBuf>) -> io::Result<Place> {
    let mut hasher = DefaultHasher::new();
    for file in &files {
        let read = fs::read(file);
        let named = |error| io::Error::other(format!("cannot read {}: {error}", file.display()));
        read.map_err(named)?.hash(&mut hasher);
    }
    let dir = cache()?
        .join(name)
        .join(format!("{:016x}", hasher.finish()));
    Ok(Place { files, dir })
}

/// Where what takes long to make is kept, outside the checkout: `CAIRN_CACHE`, or `.cache/cairn` in the
/// home folder.
///
/// # Errors
/// [`io::ErrorKind::NotFound`] if there is no home folder.
pub fn cache() -> io::Result<PathBuf> {
    if let Some(cache) = env::var_os("CAIRN_CACHE") {
        return Ok(cache.into());
    }
    let none = "no home folder; CAIRN_CACHE names another place";
    let home = env::home_dir().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, none))?;
    Ok(home.join(".cache/cairn"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn another_version_lies_in_another_folder() {
        let root = tempfile::tempdir().unwrap();
        let pinned = root.path().join("shared/testkit/peers/kubo");
        kubo(root.path()).unwrap_err();
        fs::create_dir_all(&pinned).unwrap();
        let of = |version: &str| {
            fs::write(pinned.join("go.mod"), version).unwrap();
            fs::write(pinned.join("go.sum"), "").unwrap();
            kubo(root.path()).unwrap()
        };
        assert_eq!(of("1"), of("1"));
        assert_eq!(of("1").files, of("2").files);
        assert_ne!(of("1").dir, of("2").dir);
    }
}
