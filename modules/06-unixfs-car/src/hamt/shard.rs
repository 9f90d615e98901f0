//! A node of a sharded folder.

use bytes::Bytes;
use dag_ipld::pb::{self, Link};

use super::{Fanout, HashBits, Places};
use crate::unixfs::{Data, MURMUR3, Meta, Type};
use crate::{Cid, Error, Result, Root, Sink};

/// A node of a sharded folder.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
    pub(crate) fanout: Fanout,
    places: Places,
    /// One for each place that is taken, in their order.
    links: Vec<Link>,
}

/// What is at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// An entry: its name, and the link, which has the place before the name.
    Entry(Bytes, Link),
    /// A node with more.
    Shard(Cid),
}

impl Shard {
    /// The node.
    ///
    /// # Errors
    /// Why it is no node of a sharded folder.
    pub(crate) fn of(node: pb::Node, data: &Data) -> Result<Shard, String> {
        if data.kind != Type::HAMTShard {
            return Err("it is no node of a sharded folder".into());
        }
        match data.hash_type {
            Some(MURMUR3) => {}
            Some(other) => return Err(format!("its hash is {other:#x}, and only 0x22 is known")),
            None => return Err("it does not say its hash".into()),
        }
        let said = data.fanout.unwrap_or(0);
        let fanout = usize::try_from(said)
            .ok()
            .and_then(|places| Fanout::new(places).ok());
        let fanout = fanout.ok_or_else(|| {
            format!("its fanout is {said}, and a power of two from 8 to 1024 is what there can be")
        })?;
        let bytes = data.data.as_ref().map_or(&[][..], |data| &data[..]);
        let places = Places::decode(bytes, fanout.places())
            .ok_or_else(|| format!("{} bytes say the places of a fanout of {said}", bytes.len()))?;
        if places.count() != node.links.len() {
            return Err(format!(
                "{} places are taken, and there are {} links",
                places.count(),
                node.links.len()
            ));
        }
        Ok(Shard {
            fanout,
            places,
            links: node.links,
        })
    }

    /// A node without entries.
    pub(crate) fn empty(fanout: Fanout) -> Shard {
        Shard {
            fanout,
            places: Places::none(),
            links: Vec::new(),
        }
    }

    /// How many places are taken.
    pub(crate) fn len(&self) -> usize {
        self.links.len()
    }

    /// The one place that is taken, if it is one.
    pub(crate) fn only(&self) -> Option<usize> {
        self.places.iter().next().filter(|_| self.len() == 1)
    }

    /// Has this place lead to an entry, or, without a name, to a node.
    pub(crate) fn set(&mut self, place: usize, name: &[u8], cid: Cid, size: Option<u64>) {
        let name = [self.fanout.prefix(place).as_bytes(), name].concat();
        let link = Link {
            cid,
            name: Some(name.into()),
            size,
        };
        let at = self.places.below(place);
        match self.links.get_mut(at).filter(|_| self.places.has(place)) {
            Some(there) => *there = link,
            None => self.links.insert(at, link),
        }
        self.places.insert(place);
    }

    /// Has this place lead nowhere.
    pub(crate) fn clear(&mut self, place: usize) {
        if self.places.has(place) {
            self.links.remove(self.places.below(place));
            self.places.remove(place);
        }
    }

    /// Gives the block away. The root of a folder says `meta`, and the nodes below it nothing.
    pub(crate) fn close(self, meta: Meta, sink: &mut impl Sink) -> Result<Root> {
        let places = self.places.encode();
        let data = Data {
            data: (!places.is_empty()).then(|| places.into()),
            hash_type: Some(MURMUR3),
            fanout: Some(self.fanout.places() as u64),
            ..Data::new(Type::HAMTShard).with_meta(meta)
        };
        let below = self.links.iter().filter_map(|link| link.size);
        let below = below.fold(0, u64::saturating_add);
        let node = pb::Node {
            links: self.links,
            data: Some(data.encode().into()),
        };
        let block = node.encode();
        let dag = below.saturating_add(block.len() as u64);
        Ok(Root {
            cid: sink.node(block)?,
            bytes: 0,
            dag,
        })
    }

    /// What is at this place.
    ///
    /// # Errors
    /// Why the link there is none of a sharded folder.
    pub(crate) fn slot(&self, place: usize) -> Result<Option<Slot>, String> {
        if !self.places.has(place) {
            return Ok(None);
        }
        let Some(link) = self.links.get(self.places.below(place)) else {
            return Ok(None);
        };
        let name = link.name.clone().unwrap_or_default();
        let place = self.fanout.prefix(place);
        match name.strip_prefix(place.as_bytes()) {
            None => {
                let name = String::from_utf8_lossy(&name);
                Err(format!("the link at place {place} is called {name:?}"))
            }
            Some([]) => Ok(Some(Slot::Shard(link.cid))),
            Some(_) => Ok(Some(Slot::Entry(name.slice(place.len()..), link.clone()))),
        }
    }
}

/// A fault of a node within the sharded folder `folder`.
pub(crate) fn damaged(folder: &Cid, cid: &Cid, reason: String) -> Error {
    Error::Folder {
        folder: Box::new(*folder),
        cid: Box::new(*cid),
        reason,
    }
}

/// The place of a name in a node, where the bits so far have led.
///
/// # Errors
/// If the hash has no bits left.
pub(crate) fn place(hash: &mut HashBits, shard: &Shard) -> Result<usize, String> {
    let deep = || "it is deeper than a hash of 64 bits can say".to_owned();
    hash.next(shard.fanout.bits()).ok_or_else(deep)
}
