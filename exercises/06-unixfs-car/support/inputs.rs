//! The files for which CIDs of Kubo are known.

use sha2::{Digest, Sha256};

/// The file that Kubo's tests make of a seed: the stream of ChaCha20 with the sha2-256 of the seed as its key,
/// and zeros as its nonce.
pub fn chacha20(seed: &str, size: usize) -> Vec<u8> {
    let key = Sha256::digest(seed.as_bytes());
    let word = |at: usize| u32::from_le_bytes([key[at], key[at + 1], key[at + 2], key[at + 3]]);
    let mut state = [0; 16];
    state[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    for at in 0..8 {
        state[4 + at] = word(4 * at);
    }
    let mut out = Vec::with_capacity(size + 64);
    while out.len() < size {
        let mut x = state;
        for _ in 0..10 {
            for [a, b, c, d] in ROUND {
                x[a] = x[a].wrapping_add(x[b]);
                x[d] = (x[d] ^ x[a]).rotate_left(16);
                x[c] = x[c].wrapping_add(x[d]);
                x[b] = (x[b] ^ x[c]).rotate_left(12);
                x[a] = x[a].wrapping_add(x[b]);
                x[d] = (x[d] ^ x[a]).rotate_left(8);
                x[c] = x[c].wrapping_add(x[d]);
                x[b] = (x[b] ^ x[c]).rotate_left(7);
            }
        }
        for (word, start) in x.iter().zip(state) {
            out.extend(word.wrapping_add(start).to_le_bytes());
        }
        state[12] += 1;
    }
    out.truncate(size);
    out
}

/// Columns, then diagonals.
const ROUND: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

/// The sha2-256 of the seed and a counter of eight bytes, for 0, 1, 2 and so on.
pub fn counted(seed: &str, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size + 32);
    for count in 0_u64.. {
        if out.len() >= size {
            break;
        }
        out.extend(Sha256::digest(
            [seed.as_bytes(), &count.to_be_bytes()].concat(),
        ));
    }
    out.truncate(size);
    out
}

/// Names of Kubo's tests: so many, of `len` bytes, and the last of `last`.
pub fn names(seed: &str, count: usize, len: usize, last: usize) -> Vec<String> {
    let letters = b"abcdefghijklmnopqrstuvwxyz01234567890-_";
    let stream = chacha20(seed, (count - 1) * len + last);
    let name = |bytes: &[u8]| -> String {
        let letter = |byte: &u8| letters[usize::from(*byte) % letters.len()] as char;
        bytes.iter().map(letter).collect()
    };
    let (most, end) = stream.split_at((count - 1) * len);
    most.chunks(len).chain([end]).map(name).collect()
}
