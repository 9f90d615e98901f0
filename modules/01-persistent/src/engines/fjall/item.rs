//! How a journal holds one write.
//!
//! ```text
//! 2, type, compression    1 byte each
//! keyspace                8
//! length of the key       2
//!        of the value     4
//!        of it as stored  4
//! key, value
//! ```
//!
//! (`journal/entry.rs` of fjall 3.) All numbers are little-endian.

/// The bytes before the key.
pub(crate) const HEAD: usize = 21;

/// Where the length of the key is, and in how many bytes.
pub(crate) const KEY: (usize, usize) = (11, 2);

/// That of the value before it was compressed.
pub(crate) const VALUE: (usize, usize) = (13, 4);

/// That of the value as it is stored.
pub(crate) const STORED: (usize, usize) = (17, 4);

/// Whether these bytes begin one.
pub(crate) fn begins(head: &[u8]) -> bool {
    matches!(head, [2, 0..=2, 0..=1, ..])
}

/// How many bytes of key and value follow this head.
pub(super) fn body(head: &[u8; HEAD]) -> u64 {
    let number = |(at, len): (usize, usize)| {
        let bytes = head.get(at..at + len).unwrap_or_default();
        bytes
            .iter()
            .rev()
            .fold(0, |n, byte| n << 8 | u64::from(*byte))
    };
    number(KEY) + number(STORED)
}
