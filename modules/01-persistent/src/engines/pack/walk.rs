//! Going through the keys of all blocks, and where those are.

use std::sync::Arc;

use datastore::{Key, Result};

use super::core::Core;
use super::index::Broken;
use super::merge::Merge;
use super::segment::Place;

/// The keys of blocks below `prefix`, in their order.
pub(super) fn keys(
    core: &Arc<Core>,
    prefix: &Key,
) -> Result<Box<dyn Iterator<Item = Result<Key>> + Send>> {
    let Some(tail) = prefix.scope().blocks else {
        return Ok(Box::new(std::iter::empty()));
    };
    let keys = places(core)?.map(|entry| entry.map(|(key, _)| key));
    Ok(Box::new(keys.filter(move |key| {
        let below = |key: &Key| key.as_block().is_some_and(|hash| hash.starts_with(&tail));
        key.as_ref().map_or(true, below)
    })))
}

/// The keys of all blocks, in their order, with their places.
pub(super) fn places(core: &Arc<Core>) -> Result<Walk> {
    let mut walk = Walk {
        core: Arc::clone(core),
        merge: None,
        last: None,
        ended: false,
    };
    walk.begin()?;
    Ok(walk)
}

/// Sees what is there at its beginning, and begins anew behind its last key if a run was damaged.
pub(super) struct Walk {
    core: Arc<Core>,
    merge: Option<Merge>,
    last: Option<Key>,
    ended: bool,
}

impl Walk {
    fn begin(&mut self) -> Result<()> {
        loop {
            match Merge::new(self.core.index.snapshot()) {
                Ok(merge) => {
                    self.merge = Some(merge);
                    return Ok(());
                }
                Err(broken) => self.core.mend(broken)?,
            }
        }
    }

    fn step(&mut self) -> Result<Option<(Key, Place)>> {
        loop {
            let next: Result<_, Broken> = match &mut self.merge {
                Some(merge) => merge.next(),
                None => Ok(None),
            };
            match next {
                Ok(None) => return Ok(None),
                Ok(Some((key, at))) => {
                    let seen = self.last.as_ref().is_some_and(|last| key <= *last);
                    let Some(place) = at.place().filter(|_| !seen) else {
                        continue;
                    };
                    self.last = Some(key.clone());
                    return Ok(Some((key, place)));
                }
                Err(broken) => {
                    self.core.mend(broken)?;
                    self.begin()?;
                }
            }
        }
    }
}

impl Iterator for Walk {
    type Item = Result<(Key, Place)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.step().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
