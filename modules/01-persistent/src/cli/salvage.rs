//! `salvage`: what an engine refuses, in a fresh store.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use demo::{plain, units};
use persistent::ops::{self, Salvaged};
use serde_json::{Value, json};

use super::args::{Salvage, Store};
use super::migrate::counted;
use super::store;
use super::watch::{Bar, Unit, told};

/// Brings back what still hashes; 1 if anything is lost, or nobody knows.
pub fn run(args: &Store, salvage: &Salvage, out: &mut dyn Write) -> Result<ExitCode> {
    store::refuse_unbuilt(args)?;
    let kind = store::kind(args);
    let mut from = store::config(args, kind)?;
    from.path = store::folder(args);
    let mut to = store::config(args, salvage.to.kind.unwrap_or(kind))?;
    to.path = Some(salvage.to.path.clone());
    to.durability = None;
    to.read_only = false;
    let bar = Bar::new("salvage", Unit::Bytes);
    let done = ops::salvage(&from, &to, &bar).map_err(told)?;
    drop(bar);
    if salvage.json {
        report_json(&done, out)?;
    } else {
        report(&store::shown(&salvage.to.path), &done, out)?;
    }
    Ok(if done.is_whole() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(to: &str, done: &Salvaged, out: &mut dyn Write) -> Result<()> {
    for (path, why) in &done.unreadable {
        store::note(&format!("{} cannot be used: {why}", path.display()));
    }
    for cid in &done.lost {
        writeln!(out, "{cid}  lost")?;
    }
    for key in &done.lost_others {
        writeln!(out, "{}  lost: no hash says what it was", plain(key))?;
    }
    for key in &done.different {
        let key = plain(key);
        writeln!(
            out,
            "{key}  kept: {to} has another value, which may be newer"
        )?;
    }
    let past = match done.past_the_index {
        0 => String::new(),
        n => format!(" ({} past the index)", units::count(n)),
    };
    writeln!(
        out,
        "{to} has {}{past}, {}, and {}",
        counted(done.blocks, "block"),
        units::bytes(done.bytes),
        counted(done.others, "other key"),
    )?;
    let (blocks, others) = (done.lost.len() as u64, done.lost_others.len() as u64);
    if blocks + others > 0 {
        writeln!(
            out,
            "{} and {} are lost: get them from a backup, or from whoever has them",
            counted(blocks, "block"),
            counted(others, "other key"),
        )?;
    }
    for (path, why) in &done.unknown {
        let (path, why) = (store::shown(path), plain(why));
        writeln!(out, "{path}: {why}; more may be lost than is named")?;
    }
    if let Some(what) = &done.ledger {
        let what = plain(what);
        writeln!(out, "{what}: nobody knows whether more was stored")?;
    } else if blocks + others == 0 && done.unknown.is_empty() {
        writeln!(out, "nothing is known to be lost")?;
    }
    Ok(())
}

fn report_json(done: &Salvaged, out: &mut dyn Write) -> Result<()> {
    for cid in &done.lost {
        writeln!(out, "{}", json!({ "cid": cid }))?;
    }
    for key in &done.lost_others {
        writeln!(out, "{}", json!({ "key": key }))?;
    }
    for key in &done.different {
        writeln!(out, "{}", json!({ "different": key }))?;
    }
    let files = |files: &[(PathBuf, String)]| -> Vec<Value> {
        let file = |(path, why): &(PathBuf, String)| json!({ "path": path.display().to_string(), "why": why });
        files.iter().map(file).collect()
    };
    let line = json!({
        "blocks": done.blocks,
        "bytes": done.bytes,
        "past_the_index": done.past_the_index,
        "others": done.others,
        "lost": done.lost.len(),
        "lost_others": done.lost_others.len(),
        "unknown": files(&done.unknown),
        "different": done.different.len(),
        "ledger": done.ledger,
        "unreadable": files(&done.unreadable),
    });
    Ok(writeln!(out, "{line}")?)
}
