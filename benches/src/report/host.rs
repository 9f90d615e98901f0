//! The machine and the build that a run is of.

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// What was measured on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// Model of the processor.
    pub cpu: String,
    /// Cores that the process may use.
    pub cores: usize,
    /// Whether the processor hashes by itself: SHA extensions of x86, `sha2` of ARM.
    pub sha_extensions: bool,
    /// Bytes of memory.
    pub memory: u64,
    /// File system of the stores.
    pub file_system: String,
    /// Release of the kernel.
    pub kernel: String,
    /// The compiler of this build.
    pub rustc: String,
    /// Processes that were running or waiting when it began, as a mean of a minute.
    pub load_before: f64,
    /// And when it was done.
    pub load_after: f64,
}

impl Host {
    /// This machine, with stores below `dir`.
    pub fn look(dir: &Path) -> Result<Host> {
        let cpus = fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
        let memory = fs::read_to_string("/proc/meminfo").context("cannot read /proc/meminfo")?;
        let mounts = fs::read_to_string("/proc/mounts").context("cannot read /proc/mounts")?;
        let dir = dir.canonicalize()?;
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease");
        let load = load()?;
        Ok(Host {
            cpu: field(&cpus, "model name")
                .unwrap_or("of no name")
                .to_owned(),
            cores: thread::available_parallelism()?.get(),
            sha_extensions: hashes(&cpus),
            memory: kib(&memory, "MemTotal").unwrap_or(0) << 10,
            file_system: file_system(&mounts, &dir).unwrap_or_else(|| "unknown".to_owned()),
            kernel: kernel.unwrap_or_default().trim().to_owned(),
            rustc: env!("CAIRN_RUSTC").to_owned(),
            load_before: load,
            load_after: load,
        })
    }
}

/// Processes running or waiting, as a mean of the last minute.
pub fn load() -> Result<f64> {
    let text = fs::read_to_string("/proc/loadavg").context("cannot read /proc/loadavg")?;
    let first = text.split_whitespace().next().unwrap_or_default();
    first.parse().context("/proc/loadavg begins with no number")
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_once(':'))
        .map(|(_, value)| value.trim())
}

fn kib(text: &str, name: &str) -> Option<u64> {
    field(text, name)?.split_whitespace().next()?.parse().ok()
}

fn hashes(cpus: &str) -> bool {
    let flags = field(cpus, "flags").or_else(|| field(cpus, "Features"));
    flags.is_some_and(|flags| {
        flags
            .split_whitespace()
            .any(|f| f == "sha_ni" || f == "sha2")
    })
}

/// The type of the mount that `dir` lies on: the one with the longest path, and of several the last.
fn file_system(mounts: &str, dir: &Path) -> Option<String> {
    let of_dir = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?.replace("\\040", " "), words.next()?);
        dir.starts_with(&point)
            .then(|| (point.len(), kind.to_owned()))
    };
    let found = mounts
        .lines()
        .filter_map(of_dir)
        .max_by_key(|(len, _)| *len);
    found.map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn this_machine_is_described() {
        let host = Host::look(Path::new("/")).unwrap();
        assert!(host.cores > 0 && host.memory > 1 << 20, "{host:?}");
        assert!(host.rustc.starts_with("rustc "), "{host:?}");
        assert_ne!(host.file_system, "unknown");
    }

    #[test]
    fn sha_extensions_are_a_flag_of_their_own() {
        assert!(hashes("model name\t: X\nflags\t\t: fpu sha_ni avx\n"));
        assert!(hashes("Features\t: fp asimd sha1 sha2\n"));
        assert!(!hashes("flags\t\t: fpu avx2 sha_ni_not\n"));
        assert!(!hashes(""));
    }

    #[test]
    fn the_longest_mount_has_the_folder() {
        let mounts =
            "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmp/a\\040b xfs rw 0 0\n";
        let of = |dir: &str| file_system(mounts, Path::new(dir)).unwrap();
        assert_eq!(of("/home"), "ext4");
        assert_eq!(of("/tmp/x"), "tmpfs");
        assert_eq!(of("/tmp/a b/c"), "xfs");
        assert_eq!(of("/tmpx"), "ext4");
    }
}
