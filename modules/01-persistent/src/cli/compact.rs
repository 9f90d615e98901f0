//! `compact`: what deleted blocks still take on disk, given back.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use demo::units;
use persistent::ops::{self, Compacted};
use serde_json::json;

use super::args::{Compact, Store};
use super::stop;
use super::store::{self, Use};
use super::watch::told;

/// Compacts the store, and says what it took before and takes now. Ctrl-C waits for the engine: a
/// compaction is not stopped in the middle.
pub fn run(args: &Store, compact: &Compact, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Change, |store, _| {
        stop::check()?;
        let Compacted { before, after, .. } = ops::compact(store).map_err(told)?;
        if compact.json {
            writeln!(out, "{}", json!({ "before": before, "after": after }))?;
        } else {
            let (before, after) = (units::bytes(before), units::bytes(after));
            writeln!(out, "{before} on disk before, {after} now")?;
        }
        stop::check()?;
        Ok(ExitCode::SUCCESS)
    })
}
