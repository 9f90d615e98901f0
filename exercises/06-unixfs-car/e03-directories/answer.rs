//! 06-3: directories, flat and as a HAMT.

use std::collections::BTreeMap;

use cid::Cid;

use crate::dirs::{Link, Node, Store};
use crate::murmur3;
use crate::proto::{bytes, number};

/// By what the size of a directory is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimate {
    /// The bytes of all names, and of all CIDs in binary: unixfs-v0-2015.
    Links,
    /// The bytes of the block that a flat directory would be: unixfs-v1-2025.
    Block,
}

/// Whether a directory with these entries is a HAMT, and not flat.
pub fn is_sharded(entries: &[Link], estimate: Estimate) -> bool {
    //~ todo: the size by one estimate or the other, against 262,144
    let size = match estimate {
        Estimate::Links => {
            let one = |link: &Link| link.name.len() + link.cid.to_bytes().len();
            entries.iter().map(one).sum()
        }
        Estimate::Block => flat(entries).block().len(),
    };
    size > 262_144
    //~ end
}

/// A flat directory: the entries by name, and Type 1.
pub fn flat(entries: &[Link]) -> Node {
    //~ todo: one block, whatever the order in which the entries come
    let mut links = entries.to_vec();
    links.sort_by(|a, b| a.name.cmp(&b.name));
    let data = number(1, 1);
    Node { links, data }
    //~ end
}

/// Which of the 256 places of a shard an entry has; the root is level 0.
pub fn place(name: &str, level: usize) -> u8 {
    //~ todo: one byte of the hash a level, the first byte first
    murmur3::x64_64(name.as_bytes()).to_be_bytes()[level]
    //~ end
}

/// Stores the shard of this level that has these entries, and the shards below it; a link to it, without a name.
pub fn shard(store: &Store, entries: &[Link], level: usize) -> Link {
    //~ todo: the entries by place; one alone stands here, several get a shard of their own
    let mut places: BTreeMap<u8, Vec<Link>> = BTreeMap::new();
    for entry in entries {
        let place = place(&entry.name, level);
        places.entry(place).or_default().push(entry.clone());
    }
    let mut links = Vec::new();
    let mut taken = [0_u8; 32];
    for (place, group) in places {
        let mut link = match &group[..] {
            [alone] => alone.clone(),
            several => shard(store, several, level + 1),
        };
        link.name = format!("{place:02X}{}", link.name);
        links.push(link);
        taken[31 - usize::from(place / 8)] |= 1 << (place % 8);
    }
    let zeros = taken.iter().take_while(|byte| **byte == 0).count();
    let mut data = number(1, 5);
    data.extend(bytes(2, &taken[zeros..]));
    data.extend(number(5, 0x22));
    data.extend(number(6, 256));
    store.put(Node { links, data })
    //~ end
}

/// The CID of the entry of this name, in a directory that is flat or a HAMT.
pub fn find(store: &Store, root: &Cid, name: &str) -> Option<Cid> {
    //~ todo: by its name; or by its place, level by level
    let mut node = store.get(root)?;
    let named = |node: &Node, name: &str| {
        let found = node.links.iter().find(|link| link.name == name);
        found.map(|link| link.cid)
    };
    for level in 0..8 {
        if !node.is_shard() {
            return named(&node, name);
        }
        let prefix = format!("{:02X}", place(name, level));
        let entry = named(&node, &format!("{prefix}{name}"));
        if entry.is_some() && !name.is_empty() {
            return entry;
        }
        node = store.get(&named(&node, &prefix)?)?;
    }
    None
    //~ end
}
