//! The floors, and what is denied, each with its reason.

/// The least version of a crate that is taken, and what is wrong below it.
pub struct Floor {
    pub name: &'static str,
    pub least: &'static str,
    /// Older versions that carry the correction too: from the first up to, not including, the
    /// second.
    pub backport: Option<(&'static str, &'static str)>,
    pub why: &'static str,
}

const fn floor(name: &'static str, least: &'static str, why: &'static str) -> Floor {
    Floor {
        name,
        least,
        backport: None,
        why,
    }
}

pub const FLOORS: &[Floor] = &[
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
pub const DENIED: &[(&str, &str)] = &[
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
