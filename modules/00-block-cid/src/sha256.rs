//! SHA-256, by the fastest code for this machine.
//!
//! | the CPU has | one byte string | many |
//! | --- | --- | --- |
//! | SHA extensions | `sha2` | `sha2`, one after the other |
//! | none, but AVX-512 or AVX2 | `ring` (assembly) | `lanes`: sixteen side by side |
//! | neither | `ring` | `ring`, one after the other |
//!
//! SHA extensions are instructions that do four rounds of SHA-256 at once: AMD since Zen, Intel
//! servers since Ice Lake, ARM with `sha2`. Where they are, nothing beats them; where they are
//! not, portable code takes five times as long as it must. `cargo run --release -p block-cid
//! --example hash-speed` measures each path.

use std::sync::OnceLock;

use sha2::Digest as _;

use crate::lanes::{self, Level};

/// The code that runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path {
    /// `sha2`, which uses the SHA extensions.
    Extensions,
    /// `ring` for one, and lanes for many where there are wide registers.
    Wide(Option<Level>),
}

impl Path {
    /// The path for this machine, chosen once.
    pub(crate) fn best() -> Path {
        static BEST: OnceLock<Path> = OnceLock::new();
        *BEST.get_or_init(|| match has_extensions() {
            true => Path::Extensions,
            false => Path::Wide(Level::best()),
        })
    }

    pub(crate) fn one(self, bytes: &[u8]) -> [u8; 32] {
        match self {
            Path::Extensions => by_sha2(bytes),
            Path::Wide(_) => by_ring(bytes),
        }
    }

    pub(crate) fn many(self, inputs: &[&[u8]]) -> Vec<[u8; 32]> {
        match self {
            Path::Wide(Some(level)) => lanes::many(level, inputs, by_ring),
            _ => inputs.iter().map(|bytes| self.one(bytes)).collect(),
        }
    }
}

/// The digest of one byte string.
pub(crate) fn one(bytes: &[u8]) -> [u8; 32] {
    Path::best().one(bytes)
}

/// The digests of many byte strings, in their order, on this thread.
pub(crate) fn many(inputs: &[&[u8]]) -> Vec<[u8; 32]> {
    Path::best().many(inputs)
}

fn by_sha2(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

fn by_ring(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.iter_mut()
        .zip(digest.as_ref())
        .for_each(|(to, from)| *to = *from);
    out
}

/// Whether the CPU has what `sha2` uses to be fast.
fn has_extensions() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("sha")
            && std::arch::is_x86_feature_detected!("ssse3")
            && std::arch::is_x86_feature_detected!("sse4.1")
    }
    #[cfg(target_arch = "aarch64")]
    {
        std::arch::is_aarch64_feature_detected!("sha2")
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    false
}

/// One digest by a named path, for measuring and comparing; not for use.
#[doc(hidden)]
pub mod paths {
    use super::{Path, by_ring, by_sha2};
    use crate::lanes::Level;

    /// Every path that this machine can run: its name, and what hashes many byte strings by it.
    #[allow(clippy::type_complexity)]
    pub fn all() -> Vec<(&'static str, Box<dyn Fn(&[&[u8]]) -> Vec<[u8; 32]>>)> {
        let mut paths: Vec<(&'static str, Box<dyn Fn(&[&[u8]]) -> Vec<[u8; 32]>>)> = vec![
            (
                "sha2",
                Box::new(|inputs| inputs.iter().map(|b| by_sha2(b)).collect()),
            ),
            (
                "ring",
                Box::new(|inputs| inputs.iter().map(|b| by_ring(b)).collect()),
            ),
        ];
        for level in Level::all() {
            let path = Path::Wide(Some(level));
            paths.push((level.name(), Box::new(move |inputs| path.many(inputs))));
        }
        paths.push(("chosen", Box::new(super::many)));
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever runs, the digests are the same.
        #[test]
        fn all_paths_agree(
            inputs in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..50)
        ) {
            let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
            let wanted: Vec<[u8; 32]> = inputs.iter().map(|bytes| by_sha2(bytes)).collect();
            for (name, path) in paths::all() {
                prop_assert_eq!(&path(&inputs), &wanted, "{}", name);
            }
        }
    }

    #[test]
    fn known_answers_come_out_of_every_path() {
        for (name, path) in paths::all() {
            let digests = path(&[b"abc".as_slice(); 17]);
            assert_eq!(digests.len(), 17, "{name}");
            for digest in digests {
                assert_eq!(
                    data_encoding::HEXLOWER.encode(&digest),
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                    "{name}"
                );
            }
        }
    }
}
