//! Flushing system calls, counted from outside, so that those of a library count too.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::child::Worker;
use super::job::Job;

/// The calls that have a disk flush something.
const CALLS: &str = "trace=fsync,fdatasync,sync,syncfs,sync_file_range,msync";

/// Whether there is a strace that may trace.
pub fn is_there() -> bool {
    let mut command = Command::new("strace");
    command.args([
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-e",
        CALLS,
        "-o",
        "/dev/null",
        "true",
    ]);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// How many of these calls a worker makes for `job`.
pub fn count(job: &Job, scratch: &Path) -> Result<u64> {
    let record = scratch.join("strace");
    let words = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-c",
        "-e",
        CALLS,
        "-o",
    ]
    .map(OsStr::new);
    let around: Vec<&OsStr> = words.into_iter().chain([record.as_os_str()]).collect();
    let mut worker = Worker::start(&around)?;
    worker.ask(job)?;
    worker.end()?;
    let table = fs::read_to_string(&record).context("strace wrote no summary")?;
    total(&table)
}

/// The calls of a summary that strace wrote. Of no calls it writes nothing.
fn total(table: &str) -> Result<u64> {
    let mut calls = 0;
    for line in table.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        // % time, seconds, usecs/call, calls, errors if any, syscall
        if let ([share, _, _, count, ..], Some(name)) = (&words[..], words.last())
            && share.parse::<f64>().is_ok()
            && *name != "total"
        {
            calls += count
                .parse::<u64>()
                .with_context(|| format!("strace's summary has `{line}`"))?;
        }
    }
    ensure!(
        calls > 0 || table.trim().is_empty(),
        "strace's summary has no line that counts calls"
    );
    Ok(calls)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TABLE: &str = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 66.67    0.000200         100       200           fdatasync
 33.33    0.000100          33         3         1 fsync
------ ----------- ----------- --------- --------- ----------------
100.00    0.000300                   203         1 total
";

    #[test]
    fn calls_of_all_kinds_are_added_and_the_total_is_not() {
        assert_eq!(total(TABLE).unwrap(), 203);
        assert_eq!(total("").unwrap(), 0);
        assert_eq!(total("\n").unwrap(), 0);
    }

    #[test]
    fn something_else_is_an_error() {
        total("strace: attach: ptrace failed\n").unwrap_err();
    }
}
