//! System calls that fail on demand, and a record of those that were made, by strace(1).
//!
//! It works on the calls themselves, so it reaches code that calls the kernel without libc, and
//! engines in C++. A number in `when=` counts the calls of one thread.

use std::path::Path;
use std::process::{Command, Stdio};

/// Calls that make what was written durable.
pub const FLUSHES: &str = "fsync,fdatasync,syncfs,sync_file_range,msync";

/// Calls that change a file or a folder, and those that flush.
pub const CHANGES: &str = "write,pwrite64,writev,pwritev,pwritev2,ftruncate,fallocate,unlink,\
                           unlinkat,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,fsync,\
                           fdatasync,syncfs,sync_file_range,msync";

/// [`CHANGES`], and the calls that make a file or lock one: every step of a program that another
/// process may find half done.
pub const STEPS: &str = "openat,flock,write,pwrite64,writev,pwritev,pwritev2,ftruncate,fallocate,\
                         unlink,unlinkat,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,\
                         fsync,fdatasync,syncfs,sync_file_range,msync";

/// Whether strace is there and may trace.
///
/// # Errors
/// Why not.
pub fn works() -> Result<(), String> {
    let ran = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    match ran {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("strace cannot trace here ({status})")),
        Err(error) => Err(format!(
            "no strace ({error}); on Debian: apt install strace"
        )),
    }
}

/// A wrapper for [`Plan::under`](crate::child::Plan::under): `calls` do what `fault` says from
/// the `when`th on, as strace writes it: `("fsync", "error=EIO", "3")`, `("write",
/// "signal=KILL", "7")`. With a `+` after the number all later calls fail too.
pub fn inject(calls: &str, fault: &str, when: &str) -> Vec<String> {
    // Not with --seccomp-bpf, which makes it quicker and injects no signals (strace 6.1).
    let mut words: Vec<String> = ["strace", "-f", "-qq", "-o", "/dev/null"]
        .map(str::to_owned)
        .to_vec();
    words.push("-e".to_owned());
    words.push(format!("trace={calls}"));
    words.push("-e".to_owned());
    words.push(format!("inject={calls}:{fault}:when={when}"));
    words
}

/// A wrapper that records these calls in the file `log`, with the paths of what they are on.
pub fn record(calls: &str, log: &Path) -> Vec<String> {
    let mut words: Vec<String> = [
        "strace",
        "-f",
        "-qq",
        "-y",
        "--seccomp-bpf",
        "-s",
        "64",
        "-o",
    ]
    .map(str::to_owned)
    .to_vec();
    words.push(log.to_string_lossy().into_owned());
    words.push("-e".to_owned());
    words.push(format!("trace={calls}"));
    words
}

/// One call of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The thread that made it.
    pub thread: u32,
    /// Its name.
    pub name: String,
    /// The path of the file that its first argument is open on, or that is its first argument.
    pub path: String,
    /// The rest of the line.
    pub text: String,
    /// What it returned; negative if it failed.
    pub result: i64,
}

/// The calls of a record, in the order of their ends. A call that another thread's interrupted
/// in the record is put together again.
pub fn parse(record: &str) -> Vec<Call> {
    let mut begun: Vec<(u32, String)> = Vec::new();
    let mut calls = Vec::new();
    for line in record.lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let (Ok(thread), rest) = (thread.parse::<u32>(), rest.trim_start()) else {
            continue;
        };
        if let Some(head) = rest.strip_suffix(" <unfinished ...>") {
            begun.push((thread, head.to_owned()));
            continue;
        }
        let whole = match rest.split_once(" resumed>") {
            Some((_, tail)) if rest.starts_with("<... ") => {
                let Some(at) = begun.iter().rposition(|(who, _)| *who == thread) else {
                    continue;
                };
                format!("{}{tail}", begun.remove(at).1)
            }
            _ => rest.to_owned(),
        };
        calls.extend(call(thread, &whole));
    }
    calls
}

fn call(thread: u32, line: &str) -> Option<Call> {
    let (name, text) = line.split_once('(')?;
    let result = text.rsplit_once(" = ")?.1;
    let result = result.split([' ', '<']).next()?.parse().ok()?;
    let first = text.split(", ").next()?;
    let path = match (first.split_once('<'), first.strip_prefix('"')) {
        (Some((_, path)), _) => path.rsplit_once('>').map_or(path, |(path, _)| path),
        (None, Some(path)) => path.split('"').next()?,
        _ => "",
    };
    Some(Call {
        thread,
        name: name.to_owned(),
        path: path.to_owned(),
        text: text.to_owned(),
        result,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back() {
        let record = "\
7 write(4</s/a b>, \"xyz\", 3) = 3
8 fsync(5</s/c> <unfinished ...>
7 write(1<pipe:[12]>, \"> a 0 1\\n\", 8) = 8
8 <... fsync resumed>) = 0
8 rename(\"/s/.temp/x\", \"/s/X3/y\") = 0
7 fdatasync(4</s/a b>) = -1 EIO (Input/output error) (INJECTED)
7 +++ exited with 0 +++
";
        let calls = parse(record);
        let short: Vec<_> = calls
            .iter()
            .map(|c| (c.thread, &c.name[..], &c.path[..], c.result))
            .collect();
        assert_eq!(
            short,
            [
                (7, "write", "/s/a b", 3),
                (7, "write", "pipe:[12]", 8),
                (8, "fsync", "/s/c", 0),
                (8, "rename", "/s/.temp/x", 0),
                (7, "fdatasync", "/s/a b", -1),
            ]
        );
        assert!(calls[3].text.contains("/s/X3/y"));
    }
}
