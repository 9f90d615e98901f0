//! `verify`: every block hashed anew, and every block that was acknowledged looked for.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::{Blocks, Fetcher};
use datastore::Datastore;
use demo::units;
use persistent::ops::verify::{Damage, Fault, Mend, Mended, Report};
use persistent::ops::{self, Watch};
use persistent::wrappers::repair::Copy;
use persistent::{Config, Persistent};
use serde_json::json;

use super::args::{Store, Verify};
use super::location::Location;
use super::store::{self, Use};
use super::watch::{Bar, Unit, told};

/// Hashes every block, looks for every one that was acknowledged, and names what is wrong; 1 if
/// anything stays so.
pub fn run(args: &Store, verify: &Verify, out: &mut dyn Write) -> Result<ExitCode> {
    let from = verify.repair_from.as_ref();
    let copy = from.map(|from| source(args, from)).transpose()?;
    let mend = Mend {
        quarantine: verify.quarantine,
        forget: verify.forget,
        source: copy.as_ref().map(|copy| copy as &dyn Fetcher),
    };
    let usage = if mend.writes() {
        Use::Change
    } else {
        Use::Read
    };
    let end = store::with(args, usage, |store, _| check(store, &mend, verify, out));
    if let Some(Copy(blocks)) = copy {
        blocks.into_store().close()?;
    }
    end
}

/// The store that blocks are fetched from, for reading where its engine can.
fn source(args: &Store, from: &Location) -> Result<Copy<Blocks<Persistent>>> {
    store::refuse_to_make(&from.path)?;
    let config = Config {
        path: Some(from.path.clone()),
        quota: None,
        durability: None,
        compression: persistent::Compression::None,
        read_only: from.kind.shares_readers(),
        ..store::config(args, from.kind)?
    };
    Ok(Copy(Persistent::open(&config)?.into_blocks()))
}

fn check(
    store: &Persistent,
    mend: &Mend<'_>,
    verify: &Verify,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let bar = Bar::new("verify", Unit::Bytes);
    bar.expect(0, store_bytes(store));
    let report = ops::verify(store, mend, &bar, &mut |fault| {
        let line = if verify.json {
            json(fault)
        } else {
            text(fault)
        };
        bar.pause(|| writeln!(out, "{line}"))
            .map_err(|error| ops::Error::io("write", "stdout", error))
    })
    .map_err(told)?;
    drop(bar);
    let line = if verify.json {
        sum_json(&report)
    } else {
        sum(&report, store.found().cars)
    };
    writeln!(out, "{line}")?;
    Ok(match report.is_good() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// About as many bytes as there are to hash, for the time left.
fn store_bytes(store: &Persistent) -> u64 {
    store.disk_usage().unwrap_or(0)
}

fn text(fault: &Fault) -> String {
    let mut line = format!("{}  {}; {}", fault.cid, fault.damage, fault.path.display());
    match &fault.mended {
        None => {}
        Some(Mended::Fetched) => line += "; fetched, and there again",
        Some(Mended::Quarantined(place)) => line += &format!("; now in {}", place.display()),
        Some(Mended::Removed) => line += "; removed, and missing until it is put again",
        Some(Mended::Forgotten) => line += "; forgotten",
        Some(other) => line += &format!("; {other:?}"),
    }
    if let Some(why) = &fault.failed {
        line += &format!("; cannot be mended: {why}");
    }
    demo::plain(&line)
}

fn json(fault: &Fault) -> String {
    let what = match fault.damage {
        Damage::Missing => "missing",
        Damage::Perhaps => "perhaps deleted",
        _ => "damaged",
    };
    let (mended, quarantine) = match &fault.mended {
        Some(Mended::Fetched) => (Some("fetched"), None),
        Some(Mended::Quarantined(place)) => (Some("quarantined"), Some(place)),
        Some(Mended::Removed) => (Some("removed"), None),
        Some(Mended::Forgotten) => (Some("forgotten"), None),
        _ => (None, None),
    };
    json!({
        "cid": fault.cid.to_string(),
        "what": what,
        "damage": fault.damage.to_string(),
        "path": fault.path,
        "mended": mended,
        "quarantine": quarantine,
        "failed": fault.failed,
    })
    .to_string()
}

fn sum_json(report: &Report) -> String {
    json!({
        "blocks": report.blocks,
        "bytes": report.bytes,
        "others": report.others,
        "damaged": report.damaged,
        "missing": report.missing,
        "perhaps": report.perhaps,
        "fetched": report.fetched,
        "forgotten": report.forgotten,
        "unrecorded": report.strangers,
        "store": report.store,
        "accepted": report.accepted,
        "good": report.is_good(),
    })
    .to_string()
}

fn sum(report: &Report, is_cars: bool) -> String {
    let noun = if report.blocks == 1 {
        "block"
    } else {
        "blocks"
    };
    let mut line = format!(
        "{} {noun}, {}: ",
        units::count(report.blocks),
        units::bytes(report.bytes)
    );
    let counts = [
        (report.damaged, "damaged"),
        (report.missing, "missing"),
        (report.perhaps, "perhaps deleted"),
        (report.fetched, "fetched again"),
        (report.forgotten, "forgotten"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| format!("{} {what}", units::count(count)))
        .collect();
    if counts.is_empty() && report.is_good() {
        line += "all good";
    } else {
        line += &counts.join(", ");
    }
    if report.damaged + report.missing > report.fetched + report.forgotten {
        line += match is_cars {
            true => "; get the files anew that they are in",
            false => "; put those blocks again, or restore a backup",
        };
    }
    for what in &report.store {
        line += &format!("\n{}", demo::plain(what));
    }
    if let Some(what) = &report.accepted {
        line += &format!("\naccepted: {}", demo::plain(what));
    }
    match report.strangers {
        None => line += "\nno record of acknowledgements: a block that vanished cannot be missed",
        Some(0) => {}
        Some(n) => line += &format!("\n{} there without a record", units::count(n)),
    }
    line
}
