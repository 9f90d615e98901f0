//! `restore`: a store from a backup.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use demo::{Usage, plain, units};
use persistent::ops::{self, Restored};
use serde_json::json;

use super::args::{Restore, Store};
use super::backup::contents;
use super::store;
use super::watch::{Bar, Unit, told};

/// Proves the backup, and puts a store of it in the place of the one that is there.
pub fn run(args: &Store, restore: &Restore, out: &mut dyn Write) -> Result<ExitCode> {
    let how = ops::Restore {
        plain: restore.plain,
        big: restore.allow_big_block,
    };
    if restore.check {
        let bar = Bar::new("check", Unit::Bytes);
        let found = ops::check(&restore.file, how, &bar).map_err(told)?;
        drop(bar);
        report(restore, &found, None, out)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.read_only {
        return Err(Usage::new("this command writes, and --read-only forbids it").into());
    }
    store::refuse_unbuilt(args)?;
    store::note_default(args);
    let config = store::config(args, store::kind(args))?;
    let bar = Bar::new("restore", Unit::Bytes);
    let mut restored = ops::restore(&restore.file, &config, how, &bar).map_err(told)?;
    drop(bar);
    let place = store::folder(args).map(|path| path.display().to_string());
    let old = restored.kept.clone().filter(|_| restore.remove_old);
    let removed = old.map_or(Ok(()), |old| {
        ops::remove_old(&config, &old)?;
        restored.kept = None;
        Ok(())
    });
    report(restore, &restored, place.as_deref(), out)?;
    // The new store is in place, and the old one is kept.
    removed.map_err(told)?;
    Ok(ExitCode::SUCCESS)
}

fn report(
    restore: &Restore,
    found: &Restored,
    place: Option<&str>,
    out: &mut dyn Write,
) -> Result<()> {
    let kept = found.kept.as_ref();
    if restore.json {
        let line = json!({
            "file": restore.file.display().to_string(),
            "root": found.root.map(|root| root.to_string()),
            "engine": found.engine,
            "time": found.time,
            "blocks": found.blocks,
            "bytes": found.bytes,
            "keys": found.keys,
            "damaged": found.damaged,
            "unlisted": found.unlisted,
            "path": place,
            "kept": kept.map(|kept| kept.display().to_string()),
        });
        writeln!(out, "{line}")?;
        return Ok(());
    }
    let file = plain(&restore.file.display().to_string());
    let what = contents(found.blocks, found.bytes, found.keys);
    match place {
        Some(place) => writeln!(out, "{}: {what}, from {file}", plain(place))?,
        None => writeln!(out, "{file}: {what}: all good")?,
    }
    if let Some(root) = found.root {
        let (engine, time) = (plain(&found.engine), plain(&found.time));
        writeln!(out, "root {root}, of a {engine} store, begun {time}")?;
    } else {
        writeln!(
            out,
            "a plain CAR does not say how much there should be: this is what it held"
        )?;
    }
    if found.damaged > 0 {
        writeln!(
            out,
            "{} left out when the backup was made, as damaged or missing then",
            units::count(found.damaged)
        )?;
    }
    if found.unlisted > 0 {
        writeln!(
            out,
            "the engine could not list everything when the backup was made: there may have been more"
        )?;
    }
    if let Some(kept) = kept {
        writeln!(out, "the old store is kept in {}", store::shown(kept))?;
    }
    Ok(())
}
