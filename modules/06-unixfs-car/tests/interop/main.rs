//! What Kubo and Helia make of our DAGs and CARs, and we of theirs. `cargo x interop` runs this; a bare
//! `cargo test` does not, since it builds no peers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod helia;
mod kubo;
mod ours;
mod tree;

/// How many random trees each test tries.
fn rounds() -> u64 {
    testkit::run::count("CAIRN_TREES", 3, 100) as u64
}
