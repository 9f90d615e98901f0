//! Keys: slash-separated names, with one corner for multihashes.
//!
//! ```text
//! /pins/recursive/QmFoo     text, chosen by whoever keeps the value
//! /blocks/<34 bytes>        a block: the tail is the multihash itself, not text
//! ```
//!
//! A key is bytes that begin with `/`. Two facts make "everything below this key" cheap in
//! every ordered engine: the children of `/pins` are exactly the keys that begin with `/pins/`,
//! so `/pinsize` stays out; and because that prefix ends in `/` (0x2f), the range ends just
//! before the same bytes ending in `0` (0x30).
//!
//! Block keys are binary. Written in base32, as Kubo's datastore keys are, a key of 34 bytes
//! becomes 55, which every index then stores, compares and caches; `cargo bench -p benches
//! --bench keys` shows what that costs. Only people see base32, when a key is displayed.

use std::fmt;
use std::ops::Range;

use smallvec::SmallVec;

use crate::{Error, Result};

/// The longest key, in bytes. Longer names are refused by [`Key::new`] and [`Key::block`].
pub const MAX_LEN: usize = 1024;

/// The longest multihash of a block's key, in bytes: what fits the name of a file, in base32 and
/// with an extension (255). Kubo's longest is 132: a code, a length and an identity digest of 128.
pub const MAX_MULTIHASH: usize = 156;

const BLOCKS: &[u8] = b"/blocks/";

/// The name of a value: `/` alone (the root, which holds no value), `/a/b`, or
/// `/blocks/` + multihash.
///
/// Keys of up to 48 bytes, and so those of all sha2-256 blocks, live without an allocation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(SmallVec<[u8; 48]>);

/// What a query below a key covers, for engines that keep blocks apart from other keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The half-open range of whole keys outside `/blocks/`, if any can lie below the prefix.
    /// It may still span `/blocks/…`, where an engine of this kind keeps nothing.
    pub others: Option<Range<Vec<u8>>>,
    /// The prefix that the tails of block keys must have, if blocks lie below the prefix.
    pub blocks: Option<Vec<u8>>,
}

impl Key {
    /// A key from text such as `/pins/root`.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] if the text does not begin with `/`, ends with `/` (other than the
    /// root `/` itself), has an empty, `.` or `..` segment or a NUL, or is longer than
    /// [`MAX_LEN`] bytes.
    pub fn new(text: &str) -> Result<Key> {
        let invalid = |reason| {
            Err(Error::InvalidKey {
                key: text.to_owned(),
                reason,
            })
        };
        let Some(rest) = text.strip_prefix('/') else {
            return invalid("a key begins with '/', as in /pins/root");
        };
        if text.len() > MAX_LEN {
            return invalid("a key has at most 1,024 bytes");
        }
        if !rest.is_empty() {
            for segment in rest.split('/') {
                match segment {
                    "" => return invalid("a key has no empty segment and no '/' at its end"),
                    "." | ".." => return invalid("a key has no segment '.' or '..'"),
                    s if s.contains('\0') => return invalid("a key has no NUL"),
                    _ => {}
                }
            }
        }
        Ok(Key(SmallVec::from_slice(text.as_bytes())))
    }

    /// The key above all others, `/`. It holds no value; it is where a query of everything
    /// begins.
    pub fn root() -> Key {
        Key(SmallVec::from_slice(b"/"))
    }

    /// The key above all blocks, `/blocks`.
    pub fn blocks() -> Key {
        Key(SmallVec::from_slice(b"/blocks"))
    }

    /// The key of the block with this multihash (binary: code, length, digest).
    ///
    /// # Errors
    /// [`Error::InvalidKey`] if `multihash` is empty or longer than [`MAX_MULTIHASH`].
    pub fn block(multihash: &[u8]) -> Result<Key> {
        if multihash.is_empty() || multihash.len() > MAX_MULTIHASH {
            return Err(Error::InvalidKey {
                key: format!("/blocks/ and {} bytes", multihash.len()),
                reason: "a multihash has between 1 and 156 bytes",
            });
        }
        let mut key = SmallVec::with_capacity(BLOCKS.len() + multihash.len());
        key.extend_from_slice(BLOCKS);
        key.extend_from_slice(multihash);
        Ok(Key(key))
    }

    /// A key from the bytes that [`Key::as_bytes`] gave, as an engine reads them back.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] if they could not have come from a key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Key> {
        if let Some(multihash) = bytes.strip_prefix(BLOCKS) {
            return Key::block(multihash);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Key::new(text),
            Err(_) => Err(Error::InvalidKey {
                key: String::from_utf8_lossy(bytes).into_owned(),
                reason: "a key outside /blocks is UTF-8",
            }),
        }
    }

    /// The key as bytes; their order is the key order.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The multihash, if this is the key of a block.
    pub fn as_block(&self) -> Option<&[u8]> {
        self.0.strip_prefix(BLOCKS)
    }

    /// The prefix that exactly the strict children of this key have: `/foo/` for `/foo`.
    pub fn dir(&self) -> Vec<u8> {
        let mut dir = self.0.to_vec();
        if dir != b"/" {
            dir.push(b'/');
        }
        dir
    }

    /// Whether `self` lies strictly below `prefix`.
    pub fn is_below(&self, prefix: &Key) -> bool {
        let parent = prefix.as_bytes();
        match self.0.strip_prefix(parent) {
            Some(rest) if parent == b"/" => !rest.is_empty(),
            Some(rest) => rest.len() > 1 && rest.first() == Some(&b'/'),
            None => false,
        }
    }

    /// This key moved below `prefix`: `/a/b` below `/x` is `/x/a/b`, and the root below `/x` is
    /// `/x` itself.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] if that is longer than [`MAX_LEN`] bytes, or if this is the key of a
    /// block, which has one place only.
    pub fn below(&self, prefix: &Key) -> Result<Key> {
        let root = b"/";
        if prefix.as_bytes() == root {
            return Ok(self.clone());
        }
        if self.as_bytes() == root {
            return Ok(prefix.clone());
        }
        let len = prefix.0.len() + self.0.len();
        let reason = if self.as_block().is_some() {
            "the key of a block has one place, below /blocks"
        } else if len > MAX_LEN {
            "a key has at most 1,024 bytes"
        } else {
            let mut key = SmallVec::with_capacity(len);
            key.extend_from_slice(prefix.as_bytes());
            key.extend_from_slice(self.as_bytes());
            return match prefix.as_bytes() {
                b"/blocks" => Key::from_bytes(&key),
                _ => Ok(Key(key)),
            };
        };
        let key = format!("{prefix}{self}");
        Err(Error::InvalidKey { key, reason })
    }

    /// The key that lies below `prefix` as this one does, or `None` if this one does not: the
    /// reverse of [`below`](Key::below).
    pub fn beyond(&self, prefix: &Key) -> Option<Key> {
        if !self.is_below(prefix) {
            return None;
        }
        match prefix.as_bytes() {
            b"/" => Some(self.clone()),
            prefix => Key::from_bytes(self.0.get(prefix.len()..)?).ok(),
        }
    }

    /// The strict children of this key as a half-open range of key bytes.
    pub fn range(&self) -> Range<Vec<u8>> {
        let start = self.dir();
        let mut end = start.clone();
        if let Some(last) = end.last_mut() {
            *last = b'/' + 1;
        }
        start..end
    }

    /// What lies below this key, for an engine that keeps blocks in a place of their own.
    pub fn scope(&self) -> Scope {
        let dir = self.dir();
        if dir == b"/" {
            Scope {
                others: Some(self.range()),
                blocks: Some(Vec::new()),
            }
        } else if let Some(tail) = dir.strip_prefix(BLOCKS) {
            Scope {
                others: None,
                blocks: Some(tail.to_vec()),
            }
        } else {
            Scope {
                others: Some(self.range()),
                blocks: None,
            }
        }
    }
}

/// Text as it is; the multihash of a block in base32 (RFC 4648, upper case, unpadded), which is
/// how Kubo names the same block.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_block() {
            Some(hash) => write!(f, "/blocks/{}", data_encoding::BASE32_NOPAD.encode(hash)),
            None => f.write_str(&String::from_utf8_lossy(&self.0)),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

impl std::str::FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Key> {
        Key::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sibling_with_the_same_beginning_is_no_child() {
        let foo = Key::new("/foo").unwrap();
        assert!(Key::new("/foo/bar").unwrap().is_below(&foo));
        assert!(!Key::new("/foobar").unwrap().is_below(&foo));
        assert!(!foo.is_below(&foo), "a key is not below itself");
        assert!(foo.is_below(&Key::root()));
        assert!(!Key::root().is_below(&Key::root()));
    }

    #[test]
    fn bad_text_is_refused_and_named() {
        for text in ["", "foo", "/foo/", "//", "/a//b", "/a/../b", "/.", "/a\0b"] {
            let error = Key::new(text).unwrap_err().to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
        assert!(Key::new(&format!("/{}", "x".repeat(MAX_LEN))).is_err());
        assert!(Key::block(&[]).is_err());
        assert!(Key::block(&[0; MAX_MULTIHASH]).is_ok());
        assert!(Key::block(&[0; MAX_MULTIHASH + 1]).is_err());
    }

    #[test]
    fn a_sha2_256_key_needs_no_allocation() {
        assert!(!Key::block(&[7; 34]).unwrap().0.spilled());
    }

    #[test]
    fn a_multihash_may_hold_any_byte() {
        let hash = [b'/', 0, 0xff, b'/', b'.', b'.'];
        let key = Key::block(&hash).unwrap();
        assert_eq!(key.as_block(), Some(&hash[..]));
        assert_eq!(Key::from_bytes(key.as_bytes()).unwrap(), key);
        assert!(key.is_below(&Key::blocks()));
    }

    #[test]
    fn scopes_part_blocks_from_the_rest() {
        let all = Key::root().scope();
        assert!(all.others.is_some() && all.blocks == Some(vec![]));
        assert_eq!(
            Key::blocks().scope(),
            Scope {
                others: None,
                blocks: Some(vec![])
            }
        );
        assert!(Key::new("/pins").unwrap().scope().blocks.is_none());
        assert!(Key::new("/block").unwrap().scope().blocks.is_none());
    }

    #[test]
    fn a_key_moves_below_another_and_back() {
        let key = |text: &str| Key::new(text).unwrap();
        let x = key("/x");
        assert_eq!(key("/a/b").below(&x).unwrap(), key("/x/a/b"));
        assert_eq!(Key::root().below(&x).unwrap(), x);
        assert_eq!(x.below(&Key::root()).unwrap(), x);
        assert_eq!(key("/x/a/b").beyond(&x), Some(key("/a/b")));
        assert_eq!(key("/xa").beyond(&x), None);
        assert_eq!(x.beyond(&x), None);
        assert_eq!(x.beyond(&Key::root()), Some(x.clone()));

        let block = Key::block(&[7; 34]).unwrap();
        assert!(block.below(&x).is_err());
        assert!(
            key(&format!("/{}", "y".repeat(MAX_LEN - 2)))
                .below(&x)
                .is_err()
        );
        let long = key(&format!("/{}", "y".repeat(MAX_LEN - 3)));
        assert_eq!(long.below(&x).unwrap().as_bytes().len(), MAX_LEN);
    }

    proptest! {
        /// The range is the same set as `is_below`, whatever the keys.
        #[test]
        fn range_and_is_below_agree(a in "/[a-c/0.]{0,6}", b in "/[a-c/0.]{0,6}") {
            if let (Ok(a), Ok(b)) = (Key::new(&a), Key::new(&b)) {
                let in_range = a.range().contains(&b.as_bytes().to_vec()) && b.as_bytes() != b"/";
                prop_assert_eq!(in_range, b.is_below(&a));
            }
        }

        #[test]
        fn bytes_round_trip(hash in proptest::collection::vec(any::<u8>(), 1..80)) {
            let key = Key::block(&hash).unwrap();
            prop_assert_eq!(Key::from_bytes(key.as_bytes()).unwrap(), key);
        }
    }
}
