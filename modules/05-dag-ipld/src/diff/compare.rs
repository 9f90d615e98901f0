//! Two blocks, value by value.

use std::collections::{BTreeMap, HashMap};

use super::{Change, Item, Pairs};
use crate::{Cid, Ipld, Segment, Trail, link, pb};

/// A block that can be looked into.
pub(super) enum Side {
    Pb(pb::Node),
    Value(Ipld),
}

/// Compares two blocks.
pub(super) struct Compare<'a, T> {
    pub(super) pairs: &'a mut Pairs,
    pub(super) tell: &'a mut T,
    /// Whether they differ in something that is told here, or for a pair that stands in them.
    pub(super) is_told: bool,
}

impl<E, T: FnMut(Change) -> Result<(), E>> Compare<'_, T> {
    pub(super) fn sides(&mut self, path: &Trail, before: Side, after: Side) -> Result<(), E> {
        match (before, after) {
            (Side::Pb(before), Side::Pb(after)) => self.nodes(path, before, after),
            (Side::Value(before), Side::Value(after)) => self.values(path, before, after),
            // A folder became something else: all of it did.
            _ => Ok(()),
        }
    }

    fn nodes(&mut self, path: &Trail, before: pb::Node, after: pb::Node) -> Result<(), E> {
        if before.data != after.data {
            let data =
                |node: &pb::Node| node.data.clone().map(|data| Item::Value(Ipld::from(data)));
            self.tell(path.step("Data"), data(&before), data(&after))?;
        }
        let (mut before, mut after) = (by_name(&before), by_name(&after));
        let keys: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
        for key in keys {
            let sides = (before.remove(&key), after.remove(&key));
            let (name, at) = key;
            let path = link::step(path, at, name);
            match sides {
                (Some(before), Some(after)) => self.pair(path, before, after),
                // A key that both had comes twice.
                (None, None) => {}
                (before, after) => {
                    self.tell(path, before.map(Item::Link), after.map(Item::Link))?;
                }
            }
        }
        Ok(())
    }

    fn values(&mut self, path: &Trail, before: Ipld, after: Ipld) -> Result<(), E> {
        match (before, after) {
            (Ipld::Link(before), Ipld::Link(after)) => {
                self.pair(path.clone(), *before, *after);
                Ok(())
            }
            (Ipld::Map(mut before), Ipld::Map(mut after)) => {
                let keys: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
                for key in keys {
                    let sides = (before.swap_remove(&key), after.swap_remove(&key));
                    self.both(path, key, sides)?;
                }
                Ok(())
            }
            (Ipld::List(before), Ipld::List(after)) => {
                let len = before.len().max(after.len());
                let (mut before, mut after) = (before.into_iter(), after.into_iter());
                for at in 0..len {
                    self.both(path, at, (before.next(), after.next()))?;
                }
                Ok(())
            }
            (before, after) if is_same(&before, &after) => Ok(()),
            (before, after) => self.tell(path.clone(), Some(item(before)), Some(item(after))),
        }
    }

    /// What stands under one key or index.
    fn both(
        &mut self,
        path: &Trail,
        key: impl Into<Segment>,
        sides: (Option<Ipld>, Option<Ipld>),
    ) -> Result<(), E> {
        match sides {
            (None, None) => Ok(()),
            (Some(before), Some(after)) => self.values(&path.step(key), before, after),
            (before, after) => self.tell(path.step(key), before.map(item), after.map(item)),
        }
    }

    /// Two links that stand at one path.
    fn pair(&mut self, path: Trail, before: Cid, after: Cid) {
        self.is_told |= self.pairs.push(path, before, after);
    }

    fn tell(&mut self, path: Trail, before: Option<Item>, after: Option<Item>) -> Result<(), E> {
        self.is_told = true;
        (self.tell)(Change {
            path,
            before,
            after,
        })
    }
}

/// Whether two values without parts are one. Floats are by their bits: `-0.0` is not `0.0`, and what is no
/// number is itself.
fn is_same(before: &Ipld, after: &Ipld) -> bool {
    match (before, after) {
        (Ipld::Float(before), Ipld::Float(after)) => before.to_bits() == after.to_bits(),
        _ => before == after,
    }
}

fn item(value: Ipld) -> Item {
    match value {
        Ipld::Link(cid) => Item::Link(*cid),
        value => Item::Value(value),
    }
}

/// The links of a node by name and, since one may come twice, which of that name it is; without a name,
/// by index.
fn by_name(node: &pb::Node) -> BTreeMap<(Option<String>, usize), Cid> {
    let mut links = BTreeMap::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (at, link) in node.links.iter().enumerate() {
        let key = match link::name(link) {
            None => (None, at),
            Some(name) => {
                let count = counts.entry(name.clone()).or_default();
                *count += 1;
                (Some(name), *count - 1)
            }
        };
        links.insert(key, link.cid);
    }
    links
}
