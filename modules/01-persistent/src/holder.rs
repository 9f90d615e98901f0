//! Who has a store open, for the error message of whoever comes second.
//!
//! Two sources, neither of which decides anything: `/proc/locks` tells the process ids of all who
//! hold a lock on a file, and the text in the lock file adds the program and the time of a writer.

use std::fmt;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::time::SystemTime;

use crate::lock;

/// A process that has a store open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its program, as far as it can be told.
    pub program: String,
    /// When it opened the store, as RFC 3339; empty where it is not known.
    pub since: String,
}

/// Who has a store open; may be empty if the system does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// One writer, or the readers.
    pub processes: Vec<Holder>,
    /// Whether they only read.
    pub reading: bool,
}

/// Who holds the lock: the system's own list where it can be read, else the text in the file.
pub(crate) fn holders(dir: &Path, files: &[&Path]) -> Holders {
    let mut found = system_holders(files);
    let text = std::fs::read_to_string(dir.join(lock::NAME)).unwrap_or_default();
    if let Some(named) = parse_holder(&text) {
        if found.processes.is_empty() {
            found.processes.push(named);
        } else if let Some(holder) = found.processes.iter_mut().find(|h| h.pid == named.pid) {
            *holder = named;
        }
    }
    found
}

fn parse_holder(text: &str) -> Option<Holder> {
    let field = |name| text.lines().find_map(|line| line.strip_prefix(name));
    let plain = |text: Option<&str>| -> String {
        text.unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect()
    };
    let pid = field("pid ")?.trim().parse().ok()?;
    Some(Holder {
        pid,
        program: plain(field("program ")),
        since: plain(field("since ")),
    })
}

/// Writes that this process has the store open into its lock file.
pub(crate) fn write_holder(file: &mut File) -> io::Result<()> {
    let since = humantime::format_rfc3339_seconds(SystemTime::now());
    let text = format!(
        "pid {}\nprogram {}\nsince {since}\n",
        std::process::id(),
        own_program()
    );
    // Over the old text, and only then cut to length: between emptying the file and writing it
    // anew a crash would leave the sign of a clean close.
    file.rewind()?;
    match file.write_all(text.as_bytes()) {
        Ok(()) => file.set_len(text.len() as u64)?,
        // On a full disk a length without bytes takes no room, and is no sign of a clean close.
        Err(full) if is_full(&full) => file.set_len(file.metadata()?.len().max(1))?,
        Err(error) => return Err(error),
    }
    // On disk before the engine writes: a power cut must not hide that the store was open.
    file.sync_data()
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

fn own_program() -> String {
    std::env::current_exe()
        .ok()
        .and_then(|path| {
            Some(
                path.file_name()?
                    .to_string_lossy()
                    .replace(['\n', '\r'], "?"),
            )
        })
        .unwrap_or_else(|| "a program".into())
}

/// The holders of flock locks on `files`, from `/proc/locks`:
///
/// ```text
/// 1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234567 0 EOF
///                     `mode  `pid      `inode
/// ```
#[cfg(target_os = "linux")]
fn system_holders(files: &[&Path]) -> Holders {
    use std::os::unix::fs::MetadataExt;
    let inodes: Vec<u64> = files
        .iter()
        .filter_map(|path| Some(std::fs::metadata(path).ok()?.ino()))
        .collect();
    let mut found = Holders::default();
    let list = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    for line in list.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, mode, pid, place, ..] = fields[..] else {
            continue;
        };
        let inode = place.rsplit(':').next().and_then(|text| text.parse().ok());
        let (Some(inode), Ok(pid)) = (inode, pid.parse::<u32>()) else {
            continue;
        };
        let known = found.processes.iter().any(|holder| holder.pid == pid);
        if pid == 0 || known || !inodes.contains(&inode) {
            continue;
        }
        let program = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let program = program.trim().chars().filter(|c| !c.is_control()).collect();
        found.processes.push(Holder {
            pid,
            program,
            since: String::new(),
        });
        found.reading = mode == "READ";
    }
    found
}

#[cfg(not(target_os = "linux"))]
fn system_holders(_files: &[&Path]) -> Holders {
    Holders::default()
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = if self.program.is_empty() {
            "a process"
        } else {
            &self.program
        };
        write!(f, "{program} (pid {}", self.pid)?;
        if self.pid == std::process::id() {
            write!(f, ", this very process")?;
        }
        if !self.since.is_empty() {
            write!(f, ", since {}", self.since)?;
        }
        write!(f, ")")
    }
}

impl fmt::Display for Holders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.processes.is_empty() {
            return f.write_str("another process that the system does not name");
        }
        for (i, holder) in self.processes.iter().enumerate() {
            write!(f, "{}{holder}", if i == 0 { "" } else { ", " })?;
        }
        if self.reading {
            f.write_str(", reading")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doctored_lock_file_cannot_write_to_the_terminal() {
        let holder = parse_holder("pid 7\nprogram \u{1b}[31mred\nsince now").unwrap();
        assert_eq!(holder.program, "[31mred");
        assert!(parse_holder("pid x\n").is_none());
    }
}
