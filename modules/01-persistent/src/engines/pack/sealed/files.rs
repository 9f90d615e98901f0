//! The files of a folder of CARs, and where their sections begin.

use std::io::ErrorKind;
use std::path::Path;

use block_cid::{car, varint};
use datastore::disk::Mode;
use datastore::{Disk, Error, Result};

use super::super::segment::{self, HEADER};

/// What a CARv2 begins with: a header that has no roots, and says version 2.
const CARV2: &[u8; 11] = b"\x0a\xa1\x67version\x02";

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Car {
    pub name: String,
    /// Where the first section begins, in bytes.
    pub begin: u64,
    /// It begins as a segment of a store of ours does.
    pub segment: bool,
    /// It has the name of one.
    pub numbered: bool,
}

/// The names of CARs in `dir`: our own segments first, in the order of the log, then by name.
fn names(disk: &dyn Disk, dir: &Path) -> Result<Vec<String>> {
    let names = disk.list(dir);
    let names = names.map_err(|error| Error::io("list", dir, error))?;
    let mut cars = Vec::new();
    for (name, _) in names {
        if !name.ends_with(".car") {
            continue;
        }
        let path = dir.join(&name);
        // Of a link what it leads to.
        let meta = disk.look(&path);
        let meta = meta.map_err(|error| Error::io("look at", &path, error))?;
        // One that leads nowhere may have been one.
        if meta.is_none_or(|meta| meta.is_file()) {
            cars.push(name);
        }
    }
    cars.sort_by_key(|name| (segment::number(name).unwrap_or(u32::MAX), name.clone()));
    Ok(cars)
}

/// Whether there is a CAR in `dir`, by its name.
///
/// # Errors
/// Those of listing.
pub(crate) fn is_folder(disk: &dyn Disk, dir: &Path) -> Result<bool> {
    Ok(!names(disk, dir)?.is_empty())
}

/// The CARs in `dir`; one that does not begin as a CARv1 does is [`Error::Corrupt`].
///
/// # Errors
/// Those of listing.
pub(super) fn cars(disk: &dyn Disk, dir: &Path) -> Result<impl Iterator<Item = Result<Car>>> {
    let names = names(disk, dir)?.into_iter();
    let look = move |name: String| match look(disk, &dir.join(&name))? {
        Ok((begin, segment)) => Ok(Car {
            numbered: segment::number(&name).is_some(),
            name,
            begin,
            segment,
        }),
        Err(what) => Err(Error::Corrupt {
            path: dir.join(name),
            what,
        }),
    };
    Ok(names.map(look))
}

/// Why the CARs in `dir` cannot be read: the name of a file, what is wrong with it, and what to do.
///
/// # Errors
/// Those of reading.
pub(crate) fn fault(disk: &dyn Disk, dir: &Path) -> Result<Option<String>> {
    for name in names(disk, dir)? {
        if let Err(what) = look(disk, &dir.join(&name))? {
            return Ok(Some(format!("{name}: {what}")));
        }
    }
    Ok(None)
}

/// Where the sections of a CARv1 begin, and whether it is a segment; or why it is none.
fn look(disk: &dyn Disk, path: &Path) -> Result<std::result::Result<(u64, bool), String>> {
    let failed = |error| Error::io("read", path, error);
    let file = match disk.open(path, Mode::Read) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let what = "it is a link that leads nowhere: bring back what it led to, or remove it";
            return Ok(Err(what.to_owned()));
        }
        file => file.map_err(failed)?,
    };
    let len = file.len().map_err(failed)?;
    let mut bytes = file.read_vec(0, len.min(64)).map_err(failed)?;
    if bytes.starts_with(HEADER) {
        return Ok(Ok((HEADER.len() as u64, true)));
    }
    if bytes.starts_with(CARV2) {
        return Ok(Err(carv2(&bytes)));
    }
    if let Ok((header, _)) = varint::decode(&bytes) {
        let most = car::MAX_HEADER + varint::MAX_LEN as u64;
        let header = header.saturating_add(varint::MAX_LEN as u64);
        bytes = file
            .read_vec(0, len.min(header).min(most))
            .map_err(failed)?;
    }
    Ok(match car::Reader::new(&bytes[..]) {
        Ok(reader) => Ok((reader.offset(), false)),
        Err(error) => Err(format!(
            "it does not begin as a CARv1 does ({error}): move it to another folder"
        )),
    })
}

/// What to do with a CARv2, whose header says where the CARv1 in it lies.
fn carv2(bytes: &[u8]) -> String {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    let remedy = match (number(27), number(35)) {
        (Some(from), Some(len)) => format!(
            "take the CARv1 out of it (`tail -c +{} FILE | head -c {len} > NEW.car`)",
            from.saturating_add(1)
        ),
        _ => "get it anew".to_owned(),
    };
    format!(
        "it is a CARv2, and only CARv1 is read here: {remedy}, and move it to another folder; or \
         bring its blocks into a store with `06-unixfs-car import`"
    )
}
