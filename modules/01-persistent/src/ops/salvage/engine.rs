//! What the engine itself still gives, of a copy.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use datastore::Key;

use super::copy::{Copy, refuse_no_room};
use super::pack::is_cars;
use super::redb;
use super::rescue::Rescue;
use super::{Error, Places, Result};
use crate::engine::{Engine, Options};
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
    if is_cars(from, &places.home) {
        return cars(from, &places.home, rescue);
    }
    let copy = Copy::new(places.beside("salvage"))?;
    let source = engines::data_dir(from.kind, &places.home);
    // The blocks of `file` are read file by file. What is no folder is Kubo's, or gone.
    if from.kind != Kind::File && source.is_dir() {
        refuse_no_room(&source, &places.to, min_free)?;
        let data = engines::data_dir(from.kind, &copy.0);
        copy_folder(&source, &data, rescue)?;
        told(&source, take(from, &data, &copy, rescue), rescue)?;
    }
    let meta = places.home.join(META);
    if matches!(from.kind, Kind::File | Kind::Pack) && meta.is_file() {
        refuse_no_room(&meta, &places.to, min_free)?;
        others(from, &meta, &copy, rescue)?;
    }
    Ok(())
}

/// What is in a folder of CARs, which is read as it is: nobody writes there.
fn cars(from: &Config, home: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    let options = Options {
        sealed: true,
        read_only: true,
        tolerant: true,
        disk: Arc::clone(&from.disk),
        ..Options::new(home)
    };
    let engine = caught(home, || engines::open(from.kind, &options))?;
    match give(&*engine, home, true, rescue) {
        Err(Error::Store(datastore::Error::Corrupt { path, what })) => {
            rescue.done.unknown.push((path, what));
            Ok(())
        }
        given => given,
    }
}

/// The other keys, which lie beside the blocks, in a file that a store without blocks has, too. Of
/// one that is refused the names are told that can be read.
fn others(from: &Config, meta: &Path, copy: &Copy, rescue: &mut Rescue<'_>) -> Result<()> {
    let home = copy.0.join("others");
    let data = engines::data_dir(Kind::File, &home);
    fs::create_dir_all(&data).map_err(|error| Error::io("make", &data, error))?;
    copy_file(meta, &home.join(META), rescue)?;
    let as_file = Config {
        kind: Kind::File,
        ..from.clone()
    };
    let taken = match home.join(META).is_file() {
        true => take(&as_file, &data, copy, rescue),
        false => Err(Error::refused(meta, "it cannot be copied")),
    };
    if taken.is_err() {
        let what = "it is damaged, and keys that are no blocks were in it";
        rescue.done.unknown.push((meta.to_owned(), what.to_owned()));
        redb::read(meta, rescue)?;
    }
    told(meta, taken, rescue)
}

/// Has it told why the engine did not give everything.
fn told(source: &Path, taken: Result<()>, rescue: &mut Rescue<'_>) -> Result<()> {
    match taken {
        Err(Error::Stopped) => Err(Error::Stopped),
        Err(error) => {
            rescue.unreadable(source, error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
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
        } else if kind.is_file() {
            copy_file(&path, &to, rescue)?;
        }
    }
    Ok(())
}

/// Copies a file; one that cannot be read is told.
fn copy_file(from: &Path, to: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    let Err(error) = fs::copy(from, to) else {
        return Ok(());
    };
    let full = Error::io("copy", from, error);
    match &full {
        Error::Store(store) if store.is_out_of_space() => return Err(full),
        _ => rescue.unreadable(from, full),
    }
    Ok(())
}
