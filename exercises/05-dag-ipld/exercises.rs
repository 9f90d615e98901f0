//! The exercises of 05-dag-ipld.

use crate::exercise::Module;

#[path = "e01-to-the-byte/meta.rs"]
mod e01;
#[path = "e02-walk-a-path/meta.rs"]
mod e02;
#[path = "e03-each-other/meta.rs"]
mod e03;
#[path = "e04-little-git/meta.rs"]
mod e04;

/// Linked data by hand. Like the lab of 00, this one is built of a few small crates.
pub const MODULE: Module = Module {
    number: "05",
    folder: "05-dag-ipld",
    dependencies: "cid.workspace = true\n\
        multihash.workspace = true\n\
        sha2.workspace = true\n",
    packages: 50,
    support: &[
        ("say", include_str!("../support/say.rs")),
        ("unhex", include_str!("../support/unhex.rs")),
        ("cids", include_str!("../00-block-cid/support/cids.rs")),
        ("value", include_str!("support/value.rs")),
        ("blocks", include_str!("support/blocks.rs")),
    ],
    exercises: &[
        &e01::EXERCISE,
        &e02::EXERCISE,
        &e03::EXERCISE,
        &e04::EXERCISE,
    ],
};
