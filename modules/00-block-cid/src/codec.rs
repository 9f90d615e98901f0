//! Codecs: what the bytes of a block mean.
//!
//! A CID carries one number for it, from the [multicodec
//! table](https://github.com/multiformats/multicodec/blob/master/table.csv). The number is a
//! hint to whoever reads the block: it takes no part in hashing, so the same bytes can be named
//! under two codecs.

use crate::{Error, Result};

/// Bytes that mean nothing more: leaves of files, and anything else.
pub const RAW: u64 = 0x55;
/// The first IPFS format, a protobuf of links and data: files and directories.
pub const DAG_PB: u64 = 0x70;
/// CBOR with links.
pub const DAG_CBOR: u64 = 0x71;
/// A public key, which names a peer or an IPNS record.
pub const LIBP2P_KEY: u64 = 0x72;
/// JSON with links.
pub const DAG_JSON: u64 = 0x0129;

/// Every codec that Kubo names (`ipfs cid codecs`), and `car`: code and name, by code.
#[rustfmt::skip]
pub const CODECS: &[(u64, &str)] = &[
    (0x51, "cbor"), (0x55, "raw"), (0x70, "dag-pb"), (0x71, "dag-cbor"), (0x72, "libp2p-key"),
    (0x78, "git-raw"), (0x7b, "torrent-info"), (0x7c, "torrent-file"), (0x80, "blake3-hashseq"),
    (0x81, "leofcoin-block"), (0x82, "leofcoin-tx"), (0x83, "leofcoin-pr"), (0x85, "dag-jose"),
    (0x86, "dag-cose"), (0x90, "eth-block"), (0x91, "eth-block-list"), (0x92, "eth-tx-trie"),
    (0x93, "eth-tx"), (0x94, "eth-tx-receipt-trie"), (0x95, "eth-tx-receipt"),
    (0x96, "eth-state-trie"), (0x97, "eth-account-snapshot"), (0x98, "eth-storage-trie"),
    (0x99, "eth-receipt-log-trie"), (0x9a, "eth-receipt-log"), (0xb0, "bitcoin-block"),
    (0xb1, "bitcoin-tx"), (0xb2, "bitcoin-witness-commitment"), (0xc0, "zcash-block"),
    (0xc1, "zcash-tx"), (0xd0, "stellar-block"), (0xd1, "stellar-tx"), (0xe0, "decred-block"),
    (0xe1, "decred-tx"), (0xf0, "dash-block"), (0xf1, "dash-tx"), (0xfa, "swarm-manifest"),
    (0xfb, "swarm-feed"), (0xfc, "beeson"), (0x0129, "dag-json"), (0x01f0, "swhid-1-snp"),
    (0x0200, "json"), (0x0202, "car"), (0xb403, "rdfc-1"), (0xb601, "json-jcs"),
];

/// The name of a codec, if this crate knows one.
pub fn name(code: u64) -> Option<&'static str> {
    CODECS
        .iter()
        .find(|(c, _)| *c == code)
        .map(|(_, name)| *name)
}

/// The name of a codec, or its number in hexadecimal.
pub fn display(code: u64) -> String {
    name(code).map_or_else(|| format!("0x{code:x}"), str::to_owned)
}

/// The code of a codec, from its name (`dag-pb`) or its number (`112`, `0x70`).
///
/// # Errors
/// [`Error::Name`] if it is neither.
pub fn parse(text: &str) -> Result<u64> {
    if let Some((code, _)) = CODECS.iter().find(|(_, name)| *name == text) {
        return Ok(*code);
    }
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number
        .ok()
        .filter(|n| *n < 1 << 63)
        .ok_or_else(|| Error::Name {
            kind: "codec",
            name: text.to_owned(),
            remedy:
                "raw, dag-pb and dag-cbor are codecs, and any other can be given by its number \
                 in the multicodec table, as 0x55"
                    .to_owned(),
        })
}
