//! Enumerations made of others. Each ends at its first error.

use datastore::{Key, Result};

/// What `keep` makes of each item, if anything.
pub(crate) fn keep<T, U>(
    items: impl Iterator<Item = Result<T>>,
    mut keep: impl FnMut(T) -> Option<U>,
) -> impl Iterator<Item = Result<U>> {
    items.filter_map(move |item| match item {
        Ok(item) => keep(item).map(Ok),
        Err(error) => Some(Err(error)),
    })
}

/// The same items, up to and with the first error.
pub(crate) fn until_error<T>(
    items: impl Iterator<Item = Result<T>>,
) -> impl Iterator<Item = Result<T>> {
    let mut failed = false;
    items.map_while(move |item| {
        (!failed).then(|| {
            failed = item.is_err();
            item
        })
    })
}

/// What an enumeration gives: a key, or a key and its value.
pub(crate) trait Keyed {
    fn key(&self) -> &Key;
}

impl Keyed for Key {
    fn key(&self) -> &Key {
        self
    }
}

impl<V> Keyed for (Key, V) {
    fn key(&self) -> &Key {
        &self.0
    }
}

/// Several enumerations as one: other keys in key order, then blocks. No key is in two of them.
pub(crate) fn merge<'a, T: Keyed + 'a>(
    parts: Vec<Box<dyn Iterator<Item = Result<T>> + Send + 'a>>,
) -> impl Iterator<Item = Result<T>> + 'a {
    let mut parts: Vec<_> = parts.into_iter().map(Iterator::peekable).collect();
    until_error(std::iter::from_fn(move || {
        // An error comes first, then the least key; a block comes after any other key.
        let next = parts
            .iter_mut()
            .filter_map(|part| {
                let rank = part.peek()?.as_ref().ok().map(|item| {
                    let key = item.key();
                    match key.as_block() {
                        Some(_) => (true, None),
                        None => (false, Some(key.clone())),
                    }
                });
                Some((rank, part))
            })
            .min_by(|(a, _), (b, _)| a.cmp(b));
        next?.1.next()
    }))
}
