//! `verify`: whether DAGs are whole, or the whole store is.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::{Blocks, Cid};
use clap::Args;
use dag_ipld::{Cancel, Dag, Found, Next, Walk};
use datastore::Datastore;
use demo::{plain, units};
use persistent::Persistent;
use persistent::ops::verify::{Fault, Mend};
use persistent::ops::{self, Watch};
use persistent::program::args::Store;
use persistent::program::stop;
use persistent::program::store::{self, Use};
use persistent::program::watch::{self, Bar, Unit};

use super::cat::path;

/// `verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Every block is hashed anew. `01-persistent verify` also mends what is wrong, and keeps damaged bytes.")]
pub struct Verify {
    /// What must be whole, with all below it: CID, CID/name/… or /ipfs/CID/name/… [default: every block
    /// of the store]
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
}

/// Hashes every block, and names what is damaged or missing; 1 if anything is.
pub fn run(args: &Store, verify: &Verify, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |store, blocks| {
        let mut is_good = true;
        if verify.paths.is_empty() {
            is_good = whole_store(store, out)?;
        }
        for path in verify.paths.iter().map(path) {
            let root = path?.resolve(blocks)?;
            is_good &= whole_dag(blocks, &root, out)?;
        }
        Ok(match is_good {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    })
}

/// Every block of the store, as `ipfs repo verify`; and every block that was acknowledged.
fn whole_store(store: &Persistent, out: &mut dyn Write) -> Result<bool> {
    let bar = Bar::new("verify", Unit::Bytes);
    bar.expect(0, store.disk_usage().unwrap_or(0));
    let mut told = |fault: &Fault| {
        let line = plain(&format!("{}  {}", fault.cid, fault.damage));
        bar.pause(|| writeln!(out, "{line}"))
            .map_err(|error| ops::Error::io("write", "stdout", error))
    };
    let report = ops::verify(store, &Mend::default(), &bar, &mut told).map_err(watch::told)?;
    drop(bar);
    for what in &report.store {
        writeln!(out, "{}", plain(what))?;
    }
    let counts = [
        (report.damaged, "damaged"),
        (report.missing, "missing"),
        (report.perhaps, "perhaps deleted"),
    ];
    let sum = sum(report.blocks, report.bytes, &counts, report.is_good());
    writeln!(out, "{sum}")?;
    Ok(report.is_good())
}

/// A root and all below it, as `ipfs pin verify`.
fn whole_dag(blocks: &Blocks<&Persistent>, root: &Cid, out: &mut dyn Write) -> Result<bool> {
    let cancel = Cancel::new();
    let token = cancel.clone();
    stop::wakes(move || token.cancel());
    let bar = Bar::new("verify", Unit::Bytes);
    let (mut count, mut bytes, mut damaged, mut missing, mut opaque) = (0, 0, 0, 0, 0);
    let walked = Dag::new(blocks).walk(&[*root], &Walk::default().with_cancel(cancel), |visit| {
        if let Found::Node { block, .. } | Found::Opaque { block, .. } = &visit.found
            && !visit.again
        {
            count += 1;
            bytes += block.len() as u64;
            bar.did(1, block.len() as u64);
        }
        let (counted, why) = match &visit.found {
            Found::Node { .. } => return Ok(Next::Enter),
            Found::Opaque { error, .. } => (&mut opaque, error.to_string()),
            Found::Refused(reason) => (&mut opaque, reason.clone()),
            Found::Damaged(error) => (&mut damaged, error.to_string()),
            Found::Missing => (&mut missing, "missing".to_owned()),
        };
        *counted += 1;
        let line = plain(&format!("{}  {why}", visit.cid));
        bar.pause(|| writeln!(out, "{line}"))?;
        Ok::<_, anyhow::Error>(Next::Enter)
    });
    drop(bar);
    stop::check()?;
    walked?;
    let counts = [
        (damaged, "damaged"),
        (missing, "missing"),
        (opaque, "that cannot be read"),
    ];
    let is_good = counts.iter().all(|(count, _)| *count == 0);
    writeln!(out, "{root}: {}", sum(count, bytes, &counts, is_good))?;
    Ok(is_good)
}

/// What there was, and the verdict.
fn sum(blocks: u64, bytes: u64, counts: &[(u64, &str)], is_good: bool) -> String {
    let noun = if blocks == 1 { "block" } else { "blocks" };
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts = counts.map(|(count, what)| format!("{} {what}", units::count(*count)));
    let counts: Vec<String> = counts.collect();
    let verdict = match (is_good, counts.is_empty()) {
        (true, _) => "all good".to_owned(),
        (false, true) => "not good, for what is said above".to_owned(),
        (false, false) => format!(
            "{}; put those blocks again, or import them",
            counts.join(", ")
        ),
    };
    format!(
        "{} {noun}, {}: {verdict}",
        units::count(blocks),
        units::bytes(bytes)
    )
}
