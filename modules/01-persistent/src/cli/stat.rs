//! `stat`: how much there is.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use datastore::Datastore;
use demo::{Column, Table, units};
use persistent::ops::{self, Watch};
use serde_json::json;

use super::args::{Stat, Store};
use super::store::{self, Use};
use super::watch::{Bar, Unit, told};

/// Counts blocks and their bytes, and what they take on disk.
pub fn run(args: &Store, stat: &Stat, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |store, _| {
        let bar = Bar::new("stat", Unit::Bytes);
        // About as many as the blocks have, for the time left.
        bar.expect(0, store.disk_usage().unwrap_or(0));
        let found = ops::stat(store, &bar).map_err(told)?;
        drop(bar);
        if found.sizeless > 0 {
            store::note(&format!(
                "damaged blocks whose bytes are not counted: {}; `verify` names them",
                units::count(found.sizeless)
            ));
        }
        let kind = store.kind();
        let path = store.path().map(|path| path.display().to_string());
        let ratio = found.amplification();
        if stat.json {
            let line = json!({
                "kind": kind.name(),
                "path": path,
                "blocks": found.blocks,
                "bytes": found.bytes,
                "sizeless": found.sizeless,
                "others": found.others,
                "disk": found.disk,
                "amplification": ratio,
            });
            writeln!(out, "{line}")?;
        } else {
            let mut table = Table::new([Column::left(""), Column::left("")]);
            table.row(["kind", &format!("{kind} ({})", kind.shape())]);
            table.row(["path", path.as_deref().unwrap_or("nowhere, it forgets")]);
            table.row(["blocks", &units::count(found.blocks)]);
            table.row(["bytes", &size(found.bytes)]);
            table.row(["other keys", &units::count(found.others)]);
            table.row(["on disk", &size(found.disk)]);
            let ratio = ratio.map(|ratio| format!("{ratio:.2} bytes on disk for each byte"));
            table.row(["amplification", ratio.as_deref().unwrap_or("no bytes yet")]);
            write!(out, "{table}")?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn size(bytes: u64) -> String {
    let exact = units::count(bytes);
    if bytes < 1024 {
        exact
    } else {
        format!("{exact} ({})", units::bytes(bytes))
    }
}
