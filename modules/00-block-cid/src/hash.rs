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

mod name;

use sha2::Digest as _;
use sha3::digest::ExtendableOutput as _;

use crate::{Error, Multihash, Result, sha256, threads};
pub use name::{Hash, MAX_DIGEST, MIN_DIGEST, UNSUPPORTED};

use name::BLAKE2S;
#[cfg(test)]
use name::HASHES;

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
