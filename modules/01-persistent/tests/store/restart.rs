//! A writer that is disturbed, and the restart after it.

use std::path::Path;

use persistent::Kind;

use crate::history::{History, Rule, all};
use crate::writer::{self, Said};

/// The seed of what is written; the seeds of laboratories draw where it is disturbed.
pub const SEED: u64 = 77;

/// How what one writer leaves is compared.
pub fn rule(kind: Kind) -> Rule {
    if kind.atomic_batches() {
        Rule::Atomic
    } else {
        Rule::EachKey
    }
}

/// Runs a writer of one thread under this wrapper to its end, whatever that is: what it said, and
/// how it ended.
pub fn write_under(kind: Kind, dir: &Path, wrapper: &[String], upto: u64) -> (Said, String) {
    let wrapper: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    let child = writer::plan(kind, dir, "each", SEED, &[0], upto)
        .under(&wrapper)
        .start();
    let (status, lines, noise) = child.end();
    (Said::new(&lines, &[0]), format!("{status}\n{noise}"))
}

/// Opens the store and compares it with what was said.
pub fn restart(kind: Kind, dir: &Path, said: &Said, upto: u64) -> Result<(), String> {
    let config = crate::config(kind, dir);
    let store = persistent::Persistent::open(&config).map_err(|e| crate::chain(&e))?;
    let found = all(&store)?;
    // After an error the child goes on to the next step: any of those may have been done.
    let (reached, rule) = if said.errors.is_empty() {
        (said.reached(upto), rule(kind))
    } else {
        (vec![upto], Rule::AnyOrder)
    };
    History::new(SEED, 1).check(&found, &said.acked, &reached, rule)
}
