//! What `report` draws of a store: the steps in which it replaces an old value by a new one, and what a reader
//! finds if the power fails right after each.
//!
//! A line each, with tabs between: `cut`, the step, what is found, how many states the disk may be left in,
//! and in how many of them that is wrong.

use std::collections::BTreeMap;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use testkit::crash::{CrashDisk, Cut};

use crate::folder::Folder;
use crate::power;

/// Prints the strip of `work`; `look` names what is found, as `old` or `new`.
pub fn print(
    disk: &CrashDisk,
    work: impl FnOnce(),
    look: impl Fn(Arc<dyn Folder>) -> io::Result<&'static str>,
) {
    disk.settle();
    work();
    let record = disk.record();
    // What the test's own line began with ends here.
    println!();
    let mut cut = record.cut(0);
    while cut.advance() {
        if let Some(step) = record.step(cut.point()) {
            println!("{}", line(&step, &cut, &look, &["old", "new"]));
        }
    }
    println!("{}", line("return to caller", &cut, &look, &["new"]));
}

fn line(
    step: &str,
    cut: &Cut<'_>,
    look: impl Fn(Arc<dyn Folder>) -> io::Result<&'static str>,
    right: &[&str],
) -> String {
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for left in power::states(cut) {
        let looked = panic::catch_unwind(AssertUnwindSafe(|| look(power::folder(&left))));
        let what = match looked {
            Ok(Ok(what)) => what,
            Ok(Err(_)) => "an error",
            Err(_) => "a panic",
        };
        *found.entry(what).or_default() += 1;
    }
    let is_right = |what: &&str| right.contains(what);
    let states: u64 = found.values().sum();
    let wrong = found.iter().filter(|(what, _)| !is_right(what));
    // There is room for the worst.
    let worst = wrong.clone().max_by_key(|(_, count)| **count);
    let told = match worst {
        Some((what, _)) => (*what).to_owned(),
        None => right
            .iter()
            .filter(|what| found.contains_key(**what))
            .copied()
            .collect::<Vec<_>>()
            .join(", "),
    };
    let wrong: u64 = wrong.map(|(_, count)| count).sum();
    format!("cut\t{step}\t{told}\t{states}\t{wrong}")
}
