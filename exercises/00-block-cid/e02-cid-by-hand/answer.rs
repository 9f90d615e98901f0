//! 00-2: a CID from nothing but a hash function.

use sha2::{Digest, Sha256};

/// Adds `number` as an unsigned varint: seven bits a byte, the lowest first, the high bit set while more
/// follow. 300 is `ac 02`.
pub fn varint(mut number: u64, out: &mut Vec<u8>) {
    //~ todo: seven bits at a time
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    //~ end
}

/// The multihash of a block by sha2-256: the code of the hash (0x12), the length of the digest, the digest.
pub fn multihash(block: &[u8]) -> Vec<u8> {
    //~ todo: two varints, and then the digest
    let digest = Sha256::digest(block);
    let mut out = Vec::new();
    varint(0x12, &mut out);
    varint(digest.len() as u64, &mut out);
    out.extend_from_slice(&digest);
    out
    //~ end
}

/// `bytes` in base32: five bits a character, the highest first, in lower case and without padding.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    //~ todo: five bits at a time; the last character may have fewer, filled up with zeros
    let mut text = String::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = (bits << 8 | u32::from(*byte)) & 0xfff;
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(ALPHABET[(bits >> count) as usize & 31] as char);
        }
    }
    if count > 0 {
        text.push(ALPHABET[(bits << (5 - count)) as usize & 31] as char);
    }
    text
    //~ end
}

/// The text of the CIDv1 of a block: `b` for base32, and then the version, the codec and the multihash.
pub fn cid(codec: u64, block: &[u8]) -> String {
    //~ todo: put it together
    let mut bytes = Vec::new();
    varint(1, &mut bytes);
    varint(codec, &mut bytes);
    bytes.extend(multihash(block));
    format!("b{}", base32(&bytes))
    //~ end
}
