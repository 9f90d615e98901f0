//! The exercises of 00-block-cid.

use crate::exercise::Module;

#[path = "e01-hello-cid/meta.rs"]
mod e01;

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
        ("cids", include_str!("support/cids.rs")),
    ],
    exercises: &[&e01::EXERCISE],
};
