//! Builds a value from the pieces that a reader finds, without recursion.

use crate::ipld::{Ipld, Map};
use crate::{Codec, Error, Result};

/// A value in the making. The reader before it has checked that pieces come in an order that
/// makes one.
pub(crate) struct Builder {
    codec: Codec,
    /// The lists and maps that are open, the innermost last.
    open: Vec<Open>,
    done: Option<Ipld>,
}

enum Open {
    List(Vec<Ipld>),
    /// A map, and the name whose value comes next.
    Map(Map, Option<String>),
}

impl Builder {
    pub(crate) fn new(codec: Codec) -> Builder {
        Builder {
            codec,
            open: Vec::new(),
            done: None,
        }
    }

    pub(crate) fn list(&mut self) {
        self.open.push(Open::List(Vec::new()));
    }

    pub(crate) fn map(&mut self) {
        self.open.push(Open::Map(Map::new(), None));
    }

    /// Whether a map is open whose next piece is a name.
    pub(crate) fn wants_name(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map(_, None)))
    }

    /// The name before this one in the innermost map.
    pub(crate) fn last_name(&self) -> Option<&str> {
        match self.open.last() {
            Some(Open::Map(map, _)) => map.last().map(|(name, _)| name.as_str()),
            _ => None,
        }
    }

    /// The name at byte `at`.
    pub(crate) fn name(&mut self, at: usize, name: String) -> Result<()> {
        if let Some(Open::Map(map, next)) = self.open.last_mut() {
            if map.contains_key(&name) {
                let reason = format!("the map has a second entry {name:?}");
                return Err(Error::decode(self.codec, at, reason));
            }
            *next = Some(name);
        }
        Ok(())
    }

    pub(crate) fn value(&mut self, value: Ipld) {
        match self.open.last_mut() {
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(map, name)) => {
                map.insert(name.take().unwrap_or_default(), value);
            }
            None => self.done = Some(value),
        }
    }

    /// Closes the innermost list or map, and gives it back: it is a value now.
    pub(crate) fn end(&mut self) -> Ipld {
        match self.open.pop() {
            Some(Open::List(items)) => Ipld::List(items),
            Some(Open::Map(map, _)) => Ipld::from(map),
            None => Ipld::Null,
        }
    }

    /// The value, once the reader is at its end.
    pub(crate) fn finish(self) -> Ipld {
        self.done.unwrap_or(Ipld::Null)
    }
}
