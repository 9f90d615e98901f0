//! `store.json`: which engine keeps this folder, and in which format.
//!
//! ```text
//! {"cairn":"store","version":1,"kind":"redb","ready":true}
//!   |               |           |             `- the engine's files have been made
//!   |               |           `- the engine; opening as another is refused
//!   |               `- of this file and the folder's layout; a newer one is refused
//!   `- that the folder is ours
//! ```
//!
//! The manifest is written before the engine makes its files, with `ready` false, and once more
//! after. So a crash between the two leaves a folder that simply opens, and a store whose data
//! folder has vanished is told from one that never had any.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, Kind};

/// The newest layout known here.
pub const VERSION: u64 = 1;

/// The name of the manifest in the store's folder.
pub const NAME: &str = "store.json";

const TEMPORARY: &str = "store.json.new";

/// More than any manifest has; a longer file is not read whole.
const MAX_LEN: u64 = 64 << 10;

/// What the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub kind: Kind,
    pub ready: bool,
}

#[derive(Serialize, Deserialize)]
struct Json {
    cairn: String,
    version: u64,
    kind: String,
    #[serde(default)]
    ready: bool,
}

impl Manifest {
    /// Reads the manifest of the store in `dir`, or `None` where there is none.
    pub fn read(dir: &Path, asked: Kind) -> Result<Option<Manifest>, Error> {
        let path = dir.join(NAME);
        let mut text = Vec::new();
        let damaged = |what: String| Error::Manifest {
            path: path.clone(),
            what,
        };
        if fs::metadata(&path).is_ok_and(|meta| !meta.is_file()) {
            return Err(damaged("it is no file".into()));
        }
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(datastore::Error::io("open", &path, e).into()),
        };
        let read = file.take(MAX_LEN + 1).read_to_end(&mut text);
        read.map_err(|e| datastore::Error::io("read", &path, e))?;
        if text.len() as u64 > MAX_LEN {
            return Err(damaged("it is longer than any manifest".into()));
        }
        // The version is looked at first, alone: a newer manifest may differ in all else.
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|e| damaged(e.to_string()))?;
        if value.get("cairn").and_then(|v| v.as_str()) != Some("store") {
            return Err(damaged("it does not say \"cairn\":\"store\"".into()));
        }
        match value.get("version").and_then(|v| v.as_u64()) {
            Some(VERSION) => {}
            Some(found) if found > VERSION => {
                return Err(Error::NewerVersion {
                    path: dir.into(),
                    found,
                    known: VERSION,
                });
            }
            _ => return Err(damaged("it has no valid version".into())),
        }
        let json: Json = serde_json::from_value(value).map_err(|e| damaged(e.to_string()))?;
        if json.kind != asked.name() {
            // A name that this build does not know is still worth telling.
            return Err(Error::WrongKind {
                path: dir.into(),
                found: json.kind,
                asked,
            });
        }
        Ok(Some(Manifest {
            kind: asked,
            ready: json.ready,
        }))
    }

    /// Writes the manifest so that a crash leaves the old one or the new one: a temporary file,
    /// flushed, renamed, and the folder flushed.
    pub fn write(&self, dir: &Path) -> Result<(), Error> {
        let json = Json {
            cairn: "store".into(),
            version: VERSION,
            kind: self.kind.name().into(),
            ready: self.ready,
        };
        let temporary = dir.join(TEMPORARY);
        let write = || -> io::Result<()> {
            let mut file = File::create(&temporary)?;
            serde_json::to_writer(&mut file, &json)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&temporary, dir.join(NAME))?;
            sync_dir(dir)
        };
        write().map_err(|e| datastore::Error::io("write", dir.join(NAME), e).into())
    }
}

/// Whether `dir` holds nothing but what an interrupted first open leaves.
///
/// An entry that is not ours is given back, so that the error can name it.
pub(crate) fn foreign_entry(dir: &Path) -> Result<Option<PathBuf>, Error> {
    let failed = |e| datastore::Error::io("list", dir, e);
    for entry in fs::read_dir(dir).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let ours = [crate::lock::NAME, crate::lock::OLD_NAME, NAME, TEMPORARY];
        if !ours.iter().any(|ours| name.to_str() == Some(ours)) {
            return Ok(Some(dir.join(name)));
        }
    }
    Ok(None)
}

/// Makes the entries of a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() {
        Path::new(".")
    } else {
        dir
    };
    File::open(dir)?.sync_all()
}

/// Makes everything on the file system of `dir` durable, whoever wrote it.
#[cfg(target_os = "linux")]
pub(crate) fn sync_fs(dir: &Path) -> io::Result<()> {
    let dir = File::open(dir)?;
    rustix::io::retry_on_intr(|| rustix::fs::syncfs(&dir)).map_err(io::Error::from)
}

/// Elsewhere there is no such call; files are flushed one by one.
#[cfg(not(target_os = "linux"))]
pub(crate) fn sync_fs(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        match fs::symlink_metadata(&path)?.file_type() {
            kind if kind.is_dir() => sync_fs(&path)?,
            kind if kind.is_file() => File::open(&path)?.sync_all()?,
            _ => {}
        }
    }
    sync_dir(dir)
}

/// Makes `dir` and its parents, each entry durable before the call returns.
pub(crate) fn create_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_dir(parent)?;
    }
    match fs::create_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        Err(e) => Err(e),
        Ok(()) => sync_dir(parent.unwrap_or(Path::new("."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Option<Manifest>, Error> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(NAME), text).unwrap();
        Manifest::read(dir.path(), Kind::Redb)
    }

    #[test]
    fn what_was_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        for ready in [false, true] {
            let manifest = Manifest {
                kind: Kind::Redb,
                ready,
            };
            manifest.write(dir.path()).unwrap();
            assert_eq!(
                Manifest::read(dir.path(), Kind::Redb).unwrap(),
                Some(manifest)
            );
        }
        assert!(foreign_entry(dir.path()).unwrap().is_none());
    }

    #[test]
    fn garbage_is_a_typed_error_that_names_the_file() {
        let whole = br#"{"cairn":"store","version":1,"kind":"redb","ready":true}"#;
        assert!(read(whole).unwrap().is_some());
        // Cut at every byte but the last: never a panic, never a store.
        for cut in 0..whole.len() {
            let error = read(&whole[..cut]).unwrap_err();
            assert!(
                matches!(error, Error::Manifest { .. }),
                "cut at {cut}: {error}"
            );
            assert!(error.to_string().contains(NAME), "{error}");
        }
        for text in [
            &b"\xff\xfe\0"[..],
            b"[]",
            b"{}",
            br#"{"cairn":"store","version":"1","kind":"redb"}"#,
            br#"{"cairn":"store","version":0,"kind":"redb"}"#,
            br#"{"cairn":"other","version":1,"kind":"redb"}"#,
            &[b'['; 100_000],
        ] {
            assert!(matches!(read(text).unwrap_err(), Error::Manifest { .. }));
        }
    }

    #[test]
    fn a_newer_version_is_told_from_damage_whatever_else_it_says() {
        let error = read(br#"{"cairn":"store","version":7,"engines":["a","b"]}"#).unwrap_err();
        assert!(
            matches!(
                error,
                Error::NewerVersion {
                    found: 7,
                    known: 1,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn another_kind_is_refused_by_name() {
        let error = read(br#"{"cairn":"store","version":1,"kind":"file"}"#).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("is a file store, not a redb one"),
            "{error}"
        );
    }
}
