//! `cargo x floors`: no locked version with a known fault, and no denied crate.
//!
//! An advisory database knows only what was reported to it: several of the faults below are in
//! none, and a database is not always in reach. So the floors stand here, each with its reason.
//! Crates that the ladder does not use yet have theirs already.

use anyhow::Result;

use crate::workspace;

/// The least version of a crate that is taken, and what is wrong below it.
struct Floor {
    name: &'static str,
    least: &'static str,
    /// Older versions that carry the correction too: from the first up to, not including, the
    /// second.
    backport: Option<(&'static str, &'static str)>,
    why: &'static str,
}

const fn floor(name: &'static str, least: &'static str, why: &'static str) -> Floor {
    Floor {
        name,
        least,
        backport: None,
        why,
    }
}

const FLOORS: &[Floor] = &[
    // Storage.
    floor("redb", "4.3.0", "a rollback could be lost without a word"),
    floor("fjall", "3.1.13", "the version that is tested here"),
    floor(
        "rocksdb",
        "0.19.0",
        "RUSTSEC-2022-0046: reads out of bounds when opening families with a TTL",
    ),
    Floor {
        name: "lz4_flex",
        least: "0.12.1",
        backport: Some(("0.11.6", "0.12.0")),
        why: "RUSTSEC-2026-0041: gives away uninitialised memory",
    },
    floor(
        "lru",
        "0.18.2",
        "RUSTSEC-2026-0002, RUSTSEC-2026-0253: unsound iterator, use after free",
    ),
    floor(
        "memmap2",
        "0.9.11",
        "RUSTSEC-2026-0186: an offset is not checked",
    ),
    floor(
        "bytes",
        "1.11.1",
        "RUSTSEC-2026-0007: BytesMut::reserve overflows",
    ),
    floor(
        "remove_dir_all",
        "0.8.0",
        "RUSTSEC-2023-0018: follows a link swapped in",
    ),
    // Addresses and codecs.
    floor(
        "cid",
        "0.11.3",
        "RUSTSEC-2026-0105: before it, needs core2, which was withdrawn",
    ),
    floor(
        "multihash",
        "0.19.5",
        "RUSTSEC-2026-0105: before it, needs core2, which was withdrawn",
    ),
    floor(
        "multihash-codetable",
        "0.2.0",
        "RUSTSEC-2026-0105: before it, needs core2, which was withdrawn",
    ),
    floor(
        "rs-car",
        "0.5.0",
        "RUSTSEC-2026-0105: before it, needs core2, which was withdrawn",
    ),
    floor(
        "serde_ipld_dagcbor",
        "0.6.4",
        "the least version that was tried here",
    ),
    floor(
        "prost",
        "0.6.1",
        "RUSTSEC-2020-0002: recursion without a limit",
    ),
    floor(
        "protobuf",
        "3.7.2",
        "RUSTSEC-2024-0437: recursion without a limit; 2.x is not corrected",
    ),
    floor(
        "tar",
        "0.4.45",
        "RUSTSEC-2026-0067, RUSTSEC-2026-0068: writes through links, ignores PAX sizes",
    ),
    floor(
        "zip",
        "2.3.0",
        "RUSTSEC-2025-0168: writes outside the target folder",
    ),
    // Hashes and ciphers.
    floor(
        "ring",
        "0.17.12",
        "RUSTSEC-2025-0009: AES panics under overflow checks, which are on here",
    ),
    floor(
        "aes-gcm",
        "0.10.3",
        "RUSTSEC-2023-0096: leaves plaintext behind when the tag is wrong",
    ),
    floor(
        "ed25519-dalek",
        "2.0.0",
        "RUSTSEC-2022-0093: signs with a key that does not match",
    ),
    floor(
        "curve25519-dalek",
        "4.1.3",
        "RUSTSEC-2024-0344: timing tells of secrets",
    ),
    floor(
        "rustls",
        "0.23.18",
        "RUSTSEC-2024-0336, RUSTSEC-2024-0399: endless loop, panic on accept",
    ),
    floor(
        "rustls-webpki",
        "0.103.13",
        "RUSTSEC-2026-0049, -0098, -0099, -0104: name constraints, panic on a CRL",
    ),
    // The network.
    floor(
        "yamux",
        "0.13.10",
        "CVE-2026-31814, CVE-2026-32314: a frame makes the process panic",
    ),
    floor(
        "libp2p-gossipsub",
        "0.49.4",
        "CVE-2026-33040, CVE-2026-34219: a backoff makes the process panic",
    ),
    floor(
        "libp2p-rendezvous",
        "0.17.1",
        "CVE-2026-35405: one peer registers without limit",
    ),
    floor(
        "libp2p-quic",
        "0.13.1",
        "GHSA-5hq8-qhww-jm7q: a bad certificate makes the process panic",
    ),
    floor(
        "libp2p-tls",
        "0.4.1",
        "a malformed extension makes the process panic",
    ),
    floor(
        "quinn-proto",
        "0.11.15",
        "RUSTSEC-2026-0185 and three before it: memory without limit",
    ),
    floor(
        "snow",
        "0.9.5",
        "RUSTSEC-2024-0011: anybody advances the nonce",
    ),
    floor(
        "hickory-proto",
        "0.26.1",
        "RUSTSEC-2026-0119: quadratic name compression",
    ),
    floor(
        "h2",
        "0.4.16",
        "RUSTSEC-2026-0258 and two before it: floods of frames",
    ),
    floor(
        "hyper",
        "1.0.0",
        "RUSTSEC-2021-0078 and others: request smuggling",
    ),
    floor(
        "axum-core",
        "0.3.0",
        "RUSTSEC-2022-0055: no limit on a body",
    ),
    floor(
        "tokio",
        "1.44.2",
        "RUSTSEC-2025-0023: a broadcast channel is unsound",
    ),
];

/// Crates that are not taken in any version, and why.
const DENIED: &[(&str, &str)] = &[
    (
        "serde_cbor",
        "RUSTSEC-2019-0025, RUSTSEC-2021-0127: overflows the stack; abandoned",
    ),
    ("core2", "RUSTSEC-2026-0105: withdrawn"),
    ("bincode", "RUSTSEC-2025-0141: abandoned"),
    (
        "rsa",
        "RUSTSEC-2023-0071: timing gives the key away; not corrected",
    ),
    (
        "tokio-tar",
        "RUSTSEC-2025-0111: smuggles entries; abandoned",
    ),
    ("memmap", "RUSTSEC-2020-0077: abandoned"),
    ("libp2p-tokio-socks5", "abandoned"),
    ("async-std", "RUSTSEC-2025-0052: discontinued"),
];

/// Checks Cargo.lock.
pub fn run() -> Result<String> {
    let lock = workspace::read(&workspace::root()?, "Cargo.lock")?;
    let packages = packages(&lock);
    workspace::refuse("Cargo.lock is not fit to build from", &faults(&packages))?;
    Ok(format!(
        "floors: {} locked crates, none of them denied or below one of {} floors",
        packages.len(),
        FLOORS.len()
    ))
}

/// The names and versions of a lockfile.
fn packages(lock: &str) -> Vec<(&str, &str)> {
    let value = |line: &'_ str, key: &str| -> Option<(usize, usize)> {
        let rest = line
            .strip_prefix(key)?
            .strip_prefix(" = \"")?
            .strip_suffix('"')?;
        Some((line.len() - 1 - rest.len(), rest.len()))
    };
    let mut packages = Vec::new();
    let mut name = None;
    for line in lock.lines() {
        let part = |key| value(line, key).and_then(|(at, len)| line.get(at..at + len));
        if line == "[[package]]" {
            name = None;
        } else if let Some(text) = part("name") {
            name = Some(text);
        } else if let (Some(name), Some(version)) = (name, part("version")) {
            packages.push((name, version));
        }
    }
    packages
}

/// What is wrong with these packages, a line each.
fn faults(packages: &[(&str, &str)]) -> Vec<String> {
    let mut faults = Vec::new();
    if packages.is_empty() {
        faults.push("it lists no package".to_owned());
    }
    for &(name, version) in packages {
        if let Some((_, why)) = DENIED.iter().find(|(denied, _)| *denied == name) {
            faults.push(format!("{name} {version} is denied: {why}"));
        }
        for floor in FLOORS.iter().filter(|floor| floor.name == name) {
            if !floor.holds(version) {
                faults.push(format!(
                    "{name} {version} is below {}: {}",
                    floor.least, floor.why
                ));
            }
        }
    }
    faults
}

impl Floor {
    fn holds(&self, version: &str) -> bool {
        let Some(version) = parse(version) else {
            return false;
        };
        let least = |text| parse(text).is_some_and(|floor| version >= floor);
        least(self.least)
            || self
                .backport
                .is_some_and(|(from, to)| least(from) && !least(to))
    }
}

/// A version as what orders it: the three numbers, and whether it is a release, since
/// `1.0.0-rc.1` comes before `1.0.0`.
fn parse(version: &str) -> Option<([u64; 3], bool)> {
    let version = version.split('+').next()?;
    let (numbers, release) = match version.split_once('-') {
        Some((numbers, _)) => (numbers, false),
        None => (version, true),
    };
    let mut parts = numbers.split('.').map(str::parse);
    let mut next = || parts.next()?.ok();
    let numbers = [next()?, next()?, next()?];
    parts.next().is_none().then_some((numbers, release))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(lock: &str) -> Vec<String> {
        faults(&packages(lock))
    }

    fn lock(name: &str, version: &str) -> String {
        format!(
            "version = 4\n\n[[package]]\nname = \"first\"\nversion = \"0.1.0\"\n\n[[package]]\n\
             name = \"{name}\"\nversion = \"{version}\"\nsource = \"registry\"\n\
             dependencies = [\n \"first\",\n]\n"
        )
    }

    #[test]
    fn a_version_below_the_floor_is_a_fault() {
        let faults = told(&lock("yamux", "0.13.9"));
        assert_eq!(faults.len(), 1);
        assert!(faults.concat().contains("yamux 0.13.9 is below 0.13.10"));
    }

    #[test]
    fn the_floor_and_above_hold() {
        for version in ["0.13.10", "0.13.11", "0.14.1", "1.0.0", "0.13.10+build.7"] {
            assert_eq!(told(&lock("yamux", version)), [""; 0], "{version}");
        }
    }

    #[test]
    fn versions_are_numbers_not_text() {
        assert!(parse("0.9.0") < parse("0.10.0"));
        assert!(parse("1.0.0-rc.1") < parse("1.0.0"));
        assert!(parse("1.0").is_none() && parse("1.0.0.0").is_none() && parse("x").is_none());
        assert_eq!(told(&lock("hyper", "1.0.0-rc.4")).len(), 1);
        assert_eq!(
            told(&lock("hyper", "one")).len(),
            1,
            "what cannot be read is no good version"
        );
    }

    #[test]
    fn every_floor_refuses_what_is_below_it() {
        for floor in FLOORS {
            assert!(floor.holds(floor.least), "{} {}", floor.name, floor.least);
            assert!(!floor.holds("0.0.1"), "{}", floor.name);
        }
    }

    #[test]
    fn a_backport_is_as_good() {
        for (version, good) in [
            ("0.11.5", false),
            ("0.11.6", true),
            ("0.11.9", true),
            ("0.12.0", false),
            ("0.12.1", true),
        ] {
            assert_eq!(
                told(&lock("lz4_flex", version)).is_empty(),
                good,
                "{version}"
            );
        }
    }

    #[test]
    fn a_denied_crate_is_a_fault_in_every_version() {
        for (name, _) in DENIED {
            assert!(
                told(&lock(name, "99.0.0")).concat().contains("is denied"),
                "{name}"
            );
        }
    }

    #[test]
    fn absent_crates_are_no_fault() {
        assert_eq!(told(&lock("unheard-of", "0.0.1")), [""; 0]);
    }

    #[test]
    fn a_second_version_is_seen() {
        let both = lock("bytes", "1.12.1") + &lock("bytes", "1.4.0");
        assert_eq!(told(&both).len(), 1);
    }

    #[test]
    fn a_lockfile_that_cannot_be_read_is_a_fault() {
        assert_eq!(told("").len(), 1);
    }

    /// The real one, so that a plain `cargo test` holds it; and it is read indeed.
    #[test]
    fn this_lockfile_holds() {
        run().unwrap();
        let lock = workspace::read(&workspace::root().unwrap(), "Cargo.lock").unwrap();
        let packages = packages(&lock);
        for name in [
            "bytes",
            "cid",
            "fjall",
            "lz4_flex",
            "multihash",
            "redb",
            "ring",
            "rocksdb",
        ] {
            assert!(
                packages.iter().any(|(locked, _)| *locked == name),
                "{name} was not seen"
            );
        }
    }
}
