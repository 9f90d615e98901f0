//! `store.json`: which engine keeps this folder, and in which format.
//!
//! ```text
//! {"cairn":"store","version":2,"kind":"redb","ready":true,"acks":{"sealed":…}}
//!   |               |           |             |            `- the record of acknowledgements
//!   |               |           |             `- the engine's files have been made
//!   |               |           `- the engine; opening as another is refused
//!   |               `- of this file and the folder's layout; a newer one is refused
//!   `- that the folder is ours
//! ```
//!
//! The manifest is written before the engine makes its files, with `ready` false, and once more
//! after. So a crash between the two leaves a folder that simply opens, and a store whose data
//! folder has vanished is told from one that never had any.
//!
//! | version | |
//! | --- | --- |
//! | 1 | the engine's data, and no record of what was acknowledged |
//! | 2 | there is a record, [`acks`](crate::acks), and who writes has to keep it |
//!
//! Each clean close seals the record here: its bytes, its records and its sum. An open takes no
//! other for it, and what was found to be wrong with it stays here until `verify` is told to accept
//! it. A manifest of version 2 without a seal is one that no close has written since there are seals.
//!
//! A program that does not know the record would delete blocks without a word in it, which the
//! next `verify` would miss. So it has to refuse such a store, and does: the version is newer than
//! what it knows.

use std::io;
use std::path::{Path, PathBuf};

use datastore::Disk;
use datastore::disk::Mode;
use serde::{Deserialize, Serialize};

use crate::acks::Point;
use crate::{Error, Kind};

/// The newest layout known here.
pub const VERSION: u64 = 2;

/// The layout without a record of what was acknowledged.
const WITHOUT_ACKS: u64 = 1;

/// The name of the manifest in the store's folder.
pub const NAME: &str = "store.json";

/// The name that [`Disk::write_whole`] writes it under.
pub(crate) const TEMPORARY: &str = "store.json.new";

/// More than any manifest has; a longer file is not read whole.
const MAX_LEN: u64 = 64 << 10;

/// What the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub kind: Kind,
    pub ready: bool,
    /// The record of what was acknowledged, where there is one.
    pub acks: Option<Record>,
}

/// What is known of the record of what was acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Where the last clean close ended; unknown while it is written anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Point>,
    /// What was wrong with it, until that is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Json {
    cairn: String,
    version: u64,
    kind: String,
    #[serde(default)]
    ready: bool,
    #[serde(default, skip_serializing_if = "is_empty")]
    acks: Option<Record>,
}

fn is_empty(acks: &Option<Record>) -> bool {
    acks.as_ref().is_none_or(|acks| *acks == Record::default())
}

impl Manifest {
    /// Reads the manifest of the store in `dir`, or `None` where there is none.
    pub fn read(disk: &dyn Disk, dir: &Path, asked: Kind) -> Result<Option<Manifest>, Error> {
        let path = dir.join(NAME);
        let damaged = |what: String| Error::Manifest {
            path: path.clone(),
            what,
        };
        let file = match disk.open(&path, Mode::Read) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(datastore::Error::io("open", &path, e).into()),
        };
        let failed = |e| datastore::Error::io("read", &path, e);
        let meta = file.look().map_err(failed)?;
        if !meta.is_file() {
            return Err(damaged("it is no file".into()));
        }
        if meta.len > MAX_LEN {
            return Err(damaged("it is longer than any manifest".into()));
        }
        let text = file.read_vec(0, meta.len).map_err(failed)?;
        // The version is looked at first, alone: a newer manifest may differ in all else.
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|e| damaged(e.to_string()))?;
        if value.get("cairn").and_then(|v| v.as_str()) != Some("store") {
            return Err(damaged("it does not say \"cairn\":\"store\"".into()));
        }
        match value.get("version").and_then(|v| v.as_u64()) {
            Some(WITHOUT_ACKS | VERSION) => {}
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
            acks: (json.version == VERSION).then(|| json.acks.unwrap_or_default()),
        }))
    }

    /// Writes the manifest so that a crash leaves the old one or the new one.
    pub fn write(&self, disk: &dyn Disk, dir: &Path) -> datastore::Result<()> {
        let json = Json {
            cairn: "store".into(),
            version: match self.acks {
                Some(_) => VERSION,
                None => WITHOUT_ACKS,
            },
            kind: self.kind.name().into(),
            ready: self.ready,
            acks: self.acks.clone(),
        };
        let path = dir.join(NAME);
        let write = || {
            let mut text = serde_json::to_vec(&json)?;
            text.push(b'\n');
            disk.write_whole(&path, &text)
        };
        write().map_err(|e| datastore::Error::io("write", &path, e))
    }
}

/// Whether `dir` holds nothing but what an interrupted first open leaves.
///
/// An entry that is not ours is given back, so that the error can name it.
pub(crate) fn foreign_entry(disk: &dyn Disk, dir: &Path) -> Result<Option<PathBuf>, Error> {
    let names = disk
        .list(dir)
        .map_err(|e| datastore::Error::io("list", dir, e))?;
    let ours = [
        crate::lock::NAME,
        crate::lock::OLD_NAME,
        crate::ops::swap::JOURNAL,
        NAME,
        TEMPORARY,
    ];
    let foreign = names
        .into_iter()
        .find(|(name, _)| !ours.contains(&name.as_str()));
    Ok(foreign.map(|(name, _)| dir.join(name)))
}

/// Whether `dir` holds files that only a store of ours has, be its manifest there or not.
pub(crate) fn was_ours(disk: &dyn Disk, dir: &Path) -> Result<bool, Error> {
    let there = |name: &str| {
        let path = dir.join(name);
        let found = disk.look(&path);
        found.map_err(|e| datastore::Error::io("look at", path, e))
    };
    for name in [crate::acks::NAME, crate::engines::meta::NAME] {
        if there(name)?.is_some_and(|meta| meta.is_file()) {
            return Ok(true);
        }
    }
    if !there(crate::lock::NAME)?.is_some_and(|meta| meta.is_file()) {
        return Ok(false);
    }
    let engines = [Kind::Fjall, Kind::Rocksdb, Kind::Redb].map(Kind::name);
    for name in engines.into_iter().chain([crate::ballast::NAME]) {
        if there(name)?.is_some_and(|meta| meta.is_folder()) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datastore::Os;
    use std::fs;

    fn read(text: &[u8]) -> Result<Option<Manifest>, Error> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(NAME), text).unwrap();
        Manifest::read(&Os, dir.path(), Kind::Redb)
    }

    #[test]
    fn what_was_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Record {
            sealed: Some(Point {
                at: 4711,
                sum: u64::MAX,
                records: 3,
            }),
            doubt: Some("was gone".into()),
        };
        let records = [None, Some(Record::default()), Some(sealed)];
        for (ready, acks) in [(false, None)]
            .into_iter()
            .chain(records.map(|acks| (true, acks)))
        {
            let manifest = Manifest {
                kind: Kind::Redb,
                ready,
                acks,
            };
            manifest.write(&Os, dir.path()).unwrap();
            assert_eq!(
                Manifest::read(&Os, dir.path(), Kind::Redb).unwrap(),
                Some(manifest)
            );
        }
        assert!(foreign_entry(&Os, dir.path()).unwrap().is_none());
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
                    known: 2,
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
