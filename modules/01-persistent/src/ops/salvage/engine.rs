//! What the engine itself still gives, of a copy.

use std::fs;
use std::path::Path;

use datastore::Key;

use super::copy::{Copy, refuse_no_room};
use super::rescue::Rescue;
use super::{Error, Places, Result};
use crate::engine::Engine;
use crate::engines::meta::NAME as META;
use crate::live::caught;
use crate::probe::{self, Way};
use crate::{Config, Kind, engines};

/// Copies the engine's files beside the new store, opens the copy, and takes what it gives. That it
/// gives nothing is no error: the files are read next.
pub(super) fn run(
    from: &Config,
    places: &Places,
    min_free: u64,
    rescue: &mut Rescue<'_>,
) -> Result<()> {
    let source = engines::data_dir(from.kind, &places.home);
    if !source.is_dir() {
        // Kubo's, or gone.
        return Ok(());
    }
    let meta = places.home.join(META);
    let copied = match from.kind {
        Kind::File => &meta,
        _ => &source,
    };
    let copy = Copy::new(places.beside("salvage"))?;
    refuse_no_room(copied, &places.to, min_free)?;
    let data = engines::data_dir(from.kind, &copy.0);
    match from.kind {
        // Its blocks are read file by file; only the other keys are in a database.
        Kind::File => fs::create_dir_all(&data).map_err(|e| Error::io("make", &data, e))?,
        _ => copy_folder(&source, &data, rescue)?,
    }
    if matches!(from.kind, Kind::File | Kind::Pack) && meta.is_file() {
        let to = copy.0.join(META);
        fs::copy(&meta, &to).map_err(|error| Error::io("copy", &meta, error))?;
    }
    if let Err(error) = take(from, &data, &copy, rescue) {
        match error {
            Error::Stopped => return Err(error),
            error => rescue.unreadable(&source, error),
        }
    }
    Ok(())
}

fn take(from: &Config, data: &Path, copy: &Copy, rescue: &mut Rescue<'_>) -> Result<()> {
    let sound = try_it(from, data, copy, Way::Strict);
    let way = match (&sound, from.kind) {
        (Ok(()), _) => Way::Strict,
        // It can be told to skip what is damaged.
        (Err(_), Kind::Rocksdb) => {
            try_it(from, data, copy, Way::Tolerant)?;
            Way::Tolerant
        }
        (Err(_), _) => return sound,
    };
    let options = way.options(data);
    let engine = caught(data, || engines::open(from.kind, &options))?;
    let taken = give(&*engine, data, sound.is_ok(), rescue);
    // What it has to say in the end is no news.
    let _ = caught(data, || {
        drop(engine);
        Ok(())
    });
    taken.and(sound)
}

/// Has the engine check the copy, open and close it: in a child if there is a program for one.
fn try_it(from: &Config, data: &Path, copy: &Copy, way: Way) -> Result<()> {
    match &from.probe {
        Some(program) => Ok(probe::ask(program, from.kind, data, &copy.0, way)?),
        None => Ok(caught(data, || probe::attempt(from.kind, data, way))?),
    }
}

/// Takes every key that the engine lists, one by one.
fn give(engine: &dyn Engine, data: &Path, sound: bool, rescue: &mut Rescue<'_>) -> Result<()> {
    let mut keys = caught(data, || engine.keys(&Key::root()))?;
    loop {
        rescue.go_on()?;
        let Some(key) = caught(data, || keys.next().transpose())? else {
            return Ok(());
        };
        let value = caught(data, || engine.get(&key));
        match (key.as_block(), value) {
            (Some(multihash), Ok(Some(value))) => {
                rescue.block_or_name(multihash, &value)?;
            }
            (Some(multihash), _) => rescue.name(multihash),
            (None, Ok(Some(value))) if sound => rescue.other(key, value)?,
            (None, _) => rescue.lost_other(&key)?,
        }
    }
}

fn copy_folder(from: &Path, to: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    fs::create_dir_all(to).map_err(|error| Error::io("make", to, error))?;
    let failed = |error| Error::io("list", from, error);
    for entry in fs::read_dir(from).map_err(failed)? {
        rescue.go_on()?;
        let entry = entry.map_err(failed)?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            copy_folder(&path, &to, rescue)?;
        } else if kind.is_file()
            && let Err(error) = fs::copy(&path, &to)
        {
            let full = Error::io("copy", &path, error);
            match &full {
                Error::Store(store) if store.is_out_of_space() => return Err(full),
                _ => rescue.unreadable(&path, full),
            }
        }
    }
    Ok(())
}
