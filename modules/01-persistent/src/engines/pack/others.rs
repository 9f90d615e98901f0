//! Entries of `meta.redb` in an enumeration.

use datastore::{Error, Key, Result};

use crate::engines::meta::{Meta, Part};
use crate::engines::tables::Value;

/// Those that an enumeration has.
pub(super) enum Others<T> {
    There(Part<T>),
    /// It is said at the end, since an enumeration ends at its first error, and blocks can be listed
    /// without.
    Refused(Error),
}

impl<T: Send + 'static> Others<T> {
    /// What `with` makes of those below `prefix`.
    ///
    /// # Errors
    /// Those of reading; of a damaged file only if there are no blocks below `prefix`.
    pub fn below(
        meta: &Meta,
        prefix: &Key,
        with: impl Fn(Key, Value<'_>) -> T + Clone + Send + 'static,
    ) -> Result<Others<T>> {
        match meta.below(prefix, with) {
            Ok((others, odd)) => Ok(Others::There(Box::new(others.chain(odd)))),
            Err(error @ Error::Corrupt { .. }) if prefix.scope().blocks.is_some() => {
                Ok(Others::Refused(error))
            }
            Err(error) => Err(error),
        }
    }

    /// These, and `blocks`.
    pub fn and_then(self, blocks: impl Iterator<Item = Result<T>> + Send + 'static) -> Part<T> {
        match self {
            Others::There(others) => Box::new(others.chain(blocks)),
            Others::Refused(error) => Box::new(blocks.chain(std::iter::once(Err(error)))),
        }
    }
}
