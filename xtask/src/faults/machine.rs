//! Where and when a run was made: the machine without its name, the commit, the day.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use demo::units;

use crate::workspace;

/// What the figures of a run depend on.
pub fn describe() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = cpus
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let memory = field(&memory, "MemTotal")
        .and_then(|text| text.strip_suffix(" kB")?.parse::<u64>().ok())
        .map_or("memory unknown".to_owned(), |kib| units::bytes(kib << 10));
    format!(
        "{}, {cores} cores, {memory}; Linux {}; temporary files on {}, shared memory on {}",
        field(&cpus, "model name").unwrap_or("CPU unknown"),
        // What a builder of kernels appends names the builder.
        kernel.trim().split('-').next().unwrap_or_default(),
        file_system(&mounts, &std::env::temp_dir()),
        file_system(&mounts, Path::new("/dev/shm")),
    )
}

/// The first value of this name in a file of lines `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    })
}

/// The kind of the file system that `path` is on, by the table of mounts: the last one of those
/// mounted nearest above it.
fn file_system(mounts: &str, path: &Path) -> String {
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (folder, kind) = (words.next()?, words.next()?);
        path.starts_with(folder).then_some((folder.len(), kind))
    });
    above
        .max_by_key(|(len, _)| *len)
        .map_or("an unknown file system", |(_, kind)| kind)
        .to_owned()
}

/// The commit that is checked out, with a `+` if tracked files differ from it; what this very
/// command writes does not count.
pub fn commit(root: &Path) -> Result<String> {
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        workspace::output(git.current_dir(root).args(args))
    };
    let commit = git(&["rev-parse", "--short=10", "HEAD"])?;
    let changed = git(&[
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        ":(exclude)docs",
    ])?;
    let sign = if changed.is_empty() { "" } else { "+" };
    Ok(format!("{}{sign}", commit.trim()))
}

/// Today, as `2026-01-31`, in UTC.
pub fn today() -> Result<String> {
    let day = workspace::output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    Ok(day.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_above_counts() {
        let mounts = "\
/dev/a / ext4 rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/b /var xfs rw 0 0
";
        let of = |path| file_system(mounts, Path::new(path));
        assert_eq!(of("/dev/shm/x"), "tmpfs");
        assert_eq!(of("/variable"), "ext4");
        assert_eq!(of("/var/tmp"), "xfs");
        assert_eq!(file_system("", Path::new("/")), "an unknown file system");
    }

    #[test]
    fn a_field_is_the_first_of_its_name() {
        let text = "processor\t: 0\nmodel name\t: A CPU: fast\nmodel name\t: another\n";
        assert_eq!(field(text, "model name"), Some("A CPU: fast"));
        assert_eq!(field(text, "flags"), None);
    }
}
