//! Hashes: from bytes to the multihash that names them.
//!
//! A multihash says which hash it is before it says the digest:
//!
//! ```text
//! 12          20          01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b
//! sha2-256    32 bytes    the digest
//! varint      varint
//! ```
//!
//! so that a better hash can be used tomorrow beside today's, and so that a shortened digest is
//! seen to be one. Which code runs is decided here and in `sha256`: callers say
//! [`hash()`] for one block and [`hash_many`] for several.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use sha2::Digest as _;
use sha3::digest::ExtendableOutput as _;

use crate::{Error, Multihash, Result, sha256, threads};

/// The longest digest, in bytes. Kubo holds identity digests and those of extendable hashes to
/// the same 128.
pub const MAX_DIGEST: usize = 128;

/// The shortest digest that names a block, in bytes; a shorter one could be forged. Identity
/// digests are not hashes, and have no minimum.
pub const MIN_DIGEST: usize = 20;

/// A hash function of the multicodec table that this crate can compute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(u64);

/// Code, name, and length of the digest in bytes; blake2b and blake2s are ranges of codes and
/// stand in [`Hash::from_code`].
#[rustfmt::skip]
const HASHES: &[(u64, &str, usize)] = &[
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
const BLAKE2B: u64 = 0xb200;
/// `blake2s-8` to `blake2s-256`, likewise.
const BLAKE2S: u64 = 0xb240;

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
    fn max_len(self) -> usize {
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
        let lower = text.to_ascii_lowercase();
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

/// The multihash of `bytes`.
///
/// # Errors
/// [`Error::Hash`] if `hash` is identity and there are more than 128 bytes.
pub fn hash(hash: Hash, bytes: &[u8]) -> Result<Multihash> {
    fits(hash, bytes)?;
    Ok(digest(hash, hash.len(), bytes))
}

/// The multihash of `bytes` with a digest of `len` bytes: the start of the whole digest, or more
/// than it of a hash that can be extended (shake, blake3), up to 128.
///
/// # Errors
/// [`Error::Hash`] if the hash has no digest as long as that. Identity has one length only.
pub fn hash_to(hash: Hash, len: usize, bytes: &[u8]) -> Result<Multihash> {
    fits(hash, bytes)?;
    if len > hash.max_len() || (hash == Hash::IDENTITY && len != bytes.len()) {
        return Err(Error::Hash {
            hash: hash.to_string(),
            reason: format!("it has no digest of {len} bytes here"),
        });
    }
    Ok(digest(hash, len, bytes))
}

/// The multihash of `bytes` by sha2-256.
pub fn sha2_256(bytes: &[u8]) -> Multihash {
    wrap(Hash::SHA2_256, &sha256::one(bytes))
}

/// The multihashes of many byte strings, in their order. Uses all cores when there is enough to
/// do, and the fastest code there is for many at once.
///
/// # Errors
/// As [`hash()`], if any of them fails.
pub fn hash_many(hash: Hash, inputs: &[impl AsRef<[u8]>]) -> Result<Vec<Multihash>> {
    let inputs: Vec<&[u8]> = inputs.iter().map(AsRef::as_ref).collect();
    inputs.iter().try_for_each(|input| fits(hash, input))?;
    let mut answers = vec![Multihash::default(); inputs.len()];
    threads::map(
        &inputs,
        |bytes| bytes.len(),
        &mut answers,
        |part, answers| match hash {
            Hash::SHA2_256 => {
                for (answer, digest) in answers.iter_mut().zip(sha256::many(part)) {
                    *answer = wrap(hash, &digest);
                }
            }
            _ => {
                for (answer, bytes) in answers.iter_mut().zip(part) {
                    *answer = digest(hash, hash.len(), bytes);
                }
            }
        },
    );
    Ok(answers)
}

/// The first of these byte strings that does not have its multihash: which it is, and the
/// multihash that it has, by the same hash and with a digest as long (or why there is none, for
/// a multihash that may not name a block). All are hashed at once, as by [`hash_many`].
pub fn first_wrong(claims: &[(&Multihash, &[u8])]) -> Option<(usize, Result<Multihash>)> {
    let refused = claims.iter().enumerate().find_map(|(at, (claim, bytes))| {
        let checked = Hash::of(claim).and_then(|hash| fits(hash, bytes));
        checked.err().map(|error| (at, Err(error)))
    });
    let end = refused.as_ref().map_or(claims.len(), |(at, _)| *at);
    let claims = claims.get(..end).unwrap_or(claims);
    // A read is of one block most of the time, and then nothing need be allocated.
    let (mut one, mut more) = ([false], Vec::new());
    let right = match claims.len() {
        1 => &mut one[..],
        len => {
            more.resize(len, false);
            &mut more[..]
        }
    };
    threads::map(claims, |(_, bytes)| bytes.len(), right, check);
    let wrong = right
        .iter()
        .zip(claims)
        .enumerate()
        .find(|(_, (right, _))| !**right);
    match wrong {
        Some((at, (_, (claim, bytes)))) => {
            let len = usize::from(claim.size());
            Some((at, Ok(digest(Hash(claim.code()), len, bytes))))
        }
        None => refused,
    }
}

/// Which of these byte strings have their multihash, on this thread.
fn check(claims: &[(&Multihash, &[u8])], right: &mut [bool]) {
    if let ([(claim, bytes)], Some(right)) = (claims, right.first_mut()) {
        let len = usize::from(claim.size());
        *right = digest(Hash(claim.code()), len, bytes) == **claim;
        return;
    }
    // Sha2-256 goes through `many`, a whole run of it at a time: blocks of one store nearly
    // always share their hash, so a run is nearly always everything.
    let mut right = right.iter_mut();
    for run in claims.chunk_by(|(a, _), (b, _)| a.code() == b.code()) {
        let code = run.first().map(|(claim, _)| claim.code());
        if code == Some(Hash::SHA2_256.0) {
            let inputs: Vec<&[u8]> = run.iter().map(|(_, bytes)| *bytes).collect();
            let digests = sha256::many(&inputs);
            for (((claim, _), digest), right) in run.iter().zip(digests).zip(&mut right) {
                *right = digest.get(..usize::from(claim.size())) == Some(claim.digest());
            }
        } else {
            for ((claim, bytes), right) in run.iter().zip(&mut right) {
                let len = usize::from(claim.size());
                *right = digest(Hash(claim.code()), len, bytes) == **claim;
            }
        }
    }
}

/// Whether `hash` takes as many bytes as these.
fn fits(hash: Hash, bytes: &[u8]) -> Result<()> {
    if hash == Hash::IDENTITY && bytes.len() > MAX_DIGEST {
        return Err(Error::Hash {
            hash: hash.to_string(),
            reason: format!(
                "it holds up to 128 bytes, and there are {}; use sha2-256",
                bytes.len()
            ),
        });
    }
    Ok(())
}

/// The first `len` bytes of the digest (all of it, if it has fewer).
fn digest(hash: Hash, len: usize, bytes: &[u8]) -> Multihash {
    let mut long = [0; MAX_DIGEST];
    let out = long.get_mut(..len.min(hash.max_len())).unwrap_or_default();
    match hash.0 {
        // All of them, as `fits` made sure.
        0x00 => return wrap(hash, bytes.get(..MAX_DIGEST).unwrap_or(bytes)),
        0x11 => fill(out, &sha1::Sha1::digest(bytes)),
        0x12 => fill(out, &sha256::one(bytes)),
        0x13 => fill(out, &sha2::Sha512::digest(bytes)),
        0x14 => fill(out, &sha3::Sha3_512::digest(bytes)),
        0x15 => fill(out, &sha3::Sha3_384::digest(bytes)),
        0x16 => fill(out, &sha3::Sha3_256::digest(bytes)),
        0x17 => fill(out, &sha3::Sha3_224::digest(bytes)),
        0x18 => sha3::Shake128::digest_xof(bytes, out),
        0x19 => sha3::Shake256::digest_xof(bytes, out),
        0x1a => fill(out, &sha3::Keccak224::digest(bytes)),
        0x1b => fill(out, &sha3::Keccak256::digest(bytes)),
        0x1c => fill(out, &sha3::Keccak384::digest(bytes)),
        0x1d => fill(out, &sha3::Keccak512::digest(bytes)),
        0x1e => blake3::Hasher::new().update(bytes).finalize_xof().fill(out),
        0x20 => fill(out, &sha2::Sha384::digest(bytes)),
        0x22 => fill(out, &crate::murmur3::x64_64(bytes).to_be_bytes()),
        0x56 => fill(out, &sha256::one(&sha256::one(bytes))),
        0xd5 => fill(out, &md5::Md5::digest(bytes)),
        0x1012 => {
            let mut digest = sha256::one(bytes);
            if let Some(last) = digest.last_mut() {
                *last &= 0x3f;
            }
            fill(out, &digest);
        }
        0x1013 => fill(out, &sha2::Sha224::digest(bytes)),
        0x1014 => fill(out, &sha2::Sha512_224::digest(bytes)),
        0x1015 => fill(out, &sha2::Sha512_256::digest(bytes)),
        code if code > BLAKE2S => {
            let mut params = blake2s_simd::Params::new();
            fill(out, params.hash_length(hash.len()).hash(bytes).as_bytes());
        }
        _ => {
            let mut params = blake2b_simd::Params::new();
            fill(out, params.hash_length(hash.len()).hash(bytes).as_bytes());
        }
    }
    wrap(hash, out)
}

/// The start of `digest`, as much as `out` holds.
fn fill(out: &mut [u8], digest: &[u8]) {
    out.iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = *from);
}

fn wrap(hash: Hash, digest: &[u8]) -> Multihash {
    Multihash::wrap(hash.0, digest).expect("no digest above has more than 128 bytes")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Of "foo", by Python's hashlib: what the foreign tables do not cover.
    #[test]
    fn known_answers_of_hashes_that_no_table_has() {
        for (name, wanted) in [
            (
                "sha2-384",
                "98c11ffdfdd540676b1a137cb1a22b2a70350c9a44171d6b1180c6be5cbb2ee3f79d532c8a1dd9ef2e8e08e752a3babb",
            ),
            (
                "sha2-224",
                "0808f64e60d58979fcb676c96ec938270dea42445aeefcd3a4e6f8db",
            ),
            (
                "sha2-512-224",
                "d68f258d37d670cfc1ec1001a0394784233f88f056994f9a7e5e99be",
            ),
            (
                "sha2-512-256",
                "d58042e6aa5a335e03ad576c6a9e43b41591bfd2077f72dec9df7930e492055d",
            ),
            (
                "shake-256",
                "1af97f7818a28edfdfce5ec66dbdc7e871813816d7d585fe1f12475ded5b6502b7723b74e2ee36f2651a10a8eaca72aa9148c3c761aaceac8f6d6cc64381ed39",
            ),
            (
                "shake-128",
                "f84e95cb5fbd2038863ab27d3cdeac295ad2d4ab96ad1f4b070c0bf36078ef08",
            ),
            ("blake2s-160", "52fb63154f958a5c56864597273ea759e52c6f00"),
            (
                "blake2b-504",
                "8112463b6702d560768255a39da094d4c1fbfb4e540790aef69ffbdc69b48ddefc97381e945563d8c44aed4953ec74c1d7ad129114c6ef414ff5ea9d171181",
            ),
            (
                "sha2-256-trunc254-padded",
                "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e72e",
            ),
        ] {
            let got = hash(name.parse().unwrap(), b"foo").unwrap();
            assert_eq!(
                data_encoding::HEXLOWER.encode(got.digest()),
                wanted,
                "{name}"
            );
        }
    }

    /// Every hash, over work enough for several threads: one by one and all at once.
    #[test]
    fn many_at_once_are_the_same_as_one_by_one() {
        let inputs: Vec<Vec<u8>> = (0..60u8)
            .map(|n| vec![n; 40_000 + usize::from(n)])
            .collect();
        for (code, ..) in HASHES.iter().skip(1) {
            let by = Hash::from_code(*code).unwrap();
            let many = hash_many(by, &inputs).unwrap();
            for (input, got) in inputs.iter().zip(&many) {
                assert_eq!(*got, hash(by, input).unwrap(), "{by}");
            }
            if by.names_blocks().is_ok() {
                let mut claims: Vec<(&Multihash, &[u8])> = many
                    .iter()
                    .zip(&inputs)
                    .map(|(hash, input)| (hash, &input[..]))
                    .collect();
                assert!(first_wrong(&claims).is_none(), "{by}");
                let (wrong, _) = claims.first().copied().unwrap();
                claims.get_mut(50).unwrap().0 = wrong;
                let (at, actual) = first_wrong(&claims).unwrap();
                assert_eq!((at, Some(&actual.unwrap())), (50, many.get(50)), "{by}");
            }
        }
        assert!(hash_many(Hash::IDENTITY, &inputs).is_err());
    }
}
