//! The exercises of 01-persistent.

use crate::exercise::Module;

#[path = "e01-simple-store/meta.rs"]
mod e01;
#[path = "e02-mem-store/meta.rs"]
mod e02;
#[path = "e03-file-that-survives/meta.rs"]
mod e03;
#[path = "e04-kubos-own-folder/meta.rs"]
mod e04;
#[path = "e05-log-that-survives/meta.rs"]
mod e05;
#[path = "e06-migrate/meta.rs"]
mod e06;
#[path = "e07-ttl-cache/meta.rs"]
mod e07;
#[path = "e08-honest-race/meta.rs"]
mod e08;
#[path = "e09-hot-warm-cold/meta.rs"]
mod e09;
#[path = "e10-backup-rotation/meta.rs"]
mod e10;
#[path = "e11-metrics-and-alerts/meta.rs"]
mod e11;

/// Stores over the floor of the house, `datastore`; no engine is built for them.
pub const MODULE: Module = Module {
    number: "01",
    folder: "01-persistent",
    dependencies: "bytes.workspace = true\n\
        data-encoding.workspace = true\n\
        datastore.workspace = true\n\
        sha2.workspace = true\n\
        tempfile.workspace = true\n\
        testkit.workspace = true\n",
    packages: 60,
    support: &[
        ("say", include_str!("../support/say.rs")),
        ("kubo", include_str!("../support/kubo.rs")),
        ("durable", include_str!("support/durable.rs")),
        ("folder", include_str!("support/folder.rs")),
        ("folders", include_str!("support/folders.rs")),
        ("power", include_str!("support/power.rs")),
        ("promise", include_str!("support/promise.rs")),
        ("stores", include_str!("support/stores.rs")),
        ("strip", include_str!("support/strip.rs")),
        ("writes", include_str!("support/writes.rs")),
    ],
    exercises: &[
        &e01::EXERCISE,
        &e02::EXERCISE,
        &e03::EXERCISE,
        &e04::EXERCISE,
        &e05::EXERCISE,
        &e06::EXERCISE,
        &e07::EXERCISE,
        &e08::EXERCISE,
        &e09::EXERCISE,
        &e10::EXERCISE,
        &e11::EXERCISE,
    ],
};
