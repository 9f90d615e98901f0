//! The exercises of 06-unixfs-car.

use crate::exercise::Module;

#[path = "e01-same-cid/meta.rs"]
mod e01;
#[path = "e02-only-these-bytes/meta.rs"]
mod e02;
#[path = "e03-directories/meta.rs"]
mod e03;
#[path = "e04-car/meta.rs"]
mod e04;
#[path = "e05-backup/meta.rs"]
mod e05;

/// Files as blocks, by hand. Like the lab of 00, this one is built of a few small crates.
pub const MODULE: Module = Module {
    number: "06",
    folder: "06-unixfs-car",
    dependencies: "cid.workspace = true\n\
        multihash.workspace = true\n\
        sha2.workspace = true\n",
    packages: 50,
    support: &[
        ("say", include_str!("../support/say.rs")),
        ("kubo", include_str!("../support/kubo.rs")),
        ("unhex", include_str!("../support/unhex.rs")),
        ("cids", include_str!("../00-block-cid/support/cids.rs")),
        ("dirs", include_str!("support/dirs.rs")),
        ("disk", include_str!("support/disk.rs")),
        ("files", include_str!("support/files.rs")),
        ("inputs", include_str!("support/inputs.rs")),
        (
            "murmur3",
            include_str!("../../modules/00-block-cid/src/murmur3.rs"),
        ),
        ("naming", include_str!("support/naming.rs")),
        ("proto", include_str!("support/proto.rs")),
        ("vault", include_str!("support/vault.rs")),
    ],
    exercises: &[
        &e01::EXERCISE,
        &e02::EXERCISE,
        &e03::EXERCISE,
        &e04::EXERCISE,
        &e05::EXERCISE,
    ],
};
