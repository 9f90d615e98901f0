//! Enumerations that hold nothing of the engine between two pages.
//!
//! An iterator of a log-structured tree keeps files, tables in memory and a snapshot alive, and
//! the engine with them: it could be neither closed nor opened anew before the last of them is
//! dropped. So a page of entries is copied out at a time, and the next page begins behind the last
//! key of this one. No snapshot spans the pages; a datastore promises none, only that what is
//! there throughout is found.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use bytes::Bytes;
use datastore::{Entries, Error, Key, Keys, Result};

/// A page ends behind this many entries, ...
const ENTRIES: usize = 1024;

/// ... or once its values have this many bytes.
const BYTES: usize = 1 << 20;

/// Which of the two places of an engine: one for blocks, one for everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// Other keys, whole.
    Meta,
    /// Blocks, under their multihashes.
    Blocks,
}

/// The place of a key, and the key there.
pub(crate) fn place(key: &Key) -> (Space, &[u8]) {
    match key.as_block() {
        Some(multihash) => (Space::Blocks, multihash),
        None => (Space::Meta, key.as_bytes()),
    }
}

/// The bounds of a page: from `start` (included) to `end` (excluded, `None` for no bound).
pub(crate) struct Bounds<'a> {
    pub space: Space,
    pub start: &'a [u8],
    pub end: Option<&'a [u8]>,
}

/// An engine that can be read in pages.
pub(crate) trait Scan: Send + Sync + 'static {
    /// Gives `page` keys and values in key order until it is full. Values are left empty if
    /// `values` is false.
    fn scan(&self, bounds: &Bounds<'_>, values: bool, page: &mut Page) -> Result<()>;
}

/// What was read at once.
#[derive(Default)]
pub(crate) struct Page {
    entries: Vec<(Vec<u8>, Bytes)>,
    bytes: usize,
    full: bool,
}

impl Page {
    /// Adds an entry; true if there is room for more.
    pub fn push(&mut self, key: &[u8], value: Bytes) -> bool {
        self.bytes += value.len();
        self.entries.push((key.to_vec(), value));
        self.full = self.entries.len() >= ENTRIES || self.bytes >= BYTES;
        !self.full
    }

    /// Where what follows begins; `None` before the first entry.
    pub fn next(&self) -> Option<Vec<u8>> {
        self.entries.last().map(|(key, _)| behind(key))
    }
}

/// The next possible key: none lies between one and itself with a zero behind.
pub(crate) fn behind(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// The way from an enumeration to its engine, which is shut when the engine is dropped.
pub(crate) struct Gate<D>(RwLock<Weak<D>>);

impl<D: Scan> Gate<D> {
    pub fn new(db: &Arc<D>) -> Arc<Gate<D>> {
        Arc::new(Gate(RwLock::new(Arc::downgrade(db))))
    }

    /// Waits for the pages that are being read; later ones are refused. After this no enumeration
    /// keeps the engine.
    pub fn shut(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Weak::new();
    }

    /// Opens it again, to the engine as it is now.
    pub fn open(&self, db: &Arc<D>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(db);
    }

    fn scan(&self, bounds: &Bounds<'_>, values: bool) -> Result<Page> {
        let gate = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let db = gate.upgrade().ok_or(Error::Closed)?;
        let mut page = Page::default();
        db.scan(bounds, values, &mut page)?;
        Ok(page)
    }
}

/// Entries strictly below `prefix`.
pub(crate) fn entries<D: Scan>(
    gate: &Arc<Gate<D>>,
    path: PathBuf,
    prefix: &Key,
) -> Entries<'static> {
    Box::new(pages(gate, path, prefix, true))
}

/// Keys strictly below `prefix`.
pub(crate) fn keys<D: Scan>(gate: &Arc<Gate<D>>, path: PathBuf, prefix: &Key) -> Keys<'static> {
    Box::new(pages(gate, path, prefix, false).map(|entry| entry.map(|(key, _)| key)))
}

/// Other keys first, then blocks. `path` is named in errors.
fn pages<D: Scan>(
    gate: &Arc<Gate<D>>,
    path: PathBuf,
    prefix: &Key,
    values: bool,
) -> impl Iterator<Item = Result<(Key, Bytes)>> + Send + 'static {
    let scope = prefix.scope();
    let others = scope
        .others
        .map(|range| (Space::Meta, range.start, Some(range.end)));
    let blocks = scope.blocks.map(|prefix| {
        let end = successor(&prefix);
        (Space::Blocks, prefix, end)
    });
    let gate = Arc::clone(gate);
    others
        .into_iter()
        .chain(blocks)
        .flat_map(move |(space, start, end)| Pages {
            gate: Arc::clone(&gate),
            path: path.clone(),
            space,
            start: Some(start),
            end,
            values,
            page: Vec::new().into_iter(),
        })
}

struct Pages<D> {
    gate: Arc<Gate<D>>,
    path: PathBuf,
    space: Space,
    // Where the next page begins; `None` behind the last.
    start: Option<Vec<u8>>,
    end: Option<Vec<u8>>,
    values: bool,
    page: std::vec::IntoIter<(Vec<u8>, Bytes)>,
}

impl<D: Scan> Pages<D> {
    fn turn(&mut self, start: Vec<u8>) -> Result<()> {
        let bounds = Bounds {
            space: self.space,
            start: &start,
            end: self.end.as_deref(),
        };
        let page = self.gate.scan(&bounds, self.values)?;
        if page.full {
            self.start = page.next();
        }
        self.page = page.entries.into_iter();
        Ok(())
    }

    fn key(&self, bytes: &[u8]) -> Result<Key> {
        match self.space {
            Space::Blocks => Key::block(bytes),
            Space::Meta => Key::from_bytes(bytes),
        }
        .map_err(|error| Error::Corrupt {
            path: self.path.clone(),
            what: format!("it holds what no key can be: {error}"),
        })
    }
}

impl<D: Scan> Iterator for Pages<D> {
    type Item = Result<(Key, Bytes)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.page.next() {
                return Some(self.key(&key).map(|key| (key, value)));
            }
            let start = self.start.take()?;
            if let Err(error) = self.turn(start) {
                return Some(Err(error));
            }
        }
    }
}

/// The first key behind all that begin with `prefix`, or `None` if there is none.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    /// A map, and the largest page that was asked of it.
    struct Map(BTreeMap<Vec<u8>, Bytes>, Mutex<usize>);

    impl Scan for Map {
        fn scan(&self, bounds: &Bounds<'_>, values: bool, page: &mut Page) -> Result<()> {
            if bounds.space == Space::Meta {
                return Ok(());
            }
            for (key, value) in self.0.range(bounds.start.to_vec()..) {
                if bounds.end.is_some_and(|end| key.as_slice() >= end) {
                    break;
                }
                let value = if values { value.clone() } else { Bytes::new() };
                if !page.push(key, value) {
                    break;
                }
            }
            let mut largest = self.1.lock().unwrap();
            *largest = page.entries.len().max(*largest);
            Ok(())
        }
    }

    fn map(count: u32, len: usize) -> Arc<Map> {
        let value = Bytes::from(vec![7; len]);
        let entries = (0..count).map(|n| (n.to_be_bytes().to_vec(), value.clone()));
        Arc::new(Map(entries.collect(), Mutex::new(0)))
    }

    #[test]
    fn pages_meet_without_a_gap_or_a_double() {
        for count in [0, 1, 1023, 1024, 1025, 5000] {
            let map = map(count, 0);
            let gate = Gate::new(&map);
            let found: Vec<Key> = keys(&gate, PathBuf::new(), &Key::root())
                .collect::<Result<_>>()
                .unwrap();
            let all: Vec<Key> = map.0.keys().map(|key| Key::block(key).unwrap()).collect();
            assert_eq!(found, all);
        }
    }

    #[test]
    fn a_page_is_bounded_in_bytes() {
        let map = map(50, 300_000);
        let gate = Gate::new(&map);
        assert_eq!(entries(&gate, PathBuf::new(), &Key::blocks()).count(), 50);
        assert_eq!(*map.1.lock().unwrap(), 4);
    }

    #[test]
    fn an_enumeration_ends_with_its_engine_and_does_not_keep_it() {
        let map = map(5000, 0);
        let gate = Gate::new(&map);
        let mut keys = keys(&gate, PathBuf::new(), &Key::root());
        keys.next().unwrap().unwrap();
        gate.shut();
        assert_eq!(Arc::strong_count(&map), 1);
        let rest: Vec<_> = keys.collect();
        assert!(matches!(rest.last(), Some(Err(Error::Closed))));
        assert_eq!(rest.len(), ENTRIES);
    }

    #[test]
    fn the_end_of_a_prefix_carries() {
        assert_eq!(successor(b""), None);
        assert_eq!(successor(&[0xff, 0xff]), None);
        assert_eq!(successor(&[1, 0xff]), Some(vec![2]));
        assert_eq!(successor(b"ab"), Some(b"ac".to_vec()));
    }
}
