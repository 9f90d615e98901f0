//! `backup`: the whole store in one file.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use demo::{plain, units};
use persistent::ops::{self, LeftOut, Saved};
use serde_json::json;

use super::args::{Backup, Store};
use super::stop;
use super::store::{self, Use};
use super::watch::{Bar, Unit, told};

/// Saves the store, and names what is damaged or missing and was left out; 1 if there is any.
pub fn run(args: &Store, backup: &Backup, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |store, _| {
        let bar = Bar::new("backup", Unit::Blocks);
        let mut how = ops::Backup::of(store.kind().name());
        how.force = backup.force;
        how.min_free = args.min_free.unwrap_or(how.min_free);
        let mut printed = Ok(());
        let mut left_out = |left: LeftOut| {
            let line = line(backup.json, &left);
            let print = bar.pause(|| writeln!(out, "{line}"));
            // The first failure is told; the backup goes on.
            if printed.is_ok() {
                printed = print;
            }
        };
        let saved = ops::backup(store, &backup.file, &how, &bar, &mut left_out);
        let saved = saved.map_err(told)?;
        drop(bar);
        printed?;
        stop::check()?;
        report(backup, &saved, out)?;
        Ok(if saved.is_whole() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })
}

fn line(as_json: bool, left: &LeftOut) -> String {
    if as_json {
        json!({ "name": left.name, "damage": left.why }).to_string()
    } else {
        format!("{}  left out: {}", plain(&left.name), plain(&left.why))
    }
}

fn report(backup: &Backup, saved: &Saved, out: &mut dyn Write) -> Result<()> {
    let file = backup.file.display().to_string();
    if backup.json {
        let line = json!({
            "file": file,
            "root": saved.root.to_string(),
            "blocks": saved.blocks,
            "bytes": saved.bytes,
            "keys": saved.keys,
            "damaged": saved.damaged,
            "missing": saved.missing,
            "unlisted": saved.unlisted,
            "ledger": saved.ledger,
            "size": saved.len,
        });
        writeln!(out, "{line}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{}: {} in {}",
        plain(&file),
        contents(saved.blocks, saved.bytes, saved.keys),
        units::bytes(saved.len)
    )?;
    writeln!(out, "root {}", saved.root)?;
    for (count, why) in [(saved.damaged, "damaged"), (saved.missing, "missing")] {
        if count > 0 {
            let rest = match saved.unlisted {
                0 => "; all else is saved",
                _ => "",
            };
            let count = units::count(count);
            writeln!(out, "{count} left out, as they are {why}{rest}")?;
        }
    }
    if saved.unlisted > 0 {
        writeln!(
            out,
            "the engine could not list everything: there may be more that is not saved"
        )?;
    }
    if let Some(what) = &saved.ledger {
        let what = plain(what);
        writeln!(out, "{what}: blocks may be missing that nobody can name")?;
    }
    Ok(())
}

/// What a backup holds, in words.
pub fn contents(blocks: u64, bytes: u64, keys: u64) -> String {
    let many = |n: u64, noun: &str| {
        let s = if n == 1 { "" } else { "s" };
        format!("{} {noun}{s}", units::count(n))
    };
    format!(
        "{} ({}), {}",
        many(blocks, "block"),
        units::bytes(bytes),
        many(keys, "other key")
    )
}
