//! A store opened as the flags say, and what there is to tell about it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{Config, Durability, Kind, Lost, Persistent};
use block_cid::Blocks;
use datastore::Datastore;
use demo::{Usage, units};

use super::args::Store;
use super::stop;

/// What a command does with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Reads; several at a time where the engine can.
    Read,
    /// Changes what is there.
    Change,
    /// Adds, making the store if there is none.
    Fill,
}

/// The engine that commands use unless they are told otherwise: what they keep are blocks.
const DEFAULT: Kind = Kind::Pack;

/// The engine of the flags.
pub fn kind(args: &Store) -> Kind {
    args.backend.unwrap_or(DEFAULT)
}

/// The folder of the flags; none in memory.
pub fn folder(args: &Store) -> Option<PathBuf> {
    let path = args.path.as_ref().and_then(|path| path.0.clone());
    path.or_else(|| kind(args).default_path())
}

/// The flags as a configuration; a store that was not closed is tried in a child first.
pub fn config(args: &Store, kind: Kind) -> anyhow::Result<Config> {
    let mut config = Config::new(kind).with_probe(std::env::current_exe()?);
    config.path = args.path.as_ref().and_then(|path| path.0.clone());
    config.cache = args.cache.unwrap_or(config.cache);
    config.min_free = args.min_free.unwrap_or(config.min_free);
    config.quota = args.quota;
    config.durability = args.durability.map(Durability::from);
    config.compression = args.compression.map_or(config.compression, Into::into);
    config.read_only = args.read_only;
    // Who says so wants nothing written; other readers want to read.
    config.repair = !args.read_only;
    config.allow_network_fs = args.allow_network_fs;
    Ok(config)
}

/// Opens the store, has `work` use it, and closes it, also when `work` fails.
///
/// # Errors
/// Those of opening, else those of `work`, else those of closing.
pub fn with<T>(
    args: &Store,
    usage: Use,
    work: impl FnOnce(&Persistent, &Blocks<&Persistent>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let store = open(args, usage)?;
    let blocks = store.blocks();
    // Ctrl-C may have come while it opened.
    let end = stop::check()
        .map_err(Into::into)
        .and_then(|()| work(&store, &blocks));
    let closed = store.close();
    let value = end?;
    closed?;
    Ok(value)
}

fn open(args: &Store, usage: Use) -> anyhow::Result<Persistent> {
    let kind = kind(args);
    refuse_unbuilt(args)?;
    let mut config = config(args, kind)?;
    if config.read_only && usage != Use::Read {
        return Err(Usage::new("this command writes, and --read-only forbids it").into());
    }
    if usage == Use::Read && kind.shares_readers() {
        config.read_only = true;
    }
    note_default(args);
    if !kind.is_on_disk() {
        note("memory forgets: what is stored now is gone when this command ends");
    } else if let (Some(path), true) = (folder(args), usage != Use::Fill) {
        crate::ops::recover(&config, &path)?;
        refuse_to_make(&path)?;
    }
    let store = Persistent::open(&config)?;
    tell(&store);
    Ok(store)
}

/// Says which store is meant, where the flags do not.
pub fn note_default(args: &Store) {
    if args.backend.is_none() {
        let path = folder(args).unwrap_or_default();
        note(&format!(
            "using {} in {}; BACKEND and DATA_PATH, or --backend and --path, name another",
            kind(args),
            path.display()
        ));
    }
}

/// Whether this build has the engine of the flags; nothing is looked at before.
pub fn refuse_unbuilt(args: &Store) -> Result<(), crate::Error> {
    match kind(args) {
        kind if kind.is_built() => Ok(()),
        kind => Err(crate::Error::NotBuilt { kind }),
    }
}

/// Only `put` makes a store. An engine that has to be opened for writing would make one for `ls`,
/// too.
pub fn refuse_to_make(path: &Path) -> Result<(), crate::Error> {
    let nothing = match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if nothing {
        return Err(crate::Error::NoStore { path: path.into() });
    }
    Ok(())
}

/// Says what was found, where that is not what one expects.
pub fn tell(store: &Persistent) {
    let (found, Some(path)) = (store.found(), store.path()) else {
        return;
    };
    let path = path.display();
    if found.created {
        note(&format!("made a new {} store in {path}", store.kind()));
    }
    if found.unclean {
        note(&format!(
            "the last process that used {path} did not close it; it has opened well, and `verify` \
             hashes every block"
        ));
    }
    for line in lost(&found.lost, &path.to_string()) {
        note(&line);
    }
    if let Some(lock) = &found.old_lock {
        note(&format!(
            "removed {}, an old lock that nobody held",
            lock.display()
        ));
    }
    if found.kubo {
        note(&format!("{path} is Kubo's, and is used as it is"));
    }
    if found.cars {
        note(&format!("{path} is a folder of CARs, and is read as it is"));
    }
}

/// What the record of acknowledgements misses, a line each.
fn lost(lost: &Lost, path: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if lost.missing > 0 {
        let (count, be) = match lost.missing {
            1 => ("1 block".to_owned(), "is"),
            n => (format!("{} blocks", units::count(n)), "are"),
        };
        let weak = match lost.weak {
            0 => String::new(),
            n => format!(
                " ({} acknowledged under a weaker promise, before any sync)",
                units::count(n)
            ),
        };
        let first: Vec<String> = lost.first.iter().map(ToString::to_string).collect();
        let more = if lost.missing > first.len() as u64 {
            ", …"
        } else {
            ""
        };
        lines.push(format!(
            "{count} that {path} acknowledged {be} not there{weak}: {}{more}; `verify` names all, \
             put them again or restore a backup",
            first.join(", ")
        ));
    }
    if lost.perhaps > 0 {
        lines.push(format!(
            "{} blocks are not in {path} and may have been deleted: the record of that is lost; \
             `verify` names them",
            units::count(lost.perhaps)
        ));
    }
    if let Some(what) = &lost.ledger {
        lines.push(format!(
            "the record of what {path} acknowledged {what}; blocks that were lost before may not \
             be missed: `verify` tells what is known, and `verify --forget` accepts it"
        ));
    }
    lines
}

/// A line on stderr.
pub fn note(text: &str) {
    // A note that nobody reads is no reason to stop.
    let _ = writeln!(io::stderr(), "note: {}", demo::plain(text));
}

/// A path as a shell takes it.
pub fn shown(path: &Path) -> String {
    let text = demo::plain(&path.display().to_string());
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@".contains(c);
    if text.chars().all(plain) && !text.is_empty() {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
