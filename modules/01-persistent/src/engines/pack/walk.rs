//! Going through the keys of all blocks.

use std::sync::Arc;

use datastore::{Key, Result};

use super::core::Core;
use super::index::Broken;
use super::merge::Merge;

/// The keys of blocks below `prefix`, in their order.
pub(super) fn keys(
    core: &Arc<Core>,
    prefix: &Key,
) -> Result<Box<dyn Iterator<Item = Result<Key>> + Send>> {
    let Some(tail) = prefix.scope().blocks else {
        return Ok(Box::new(std::iter::empty()));
    };
    let mut walk = Walk {
        core: Arc::clone(core),
        merge: None,
        last: None,
        ended: false,
    };
    walk.begin()?;
    Ok(Box::new(walk.filter(move |key| {
        let below = |key: &Key| key.as_block().is_some_and(|hash| hash.starts_with(&tail));
        key.as_ref().map_or(true, below)
    })))
}

/// Sees what is there at its beginning, and begins anew behind its last key if a run was damaged.
struct Walk {
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

    fn step(&mut self) -> Result<Option<Key>> {
        loop {
            let next: Result<_, Broken> = match &mut self.merge {
                Some(merge) => merge.next(),
                None => Ok(None),
            };
            match next {
                Ok(None) => return Ok(None),
                Ok(Some((key, at))) => {
                    let seen = self.last.as_ref().is_some_and(|last| key <= *last);
                    if seen || at.place().is_none() {
                        continue;
                    }
                    self.last = Some(key.clone());
                    return Ok(Some(key));
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
    type Item = Result<Key>;

    fn next(&mut self) -> Option<Result<Key>> {
        if self.ended {
            return None;
        }
        let next = self.step().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
