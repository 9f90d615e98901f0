//! Which hashes there are: their codes, their names, and which of them name blocks.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::{Error, Multihash, Result};

/// The longest digest, in bytes. Kubo holds identity digests and those of extendable hashes to
/// the same 128.
pub const MAX_DIGEST: usize = 128;

/// The shortest digest that names a block, in bytes; a shorter one could be forged. Identity
/// digests are not hashes, and have no minimum.
pub const MIN_DIGEST: usize = 20;

/// A hash function of the multicodec table that this crate can compute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub(super) u64);

/// Code, name, and length of the digest in bytes; blake2b and blake2s are ranges of codes and
/// stand in [`Hash::from_code`].
#[rustfmt::skip]
pub(super) const HASHES: &[(u64, &str, usize)] = &[
    (0x00, "identity", MAX_DIGEST),
    (0x11, "sha1", 20),
    (0x12, "sha2-256", 32), (0x13, "sha2-512", 64),
    (0x14, "sha3-512", 64), (0x15, "sha3-384", 48), (0x16, "sha3-256", 32), (0x17, "sha3-224", 28),
    (0x18, "shake-128", 32), (0x19, "shake-256", 64),
    (0x1a, "keccak-224", 28), (0x1b, "keccak-256", 32), (0x1c, "keccak-384", 48), (0x1d, "keccak-512", 64),
    (0x1e, "blake3", 32),
    (0x20, "sha2-384", 48),
    (0x22, "murmur3-x64-64", 8),
    (0x56, "dbl-sha2-256", 32),
    (0xd5, "md5", 16),
    (0x1012, "sha2-256-trunc254-padded", 32), (0x1013, "sha2-224", 28),
    (0x1014, "sha2-512-224", 28), (0x1015, "sha2-512-256", 32),
];

/// `blake2b-8` to `blake2b-512`: the code grows by one for each byte of the digest.
pub(super) const BLAKE2B: u64 = 0xb200;
/// `blake2s-8` to `blake2s-256`, likewise.
pub(super) const BLAKE2S: u64 = 0xb240;

/// Hashes of the multicodec table that this crate cannot compute, by name (a trailing `*` stands
/// for a family), and why. CIDs with them are parsed and displayed as any other.
pub const UNSUPPORTED: &[(&str, &str)] = &[
    (
        "murmur3-*",
        "it is no cryptographic hash, and of its kind IPFS uses murmur3-x64-64 alone",
    ),
    ("crc*", "it is a checksum"),
    ("xxh*", "it is no cryptographic hash"),
    ("md4", "it is broken"),
    ("ed2k", "it is made of md4, which is broken"),
    ("ripemd-*", "no IPFS implementation names blocks by it"),
    ("x11", "no IPFS implementation names blocks by it"),
    ("kt-*", "no IPFS implementation names blocks by it"),
    ("sm3-256", "no IPFS implementation names blocks by it"),
    ("sha256a", "no IPFS implementation names blocks by it"),
    ("skein*", "no IPFS implementation names blocks by it"),
    (
        "poseidon-*",
        "it is made for proofs of Filecoin, over fields and not bytes",
    ),
    ("fr32-*", "it hashes trees of Filecoin, not bytes"),
    ("ssz-*", "it hashes trees of Ethereum, not bytes"),
    ("sha2-256-chunked", "it hashes a list of hashes, not bytes"),
    (
        "bittorrent-pieces-root",
        "it hashes trees of BitTorrent, not bytes",
    ),
    ("bcrypt-pbkdf", "it derives keys"),
];

impl Hash {
    /// The bytes themselves, up to 128 of them.
    pub const IDENTITY: Hash = Hash(0x00);
    /// SHA-1, for git objects only: collisions are known.
    pub const SHA1: Hash = Hash(0x11);
    /// SHA-256, the hash of nearly every CID.
    pub const SHA2_256: Hash = Hash(0x12);
    /// SHA-512.
    pub const SHA2_512: Hash = Hash(0x13);
    /// SHA3-256.
    pub const SHA3_256: Hash = Hash(0x16);
    /// BLAKE3.
    pub const BLAKE3: Hash = Hash(0x1e);
    /// BLAKE2b with 256 bits.
    pub const BLAKE2B_256: Hash = Hash(BLAKE2B + 32);

    /// The hash with this code of the multicodec table.
    ///
    /// # Errors
    /// [`Error::Hash`] if this crate cannot compute it.
    pub fn from_code(code: u64) -> Result<Hash> {
        let known = HASHES.iter().any(|(c, ..)| *c == code)
            || (BLAKE2B + 1..=BLAKE2B + 64).contains(&code)
            || (BLAKE2S + 1..=BLAKE2S + 32).contains(&code);
        known.then_some(Hash(code)).ok_or_else(|| Error::Hash {
            hash: format!("hash 0x{code:x}"),
            reason: "this crate cannot compute it; sha2-256 and blake3 are hashes it can".into(),
        })
    }

    /// The hash of a multihash that came from outside, if that multihash may name a block.
    ///
    /// # Errors
    /// [`Error::Hash`] if the hash is unknown or [does not name blocks](Self::names_blocks), or
    /// the digest is shorter than [`MIN_DIGEST`] or longer than the hash makes it.
    pub fn of(multihash: &Multihash) -> Result<Hash> {
        // Nearly every multihash there is; the rest is looked up.
        if multihash.code() == Hash::SHA2_256.0 && multihash.size() == 32 {
            return Ok(Hash::SHA2_256);
        }
        let hash = Hash::from_code(multihash.code())?;
        hash.names_blocks()?;
        let len = usize::from(multihash.size());
        let refused = if hash == Hash::IDENTITY {
            return Ok(hash);
        } else if len < MIN_DIGEST {
            format!("a digest of {len} bytes can be forged, and 20 are the least")
        } else if len > hash.max_len() {
            format!(
                "its digests have {} bytes, and this one has {len}",
                hash.max_len()
            )
        } else {
            return Ok(hash);
        };
        Err(Error::Hash {
            hash: hash.to_string(),
            reason: refused,
        })
    }

    /// The code in the multicodec table.
    pub fn code(self) -> u64 {
        self.0
    }

    /// The name in the multicodec table, which Kubo's `--hash` and `--mhtype` take.
    pub fn name(self) -> Cow<'static, str> {
        match HASHES.iter().find(|(code, ..)| *code == self.0) {
            Some((_, name, _)) => Cow::Borrowed(name),
            None if self.0 > BLAKE2S => Cow::Owned(format!("blake2s-{}", self.len() * 8)),
            None => Cow::Owned(format!("blake2b-{}", self.len() * 8)),
        }
    }

    /// The length of a whole digest in bytes. For identity it is the most there can be.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(self) -> usize {
        match HASHES.iter().find(|(code, ..)| *code == self.0) {
            Some((_, _, len)) => *len,
            None if self.0 > BLAKE2S => (self.0 - BLAKE2S) as usize,
            None => (self.0 - BLAKE2B) as usize,
        }
    }

    /// Whether a block may be named by this hash. The answer is that of Kubo (boxo's `verifcid`):
    /// no to what can be forged, and to what nobody uses.
    ///
    /// # Errors
    /// [`Error::Hash`] if not.
    pub fn names_blocks(self) -> Result<()> {
        let good = match self.0 {
            0x00 | 0x11..=0x17 | 0x19..=0x1e | 0x56 => true,
            _ => self.0 > BLAKE2B && self.len() >= MIN_DIGEST,
        };
        good.then_some(()).ok_or_else(|| Error::Hash {
            hash: self.to_string(),
            reason: "it is not safe enough, or nobody uses it for this; sha2-256 is the usual one"
                .into(),
        })
    }

    /// The longest digest in bytes: more than [`len`](Self::len) for extendable hashes.
    pub(super) fn max_len(self) -> usize {
        match self.0 {
            0x18 | 0x19 | 0x1e => MAX_DIGEST,
            _ => self.len(),
        }
    }
}

impl Default for Hash {
    fn default() -> Hash {
        Hash::SHA2_256
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = Error;

    /// A hash by its name, in any case.
    fn from_str(text: &str) -> Result<Hash> {
        let lower = match text.to_ascii_lowercase() {
            // So it is called where one length was all there was.
            old if old == "sha3" => "sha3-512".to_owned(),
            lower => lower,
        };
        if let Some((code, ..)) = HASHES.iter().find(|(_, name, _)| *name == lower) {
            return Ok(Hash(*code));
        }
        let blake2 = [("blake2b-", BLAKE2B), ("blake2s-", BLAKE2S)];
        for (prefix, base) in blake2 {
            let bits = lower
                .strip_prefix(prefix)
                .and_then(|b| b.parse::<u64>().ok());
            if let Some(bits) = bits.filter(|bits| bits % 8 == 0 && *bits <= 512) {
                let hash = Hash::from_code(base + bits / 8);
                // Names and codes agree both ways, so that blake2b-0520 is nothing.
                if let Some(hash) = hash.ok().filter(|hash| hash.name() == lower) {
                    return Ok(hash);
                }
            }
        }
        let reason = UNSUPPORTED
            .iter()
            .find(|(name, _)| match name.strip_suffix('*') {
                Some(family) => lower.starts_with(family),
                None => lower == *name,
            });
        Err(match reason {
            Some((_, reason)) => Error::Hash {
                hash: lower,
                reason: (*reason).into(),
            },
            None => Error::Name {
                kind: "hash",
                name: text.to_owned(),
                remedy: "sha2-256, sha3-256, blake2b-256, blake3 and identity are hashes".into(),
            },
        })
    }
}
