//! Where things are.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the project. Cargo says at run time where this crate lies; what it said when the crate
/// was built may be another clone that shares the target folder.
pub fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// A path as it is shown: from the root on, if it lies below.
pub fn shown(path: &Path) -> String {
    let short = path.strip_prefix(root()).unwrap_or(path);
    short.display().to_string().replace('\\', "/")
}

/// Where cargo builds: the target folder of the project, which the lab shares, so that nothing is built
/// twice.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that runs us, in `dir`, free of what `cargo run` says about this crate.
pub fn cargo(dir: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(dir);
    for (name, _) in env::vars_os() {
        if let Some(text) = name.to_str()
            && (text == "CARGO"
                || text.starts_with("CARGO_PKG_")
                || text.starts_with("CARGO_MANIFEST_"))
        {
            cargo.env_remove(name);
        }
    }
    cargo.env("CARGO_TARGET_DIR", target());
    cargo
}
