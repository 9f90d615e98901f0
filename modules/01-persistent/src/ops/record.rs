//! The record of what was acknowledged, gone through as a whole.

use datastore::Key;

use super::Result;
use crate::acks::{Claim, Reading, Stretch, Walked};

/// Gives every block that should be there to `each`, once, in no order.
///
/// # Errors
/// The first of `each`, which ends it, and those of reading.
pub(super) fn walk(
    stretch: &Stretch<'_>,
    each: &mut dyn FnMut(&Key, Claim) -> Result<()>,
) -> Result<Walked> {
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
    Ok(walked?)
}

/// What can be seen to be wrong with the record without reading it.
pub(super) fn wrong(reading: &Reading) -> Option<String> {
    let wrong = reading.wrong()?;
    Some(format!("{} {wrong}", reading.path().display()))
}

/// What was found to be wrong with it on the way.
pub(super) fn damage(reading: &Reading, walked: &Walked) -> Option<String> {
    let at = walked.damage?;
    Some(format!(
        "{} is damaged at byte {at}",
        reading.path().display()
    ))
}
