//! What in the folder of an engine's data is not the engine's.

use std::path::{Path, PathBuf};

use datastore::disk::Kind as What;
use datastore::{Disk, Error, Result};

use super::{file, pack};
use crate::Kind;

/// The files that an engine makes in its folder: `#` stands for digits, `*` for letters and digits.
fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Memory | Kind::File | Kind::Pack => &[],
        Kind::Redb => &["blocks.redb", "blocks.redb.new"],
        Kind::Fjall => &[
            "lock",
            "version",
            "#.jnl",
            "damaged/#-*.jnl",
            "damaged/#-*.new",
            "keyspaces/#/current",
            "keyspaces/#/v#",
            // What a crash leaves of a file that was to replace another.
            "keyspaces/#/.tmp*",
            "keyspaces/#/tables/#",
            "keyspaces/#/blobs/#",
        ],
        Kind::Rocksdb => &[
            "CURRENT",
            "IDENTITY",
            "LOCK",
            "LOG",
            "LOG.old.#",
            "MANIFEST-#",
            "OPTIONS-#",
            "OPTIONS-#.dbtmp",
            "#.dbtmp",
            "#.log",
            "#.sst",
            "#.blob",
            "damaged/#-*.log",
            "damaged/#-*.new",
        ],
    }
}

/// The first file or folder in the folder `root` of an engine's data that the engine did not make.
///
/// # Errors
/// Those of listing; those of [`file::foreign`].
pub(crate) fn foreign(disk: &dyn Disk, kind: Kind, root: &Path) -> Result<Option<PathBuf>> {
    match kind {
        Kind::File => file::foreign(disk, root),
        Kind::Pack => pack::foreign(disk, root),
        kind => unlike(disk, root, names(kind)),
    }
}

/// The first in `dir`, or below it, that is like none of `names`.
fn unlike(disk: &dyn Disk, dir: &Path, names: &[&str]) -> Result<Option<PathBuf>> {
    let listed = disk.list(dir);
    for (name, what) in listed.map_err(|error| Error::io("list", dir, error))? {
        let path = dir.join(&name);
        let found = match what {
            What::File if names.iter().any(|like| is_like(&name, like)) => None,
            What::Folder => {
                let parts = names.iter().filter_map(|like| like.split_once('/'));
                let below: Vec<&str> = parts
                    .filter(|(first, _)| is_like(&name, first))
                    .map(|(_, rest)| rest)
                    .collect();
                match below.is_empty() {
                    true => Some(path),
                    false => unlike(disk, &path, &below)?,
                }
            }
            _ => Some(path),
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn is_like(name: &str, like: &str) -> bool {
    let Some(at) = like.find(['#', '*']) else {
        return name == like;
    };
    let (fixed, rest) = like.split_at(at);
    let Some(name) = name.strip_prefix(fixed) else {
        return false;
    };
    let digits = rest.starts_with('#');
    let after = name.trim_start_matches(|c: char| match digits {
        true => c.is_ascii_digit(),
        false => c.is_ascii_alphanumeric(),
    });
    after.len() < name.len() && is_like(after, rest.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_like_what_stands_for_it_and_like_nothing_else() {
        for (name, like) in [
            ("LOCK", "LOCK"),
            ("0.jnl", "#.jnl"),
            ("000012.sst", "#.sst"),
            ("OPTIONS-7.dbtmp", "OPTIONS-#.dbtmp"),
            ("3-00ff.jnl", "#-*.jnl"),
            (".tmpAb3", ".tmp*"),
        ] {
            assert!(is_like(name, like), "{name} {like}");
        }
        for (name, like) in [
            ("LOCK2", "LOCK"),
            (".jnl", "#.jnl"),
            ("0.jnl~", "#.jnl"),
            ("a.sst", "#.sst"),
            ("MANIFEST-", "MANIFEST-#"),
            ("MANIFEST-1 of mine", "MANIFEST-#"),
            ("v1.txt", "v#"),
        ] {
            assert!(!is_like(name, like), "{name} {like}");
        }
    }
}
