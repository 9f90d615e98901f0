//! A node of a sharded folder.

use bytes::Bytes;
use dag_ipld::pb::{self, Link};

use super::{HashBits, Places};
use crate::unixfs::{Data, MURMUR3, Type};
use crate::{Cid, Error, Result};

/// The fewest places, one byte of bits.
const MIN_FANOUT: u64 = 8;

/// The most places, as in Kubo.
const MAX_FANOUT: u64 = super::bits::MAX_FANOUT as u64;

/// A node of a sharded folder.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
    /// How many bits of a hash say a place.
    pub(crate) bits: u32,
    /// How many hexadecimal digits a place has in the name of a link.
    digits: usize,
    places: Places,
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
        let fanout = data.fanout.unwrap_or(0);
        if !fanout.is_power_of_two() || !(MIN_FANOUT..=MAX_FANOUT).contains(&fanout) {
            return Err(format!(
                "its fanout is {fanout}, and a power of two from {MIN_FANOUT} to {MAX_FANOUT} is \
                 what there can be"
            ));
        }
        let bytes = data.data.as_ref().map_or(&[][..], |data| &data[..]);
        let places = Places::decode(bytes, fanout as usize).ok_or_else(|| {
            format!(
                "{} bytes say the places of a fanout of {fanout}",
                bytes.len()
            )
        })?;
        if places.count() != node.links.len() {
            return Err(format!(
                "{} places are taken, and there are {} links",
                places.count(),
                node.links.len()
            ));
        }
        Ok(Shard {
            bits: fanout.trailing_zeros(),
            digits: format!("{:X}", fanout - 1).len(),
            places,
            links: node.links,
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
        let place = format!("{place:0digits$X}", digits = self.digits);
        match name.strip_prefix(place.as_bytes()) {
            None => {
                let name = String::from_utf8_lossy(&name);
                Err(format!("the link at place {place} is called {name:?}"))
            }
            Some([]) => Ok(Some(Slot::Shard(link.cid))),
            Some(_) => Ok(Some(Slot::Entry(name.slice(self.digits..), link.clone()))),
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
    hash.next(shard.bits).ok_or_else(deep)
}
