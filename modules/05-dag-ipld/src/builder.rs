//! Builds a value from the pieces that a reader finds, without recursion.

use crate::error::quoted;
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
    /// A map, and whether its last entry has a name and waits for its value.
    Map(Box<Map>, bool),
}

/// Room that is made for entries before they come, of those that are announced. There are
/// [`MAX_DEPTH`](crate::ipld::MAX_DEPTH) levels at most, so that it does not matter if none comes.
const ROOM: u64 = 4;

/// How much of it.
fn room(announced: Option<u64>) -> usize {
    announced.unwrap_or_default().min(ROOM) as usize
}

impl Builder {
    pub(crate) fn new(codec: Codec) -> Builder {
        Builder {
            codec,
            open: Vec::new(),
            done: None,
        }
    }

    /// Opens a list, of so many values if that was said.
    pub(crate) fn list(&mut self, announced: Option<u64>) {
        let items = Vec::with_capacity(room(announced));
        self.open.push(Open::List(items));
    }

    /// Opens a map, of so many entries if that was said.
    pub(crate) fn map(&mut self, announced: Option<u64>) {
        let map = Map::with_capacity(room(announced));
        self.open.push(Open::Map(Box::new(map), false));
    }

    /// Whether a map is open whose next piece is a name.
    pub(crate) fn wants_name(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map(_, false)))
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
        if let Some(Open::Map(map, waits)) = self.open.last_mut() {
            // It is looked for and put in at once; its value comes later.
            let (index, known) = map.insert_full(name, Ipld::Null);
            if known.is_some() {
                let name = map.get_index(index).map_or("", |(name, _)| name);
                let reason = format!("the map has a second entry {}", quoted(name));
                return Err(Error::decode(self.codec, at, reason));
            }
            *waits = true;
        }
        Ok(())
    }

    pub(crate) fn value(&mut self, value: Ipld) {
        match self.open.last_mut() {
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(map, waits)) => {
                if let Some((_, last)) = map.last_mut() {
                    *last = value;
                }
                *waits = false;
            }
            None => self.done = Some(value),
        }
    }

    /// Closes the innermost list or map, and gives it back: it is a value now.
    pub(crate) fn end(&mut self) -> Ipld {
        match self.open.pop() {
            Some(Open::List(items)) => Ipld::List(items),
            Some(Open::Map(map, _)) => Ipld::Map(map),
            None => Ipld::Null,
        }
    }

    /// The value, once the reader is at its end.
    pub(crate) fn finish(self) -> Ipld {
        self.done.unwrap_or(Ipld::Null)
    }
}
