//! Walking through a table.

use std::ops::Range;

use ::redb::{OwnedAccessGuard, StorageError};
use datastore::{Error, Key, Result};

use super::error::storage;
use super::{TAILS, Table, Tables, Value, definition, fit};

/// A part of a table.
pub(crate) enum Span {
    /// The keys in a half-open range.
    Keys(Range<Vec<u8>>),
    /// The keys that begin so.
    Prefix(Vec<u8>),
}

/// Whether an enumeration looks at values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Keys alone: what is said of values may be cut short.
    Keys,
    /// Keys and values.
    Values,
}

type Entry = Result<
    (
        OwnedAccessGuard<&'static [u8]>,
        OwnedAccessGuard<&'static [u8]>,
    ),
    StorageError,
>;

impl Tables {
    /// What `with` makes of each key and value in `span` of the table, in the order of keys. The
    /// iterator reads the state of now, and ends in [`Error::Closed`] once `self` is dropped.
    pub(crate) fn scan<T: 'static>(
        &self,
        table: Table,
        span: Span,
        want: Want,
        with: impl Fn(Key, Value<'_>) -> T + Send + 'static,
    ) -> Result<impl Iterator<Item = Result<T>> + Send + 'static> {
        let (start, end, prefix) = match span {
            Span::Keys(range) => (range.start, Some(range.end), Vec::new()),
            Span::Prefix(prefix) => (prefix.clone(), None, prefix),
        };
        let txn = self.begin()?;
        let snapshot = self.table(&txn, definition(table))?;
        let tails = match (table, want) {
            (Table::Blocks, Want::Values) => Some(self.table(&txn, TAILS)?),
            _ => None,
        };
        let entries = match end {
            Some(end) => snapshot.range_owned(start.as_slice()..end.as_slice()),
            None => snapshot.range_owned(start.as_slice()..),
        }
        .map_err(|error| self.failed("read", error))?;
        let (engine, path) = (self.engine, self.path.clone());
        let next = move |entry: Entry| {
            let failed = |error| storage(engine, "read", &path, error);
            let (bytes, value) = entry.map_err(failed)?;
            let (bytes, first) = (bytes.value(), value.value());
            if !bytes.starts_with(&prefix) {
                return Ok(None);
            }
            let tail = match &tails {
                Some(tails) if fit::is_full(bytes.len(), first.len()) => {
                    tails.get_owned(bytes).map_err(failed)?
                }
                _ => None,
            };
            let tail = tail.as_ref().map_or(&[][..], |tail| tail.value());
            let key = match table {
                Table::Blocks => Key::block(bytes),
                Table::Meta => Key::from_bytes(bytes),
            };
            let key = key.map_err(|error| Error::Corrupt {
                path: path.clone(),
                what: format!("it holds what no key can be: {error}"),
            })?;
            Ok(Some(with(key, Value { first, tail })))
        };
        // Keys with a prefix are neighbours: past the last there are no more.
        Ok(entries.map(next).map_while(Result::transpose))
    }
}
