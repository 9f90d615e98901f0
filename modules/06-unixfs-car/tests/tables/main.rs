//! Tables of CIDs that other implementations gave: one test a table, which names every row that fails.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod dagger;
mod data;
mod expected;
#[cfg(unix)]
mod known;

use testkit::{fixtures, report};

/// How many failing rows are named.
const SHOWN: usize = 50;

/// Says how many rows there were, and fails if any did.
fn finish(table: &str, rows: usize, failed: &[String]) {
    for why in failed.iter().take(SHOWN) {
        report(&format!("FAILED {table}: {why}"));
    }
    fixtures::ran(table, rows);
    assert!(
        failed.is_empty(),
        "{table}: {} of {rows} rows fail",
        failed.len()
    );
}
