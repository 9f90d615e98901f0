//! Where a block is cut, so that it fills its pages and no more.
//!
//! ```text
//! 262,144 bytes whole      4 + 8 + 34 + 262,144  ->  a page of 524,288 bytes, half of it empty
//!
//! cut at 262,098           4 + 8 + 34 + 262,098  ->  a page of 262,144 bytes, full
//!                          4 + 8 + 34 +      46  ->  a place in a page of 4,096, shared
//! ```
//!
//! redb gives a value of its own a page of a power of two, with 12 bytes and the key in front.
//! Chunks of files are powers of two themselves, or a few bytes more, so each would just miss its
//! page and get twice the bytes. Those are cut where the page is full, and the rest, the *tail*,
//! goes into a table of tails.
//!
//! Nothing has to say so: a first part that fills its page exactly may have a tail, any other has
//! none. A block that is as long as that by itself has no entry among the tails.
//!
//! Seen in batches of 64 at 256 KiB: 2.19 bytes on disk for each byte whole, 1.09 one byte below
//! the edge; and a put in a third of the time, since the empty half is written too.
//! `cargo run --release -p persistent --example tune -- redb 262099 1000 64`, and with 262098

use std::ops::Range;

use bytes::Bytes;

/// What a page holds beside one key and its value: the kind and the number of entries, and where
/// the key and the value end.
const OVERHEAD: usize = 12;

/// The smallest page that is worth filling.
const MIN_PAGE: usize = 4096;

/// The longest tail. Chunks in a UnixFS node are 14 bytes longer than what they hold.
const MAX_TAIL: usize = 256;

/// How long the value is that fills a page of `page` bytes under a key of `key` bytes.
pub(crate) fn room(key: usize, page: usize) -> usize {
    page.saturating_sub(OVERHEAD + key)
}

/// Whether a value of `len` bytes fills its page, so that it may have a tail.
pub(crate) fn is_full(key: usize, len: usize) -> bool {
    let page = len + OVERHEAD + key;
    page >= MIN_PAGE && page.is_power_of_two()
}

/// The part that fills a page, and its tail; the tail is empty if the value is better left whole.
pub(super) fn cut(key: usize, value: &[u8]) -> (&[u8], &[u8]) {
    let whole = value.len() + OVERHEAD + key;
    // The largest page that the value does not fit, if it fits none smaller than itself.
    let page = whole.next_power_of_two() / 2;
    if page >= MIN_PAGE
        && whole > page
        && whole - page <= MAX_TAIL
        && let Some(parts) = value.split_at_checked(room(key, page))
    {
        return parts;
    }
    (value, &[])
}

/// A value as it lies in the tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    pub(super) first: &'a [u8],
    pub(super) tail: &'a [u8],
}

impl Value<'_> {
    /// Its length, in bytes.
    pub(crate) fn len(self) -> u64 {
        (self.first.len() + self.tail.len()) as u64
    }

    /// A copy of it.
    pub(crate) fn bytes(self) -> Bytes {
        // Copied: a reference into the page would hold its whole transaction, and so every page
        // replaced since, for as long as a caller keeps the value.
        if self.tail.is_empty() {
            return Bytes::copy_from_slice(self.first);
        }
        let mut bytes = Vec::with_capacity(self.first.len() + self.tail.len());
        bytes.extend_from_slice(self.first);
        bytes.extend_from_slice(self.tail);
        bytes.into()
    }

    /// A copy of a part, cut where the value ends.
    pub(crate) fn range(self, range: Range<u64>) -> Bytes {
        let start = range.start.min(self.len()) as usize;
        let end = range.end.clamp(start as u64, self.len()) as usize;
        let middle = self.first.len();
        let part = |bytes: &'_ [u8], start: usize, end: usize| -> Vec<u8> {
            bytes.get(start..end).unwrap_or_default().to_vec()
        };
        let mut bytes = part(self.first, start.min(middle), end.min(middle));
        bytes.extend(part(
            self.tail,
            start.saturating_sub(middle),
            end.saturating_sub(middle),
        ));
        bytes.into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn chunks_fill_their_pages() {
        for (len, tail) in [
            (262_097, 0),
            (262_098, 0),
            (262_099, 1),
            (262_144, 46),
            (262_158, 60),
            (262_098 + 256, 256),
            (262_098 + 257, 0),
            (1 << 20, 46),
            (4096, 46),
            (4050, 0),
            (2048, 0),
            (0, 0),
        ] {
            let value = vec![7; len];
            let (first, rest) = cut(34, &value);
            assert_eq!(rest.len(), tail, "{len}");
            assert_eq!(first.len() + rest.len(), len);
            assert!(tail == 0 || is_full(34, first.len()), "{len}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_that_of_the_whole(
            value in proptest::collection::vec(any::<u8>(), 0..80),
            at in 0usize..80, start in 0u64..100, len in 0u64..100,
        ) {
            let (first, tail) = value.split_at(at.min(value.len()));
            let cut = Value { first, tail };
            let whole = Bytes::from(value.clone());
            prop_assert_eq!(cut.bytes(), &whole);
            prop_assert_eq!(cut.len(), value.len() as u64);
            let range = start..start + len;
            prop_assert_eq!(cut.range(range.clone()), datastore::store::slice(&whole, range));
        }
    }
}
