//! What the source acknowledged, and neither store has.

use datastore::{Datastore, Key};

use super::{Migrated, Result, Watch, stop};
use crate::Persistent;
use crate::ops::proof::{name, prove};
use crate::ops::record::{named, walk};

/// Compares the source's record of acknowledgements with both stores, after everything that the
/// source lists has been copied and proven.
///
/// # Errors
/// [`Error::Stopped`](super::Error::Stopped), and those of reading the record.
pub(super) fn look(
    source: &Persistent,
    target: &dyn Datastore,
    watch: &dyn Watch,
    done: &mut Migrated,
) -> Result<()> {
    if let Some(what) = &source.found().lost.ledger {
        done.record
            .push(format!("the record of acknowledgements {what}"));
    }
    let Some(reading) = source.reading()? else {
        return Ok(());
    };
    let listed = done.blocks + done.damaged.len() as u64;
    let mut there = 0;
    let wrong = walk(&reading, &mut |key, claim| {
        stop(watch)?;
        match source.has(key) {
            Ok(true) => there += 1,
            _ if is_proven(target, key)
                || done.damaged.iter().any(|(cid, _)| *cid == name(key)) => {}
            Ok(false) if claim.perhaps => done.perhaps.push(name(key)),
            Ok(false) => done.missing.push(name(key)),
            Err(error) => {
                let why = format!("it cannot be read: {}", datastore::error::chain(&error));
                done.damaged.push((name(key), why));
            }
        }
        Ok(())
    })?;
    done.missing.sort_unstable();
    done.perhaps.sort_unstable();
    if done.record.is_empty() {
        done.record
            .extend(wrong.map(|wrong| named(&reading, &wrong)));
    }
    if there > listed {
        let what = "the engine does not list all the blocks that it has; `salvage` finds them";
        done.record.push(what.into());
    }
    Ok(())
}

/// Whether the block is in the store, and hashes.
fn is_proven(target: &dyn Datastore, key: &Key) -> bool {
    match target.get(key) {
        Ok(Some(value)) => prove(vec![(key.clone(), value)]).1.is_empty(),
        _ => false,
    }
}
