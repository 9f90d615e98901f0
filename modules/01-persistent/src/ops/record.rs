//! The record of what was acknowledged, gone through as a whole.

use datastore::Key;

use super::Result;
use super::error::chain;
use crate::acks::{Claim, Reading};

/// Gives every block that should be there to `each`, once, in no order; what is wrong with the
/// record itself, which then says what it can.
///
/// # Errors
/// The first of `each`, which ends it.
pub(super) fn walk(
    reading: &Reading,
    each: &mut dyn FnMut(&Key, Claim) -> Result<()>,
) -> Result<Option<String>> {
    let mut wrong: Vec<String> = reading.wrong().into_iter().collect();
    if let Some(stretch) = reading.whole() {
        let mut outcome = Ok(());
        let walked = stretch.each(&mut |key, claim| {
            outcome = each(key, claim);
            // Any error ends the walk; this one is not shown.
            outcome
                .is_ok()
                .then_some(())
                .ok_or(datastore::Error::Closed)
        });
        outcome?;
        match walked {
            Ok(walked) => wrong.extend(walked.damage.map(|at| format!("is damaged at byte {at}"))),
            Err(error) => wrong.push(format!("cannot be read: {}", chain(&error))),
        }
    }
    Ok((!wrong.is_empty()).then(|| wrong.join("; ")))
}

/// What is wrong, with the name of the file.
pub(super) fn named(reading: &Reading, wrong: &str) -> String {
    format!("{} {wrong}", reading.path().display())
}
