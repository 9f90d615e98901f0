//! `stat`: how much there is.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::Blockstore;
use datastore::Datastore;
use demo::{Column, Progress, Table, units};
use serde_json::json;

use super::args::{Stat, Store};
use super::stop;
use super::store::{self, Use};

/// Counts blocks and their bytes, and what they take on disk.
pub fn run(args: &Store, stat: &Stat, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |store, blocks| {
        stop::watch(|| ())?;
        let progress = Progress::count("stat", None);
        let (mut count, mut bytes) = (0, 0);
        for cid in blocks.cids()? {
            stop::check()?;
            if let Some(size) = blocks.size(&cid?)? {
                count += 1;
                bytes += size;
                progress.add(1);
            }
        }
        drop(progress);
        let (kind, disk) = (store.kind(), store.disk_usage()?);
        let path = store.path().map(|path| path.display().to_string());
        if stat.json {
            let line = json!({
                "kind": kind.name(),
                "path": path,
                "blocks": count,
                "bytes": bytes,
                "disk": disk,
            });
            writeln!(out, "{line}")?;
        } else {
            let mut table = Table::new([Column::left(""), Column::left("")]);
            table.row(["kind", &format!("{kind} ({})", kind.shape())]);
            table.row(["path", path.as_deref().unwrap_or("nowhere, it forgets")]);
            table.row(["blocks", &units::count(count)]);
            table.row(["bytes", &size(bytes)]);
            table.row(["on disk", &size(disk)]);
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
