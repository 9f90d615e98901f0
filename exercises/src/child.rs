//! Runs one check in a process of its own, which may take so long and no longer.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::verdict::{self, Verdict};

/// How long a check may take.
pub const LIMIT: Duration = Duration::from_secs(10);

/// Runs the check `name` of a test's program.
///
/// # Errors
/// If the program cannot be started.
pub fn run(program: &Path, name: &str, limit: Duration) -> Result<Verdict> {
    let mut child = Command::new(program)
        .args([
            name,
            "--exact",
            "--nocapture",
            "--test-threads=1",
            "--quiet",
        ])
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
        return Ok(Verdict::Hangs(limit));
    };
    let stdout = stdout.join().unwrap_or_default();
    let stderr = stderr.join().unwrap_or_default();
    Ok(verdict::read(name, status, &stdout, &stderr))
}

/// Waits for the end, or until `limit` is over: then it is killed, and there is no status.
fn wait(
    child: &mut Child,
    start: Instant,
    limit: Duration,
) -> std::io::Result<Option<std::process::ExitStatus>> {
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
