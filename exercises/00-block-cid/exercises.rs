//! The exercises of 00-block-cid.

use crate::exercise::Module;

#[path = "e01-hello-cid/meta.rs"]
mod e01;
#[path = "e02-cid-by-hand/meta.rs"]
mod e02;
#[path = "e03-read-any-cid/meta.rs"]
mod e03;
#[path = "e04-v0-and-v1/meta.rs"]
mod e04;
#[path = "e05-not-the-sha256sum/meta.rs"]
mod e05;
#[path = "e06-two-hashes/meta.rs"]
mod e06;
#[path = "e07-believes-nobody/meta.rs"]
mod e07;

/// CIDs by hand and by crate. No module of ours is needed for them, and so the lab is built in seconds.
pub const MODULE: Module = Module {
    number: "00",
    folder: "00-block-cid",
    dependencies: "blake3 = { workspace = true, features = [\"pure\"] }\n\
        cid.workspace = true\n\
        multihash.workspace = true\n\
        sha2.workspace = true\n",
    packages: 50,
    support: &[
        ("say", include_str!("../support/say.rs")),
        ("kubo", include_str!("../support/kubo.rs")),
        ("cids", include_str!("support/cids.rs")),
    ],
    exercises: &[
        &e01::EXERCISE,
        &e02::EXERCISE,
        &e03::EXERCISE,
        &e04::EXERCISE,
        &e05::EXERCISE,
        &e06::EXERCISE,
        &e07::EXERCISE,
    ],
};
