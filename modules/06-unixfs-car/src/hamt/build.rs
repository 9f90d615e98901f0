//! From sorted hashes to the nodes of a trie.

use std::ops::Range;

use super::shard::Shard;
use super::{Fanout, HashBits};
use crate::folder::List;
use crate::unixfs::Meta;
use crate::{Error, Result, Root, Sink};

/// The trie of these entries. Its root says `meta`, and the nodes below it nothing.
///
/// # Errors
/// [`Error::Entry`] for a name that is there twice, or shares all bits of its hash with another;
/// those of `sink`.
pub(crate) fn build(
    mut entries: List,
    fanout: Fanout,
    meta: Meta,
    sink: &mut impl Sink,
) -> Result<Root> {
    entries.sort_by_hash()?;
    let build = Build {
        entries: &entries,
        fanout,
    };
    build.node(0..entries.len(), 0, meta, sink)
}

struct Build<'a> {
    entries: &'a List,
    fanout: Fanout,
}

impl Build<'_> {
    /// The node of these entries, whose hashes share the first `used` bits.
    fn node(
        &self,
        range: Range<usize>,
        used: u32,
        meta: Meta,
        sink: &mut impl Sink,
    ) -> Result<Root> {
        let mut shard = Shard::empty(self.fanout);
        let mut start = range.start;
        while start < range.end {
            let place = self.place(start, used)?;
            let mut end = start + 1;
            while end < range.end && self.place(end, used)? == place {
                end += 1;
            }
            if end - start == 1 {
                let entry = self.entries.get(start)?;
                shard.set(place, entry.name, entry.cid, Some(entry.size));
            } else {
                let used = used + self.fanout.bits();
                let child = self.node(start..end, used, Meta::default(), sink)?;
                shard.set(place, b"", child.cid, Some(child.dag));
            }
            start = end;
        }
        shard.close(meta, sink)
    }

    fn place(&self, at: usize, used: u32) -> Result<usize> {
        let mut bits = HashBits::of_hash(self.entries.hash(at)).after(used);
        bits.next(self.fanout.bits()).ok_or_else(|| Error::Entry {
            name: String::from_utf8_lossy(self.entries.name(at)).into_owned(),
            reason: "all bits of its hash are those of another name of the folder".into(),
        })
    }
}
