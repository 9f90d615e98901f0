//! `migrate`: everything in one store, in another.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use demo::units;
use persistent::Config;
use persistent::ops::{self, Migrated};
use serde_json::json;

use super::args::{Migrate, Store};
use super::location::Location;
use super::store;
use super::watch::{Bar, Unit, told};

/// Copies, proves, and says what came over; 1 if something did not.
pub fn run(args: &Store, migrate: &Migrate, out: &mut dyn Write) -> Result<ExitCode> {
    let from = Config {
        quota: None,
        compression: persistent::Compression::None,
        ..config(args, &migrate.from)?
    };
    let to = config(args, &migrate.to)?;
    let bar = Bar::new("migrate", Unit::Blocks);
    let done = ops::migrate(&from, &to, migrate.remove_source, &bar).map_err(told)?;
    drop(bar);
    if migrate.json {
        report_json(&done, out)?;
    } else {
        report(migrate, &done, out)?;
    }
    // What was asked for, and all of it.
    Ok(
        if done.is_whole() && done.removed == migrate.remove_source {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        },
    )
}

fn config(args: &Store, place: &Location) -> Result<Config> {
    let mut config = store::config(args, place.kind)?;
    config.path = Some(place.path.clone());
    config.durability = None;
    config.read_only = false;
    Ok(config)
}

fn report(migrate: &Migrate, done: &Migrated, out: &mut dyn Write) -> Result<()> {
    let from = store::shown(&migrate.from.path);
    let to = store::shown(&migrate.to.path);
    for (cid, why) in &done.damaged {
        writeln!(out, "{cid}  damaged in {from}: {}", demo::plain(why))?;
    }
    for cid in &done.missing {
        writeln!(
            out,
            "{cid}  missing: {from} acknowledged it, and it is in neither store"
        )?;
    }
    for cid in &done.perhaps {
        writeln!(
            out,
            "{cid}  perhaps deleted: {from} acknowledged it, it is in neither store, and the \
             record of its deletion may be lost"
        )?;
    }
    for what in &done.record {
        writeln!(
            out,
            "{from}: {}; more may be missing than is known",
            demo::plain(what)
        )?;
    }
    for key in &done.different {
        let key = demo::plain(&key.to_string());
        writeln!(
            out,
            "{key}  has another value in {to}, and was left as it is"
        )?;
    }
    if done.already {
        writeln!(
            out,
            "nothing was left to do: {from} was moved to {to}, and removed"
        )?;
        return Ok(());
    }
    let copied = done.copied;
    if copied.blocks + copied.others == 0 {
        writeln!(out, "nothing was left to copy")?;
    } else {
        writeln!(
            out,
            "copied {}, {}, and {}",
            counted(copied.blocks, "block"),
            units::bytes(copied.bytes),
            counted(copied.others, "other key"),
        )?;
    }
    if done.removed {
        writeln!(out, "removed {from}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{} and {} of {from} are in {to}, each proven",
        counted(done.blocks, "block"),
        counted(done.others, "other key"),
    )?;
    if migrate.remove_source {
        writeln!(
            out,
            "{from} was not removed: put what is named again, get it from a backup, or have \
             `verify --forget` forget what is missing"
        )?;
    }
    Ok(())
}

/// So many of a thing, `1 block` or `2 blocks`.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", units::count(count))
}

fn report_json(done: &Migrated, out: &mut dyn Write) -> Result<()> {
    for (cid, why) in &done.damaged {
        writeln!(out, "{}", json!({ "cid": cid, "damage": why }))?;
    }
    let absent = [
        (&done.missing, "missing"),
        (&done.perhaps, "perhaps deleted"),
    ];
    for (cid, what) in absent
        .iter()
        .flat_map(|(cids, what)| cids.iter().map(move |cid| (cid, what)))
    {
        writeln!(out, "{}", json!({ "cid": cid, "damage": what }))?;
    }
    for key in &done.different {
        writeln!(
            out,
            "{}",
            json!({ "key": key.to_string(), "different": true })
        )?;
    }
    let line = json!({
        "blocks": done.blocks,
        "others": done.others,
        "copied": {
            "blocks": done.copied.blocks,
            "bytes": done.copied.bytes,
            "others": done.copied.others,
        },
        "damaged": done.damaged.len(),
        "different": done.different.len(),
        "missing": done.missing.len(),
        "perhaps": done.perhaps.len(),
        "record": done.record,
        "removed": done.removed,
        "already": done.already,
    });
    Ok(writeln!(out, "{line}")?)
}
