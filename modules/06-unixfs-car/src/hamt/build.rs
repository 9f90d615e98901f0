//! From sorted hashes to the nodes of a trie.

use std::ops::Range;

use dag_ipld::pb;

use super::{Fanout, HashBits, Places};
use crate::folder::List;
use crate::unixfs::{Data, MURMUR3, Meta, Type};
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
        let mut links = Vec::new();
        let mut places = Places::none();
        let mut below = 0;
        let mut start = range.start;
        while start < range.end {
            let place = self.place(start, used)?;
            let mut end = start + 1;
            while end < range.end && self.place(end, used)? == place {
                end += 1;
            }
            let prefix = self.fanout.prefix(place);
            let (cid, name, size) = match end - start {
                1 => {
                    let entry = self.entries.get(start)?;
                    (
                        entry.cid,
                        [prefix.as_bytes(), entry.name].concat(),
                        entry.size,
                    )
                }
                _ => {
                    let child =
                        self.node(start..end, used + self.fanout.bits(), Meta::default(), sink)?;
                    (child.cid, prefix.into_bytes(), child.dag)
                }
            };
            below += size;
            places.insert(place);
            links.push(pb::Link {
                cid,
                name: Some(name.into()),
                size: Some(size),
            });
            start = end;
        }
        let data = Data {
            data: Some(places.encode().into()),
            hash_type: Some(MURMUR3),
            fanout: Some(self.fanout.places() as u64),
            ..Data::new(Type::HAMTShard).with_meta(meta)
        };
        let block = pb::Node {
            links,
            data: Some(data.encode().into()),
        }
        .encode();
        let dag = below + block.len() as u64;
        Ok(Root {
            cid: sink.node(block)?,
            bytes: 0,
            dag,
        })
    }

    fn place(&self, at: usize, used: u32) -> Result<usize> {
        let mut bits = HashBits::of_hash(self.entries.hash(at)).after(used);
        bits.next(self.fanout.bits()).ok_or_else(|| Error::Entry {
            name: String::from_utf8_lossy(self.entries.name(at)).into_owned(),
            reason: "all bits of its hash are those of another name of the folder".into(),
        })
    }
}
