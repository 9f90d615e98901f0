//! Where the two stores are, and whether there is room.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use datastore::{Datastore, Disk, Key, Limit};

use super::{Error, Result, Watch, overlap, stop};
use crate::ops::target;
use crate::place::parent;
use crate::{Config, Kind, Persistent};

/// An engine that writes values twice has the first copy of so much at a time, at most.
const TWICE: u64 = 512 << 20;

/// The folders of two stores that are not the same, and not one within the other.
pub(in crate::ops) struct Places {
    /// The source, as it was named.
    pub from: PathBuf,
    /// The source without links, which has a name whatever it was named.
    pub home: PathBuf,
    pub to: PathBuf,
    /// The destination without links.
    pub target: PathBuf,
}

impl Places {
    pub fn of(from: &Config, to: &Config) -> Result<Places> {
        let places = Places {
            from: folder(from)?,
            home: resolved(&folder(from)?)?,
            to: folder(to)?,
            target: resolved(&folder(to)?)?,
        };
        let (one, other) = (&places.home, &places.target);
        if one == other {
            return Err(Error::refused(
                &places.to,
                "a store cannot be moved to where it is: name another folder",
            ));
        }
        let shared = || overlap::found((one, from), (other, to));
        if one.starts_with(other) || other.starts_with(one) || shared()? {
            return Err(Error::refused(
                &places.to,
                format!(
                    "it and {} are one within the other: name a folder beside it",
                    places.from.display()
                ),
            ));
        }
        Ok(places)
    }

    /// The link by which the source was named, its folder without links; none if it was no link.
    pub fn link(&self, disk: &dyn Disk) -> Result<Option<PathBuf>> {
        // Without a `/` at its end, which would follow it.
        let from = self.from.components().as_path();
        let is_link = disk.is_os() && from.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        match from.file_name() {
            Some(name) if is_link => Ok(Some(resolved(parent(from))?.join(name))),
            _ => Ok(None),
        }
    }

    /// The source without links, and the link by which it was named.
    pub fn names(&self, disk: &dyn Disk) -> Result<Vec<PathBuf>> {
        let link = self.link(disk)?;
        Ok([Some(self.home.clone()), link]
            .into_iter()
            .flatten()
            .collect())
    }

    /// Where the source was and where it went is noted as text.
    pub fn refuse_what_is_no_text(&self, disk: &dyn Disk) -> Result<()> {
        let mut paths = self.names(disk)?;
        paths.push(self.target.clone());
        match paths.iter().find(|path| path.to_str().is_none()) {
            None => Ok(()),
            Some(path) => Err(Error::refused(
                path,
                "its name is no text, and a removal is noted as text: leave --remove-source out, \
                 or give it another name",
            )),
        }
    }

    /// A folder beside the destination, for what is only needed meanwhile.
    pub fn beside(&self, ending: &str) -> PathBuf {
        beside(&self.to, ending)
    }

    /// An engine that has to open for writing would make what is not there.
    pub fn refuse_to_make_the_source(&self, from: &Config) -> Result<()> {
        let nothing = match from.disk.list(&self.from) {
            Ok(entries) => entries.is_empty(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if nothing {
            let path = self.from.clone();
            return Err(crate::Error::NoStore { path }.into());
        }
        Ok(())
    }

    /// Whether what the target lacks has room where it lies; nothing is copied before that.
    pub fn room(
        &self,
        source: &Persistent,
        target: &Persistent,
        to: &Config,
        watch: &dyn Watch,
    ) -> Result<()> {
        let (mut all, mut blocks, mut bytes) = (0, 0, 0);
        for key in source.keys(&Key::root())? {
            stop(watch)?;
            // What is not listed will not be copied either, and the copy tells why.
            let Ok(key) = key else { break };
            all += 1;
            if !target.has(&key)? {
                blocks += 1;
                // One that cannot be read will not be copied.
                let size = source.size(&key).ok().flatten().unwrap_or_default();
                bytes += size + key.as_bytes().len() as u64;
            }
        }
        watch.expect(blocks + all, bytes);
        let cost = to.kind.cost();
        let again = bytes.min(TWICE) * (cost.per_byte - 1);
        let needed = bytes + again + blocks * cost.per_value;
        let free = fs2::available_space(&self.to)
            .map_err(|error| Error::io("measure the space of", &self.to, error))?;
        let mut available = free.saturating_sub(to.min_free);
        let mut limit = Limit::Disk;
        if let Some(quota) = to.quota {
            let left = quota.saturating_sub(target.disk_usage()?);
            if left < available {
                (available, limit) = (left, Limit::Quota);
            }
        }
        if blocks > 0 && needed > available {
            let path = self.to.clone();
            return Err(datastore::Error::StorageFull {
                path,
                available,
                needed,
                limit,
            }
            .into());
        }
        Ok(())
    }
}

/// `.NAME.ending` beside the folder `path` of that name, whatever bytes it has.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

fn folder(config: &Config) -> Result<PathBuf> {
    let path = config.path.clone().or_else(|| config.kind.default_path());
    match path {
        Some(path) if config.kind.is_on_disk() => Ok(path),
        _ => Err(Error::refused(
            Kind::Memory.name(),
            "what is in memory goes with its process: name an engine on disk",
        )),
    }
}

/// The path without links, of a folder that need not be there.
fn resolved(path: &Path) -> Result<PathBuf> {
    let failed = |error| Error::io("look for", path, error);
    // Without a `/` at its end, which would follow a link that leads nowhere.
    let named = target(path.components().as_path()).map_err(failed)?;
    match (named.canonicalize(), named.file_name()) {
        (Err(error), Some(name)) if error.kind() == io::ErrorKind::NotFound => {
            Ok(resolved(parent(&named))?.join(name))
        }
        (found, _) => found.map_err(failed),
    }
}
