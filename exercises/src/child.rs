//! Runs one check in a process of its own, which may take so long and no longer.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::verdict::{self, Verdict};

/// How long a check may take.
pub const LIMIT: Duration = Duration::from_secs(10);

/// Runs the check `name` of a test's program, with these variables.
///
/// # Errors
/// If the program cannot be started.
pub fn run(program: &Path, name: &str, limit: Duration, env: &[(&str, &Path)]) -> Result<Verdict> {
    Ok(match output(program, name, limit, env)? {
        Some(end) => verdict::read(name, end.status, &end.stdout, &end.stderr),
        None => Verdict::Hangs(limit),
    })
}

/// How a program ended, and what it printed.
#[derive(Debug)]
pub struct End {
    /// How.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it said of itself.
    pub stderr: String,
}

/// Runs the test `name` of a program; `None` if it did not end in time.
///
/// # Errors
/// If the program cannot be started.
pub fn output(
    program: &Path,
    name: &str,
    limit: Duration,
    env: &[(&str, &Path)],
) -> Result<Option<End>> {
    let mut child = Command::new(program)
        .args([
            name,
            "--exact",
            "--nocapture",
            "--test-threads=1",
            "--quiet",
            // Who names one means it.
            "--include-ignored",
        ])
        .envs(env.iter().copied())
        .env("RUST_BACKTRACE", "0")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Error::io("start", program, &error))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let start = Instant::now();
    let status = wait(&mut child, start, limit)
        .map_err(|error| Error::failed(format!("cannot wait for {name}: {error}")))?;
    let Some(status) = status else {
        return Ok(None);
    };
    Ok(Some(End {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    }))
}

/// Waits for the end, or until `limit` is over: then it is killed, and there is no status.
fn wait(child: &mut Child, start: Instant, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            // It may have ended just now.
            let _ = child.kill();
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// How much of the output is kept.
const MOST: u64 = 256 << 10;

fn drain(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let Some(mut stream) = stream else {
            return String::new();
        };
        let mut text = Vec::new();
        let _ = stream.by_ref().take(MOST).read_to_end(&mut text);
        // The rest is read all the same, or the program would wait for us.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
        String::from_utf8_lossy(&text).into_owned()
    })
}
