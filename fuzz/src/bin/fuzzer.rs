//! One target in the hands of libFuzzer, which has `main`, and reads the arguments.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `CAIRN_FUZZ_TARGET` | which target |
//! | `CAIRN_FUZZ_SEEDS` | a folder to which the seeds are written first |
#![no_main]
#![allow(clippy::panic)]

use std::env;
use std::path::PathBuf;
use std::sync::OnceLock;

use fuzz::{Seeds, Target};
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<&Target> = OnceLock::new();

fuzz_target!(init: begin(), |bytes: &[u8]| {
    if let Some(target) = TARGET.get() {
        target.run(bytes);
    }
});

fn begin() {
    let name = env::var("CAIRN_FUZZ_TARGET").unwrap_or_default();
    let Some(target) = Target::named(&name) else {
        panic!("CAIRN_FUZZ_TARGET={name} is no target");
    };
    TARGET.get_or_init(|| target);
    let Some(folder) = env::var_os("CAIRN_FUZZ_SEEDS").map(PathBuf::from) else {
        return;
    };
    let seeds = Seeds::gather().unwrap_or_else(|why| panic!("no seeds: {why}"));
    for (n, seed) in seeds.of(target.name).iter().enumerate() {
        let file = folder.join(format!("seed-{n:05}"));
        if let Err(error) = std::fs::write(&file, seed) {
            panic!("cannot write {}: {error}", file.display());
        }
    }
}
