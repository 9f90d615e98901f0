//! Looking at what lies under the blocks: `verify` asks for it.

use std::sync::Arc;

use datastore::{Error, Key, Result};

use super::core::{Core, lock};
use super::section::{Frame, MAX_HEAD};
use super::walk;

impl Core {
    /// Looks at the index and at the head of every block that it names, and changes nothing.
    pub fn prove(self: &Arc<Self>) -> Result<()> {
        // Nothing moves meanwhile.
        let _compaction = lock(&self.compaction);
        for key in walk::keys(self, &Key::blocks())? {
            let key = key?;
            let Some(place) = self.place(&key)? else {
                continue;
            };
            let path = self.segments.path(place.at.segment);
            let file = self.segments.file(place.at.segment)?;
            let mut head = vec![0; MAX_HEAD.min(place.len as usize)];
            let read = file.read_exact_at(&mut head, place.at.offset);
            let right = read.is_ok()
                && Frame::read(&head).is_some_and(|frame| {
                    frame.len == place.len as usize
                        && key.as_block() == Some(frame.multihash(&head))
                });
            if !right {
                let at = place.at.offset;
                let what = format!(
                    "the head of the section at byte {at} is damaged, and no other reader of CARs \
                     gets past it; salvage the store"
                );
                return Err(Error::Corrupt { path, what });
            }
        }
        Ok(())
    }
}
