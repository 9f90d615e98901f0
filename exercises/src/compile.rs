//! Has cargo build tests of a lab.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::exercise::Module;
use crate::json::Json;
use crate::lab::Lab;
use crate::place;

/// One test that was built, or was not.
#[derive(Debug, Default)]
pub struct Built {
    /// Its program, if it compiles.
    pub program: Option<PathBuf>,
    /// Warnings and errors, as the compiler has them.
    pub errors: String,
    /// How many warnings there were.
    pub warnings: Vec<String>,
}

/// How long a build is waited for without a word.
const QUIET: Duration = Duration::from_millis(1500);

/// Builds these tests, or all if none is named. `slow` is called once if it takes long.
///
/// # Errors
/// If cargo cannot be started, or fails before it compiles anything of the lab.
pub fn compile(
    lab: &Lab,
    module: &Module,
    only: &[&str],
    slow: impl FnOnce(),
) -> Result<Vec<(String, Built)>> {
    let mut cargo = place::cargo(&lab.dir);
    cargo.args(["build", "--keep-going", "--message-format=json"]);
    cargo.args(["--package", &module.package()]);
    if only.is_empty() {
        cargo.arg("--tests");
    }
    for name in only {
        cargo.args(["--test", name]);
    }
    // A lint of the learner's own may not hide what is wrong.
    cargo.env_remove("RUSTFLAGS");
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Error::failed(format!("cannot start cargo: {error}")))?;
    let (Some(stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Error::failed("cargo has no output"));
    };
    let said = thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(|line| line.ok()) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    let mut slow = Some(slow);
    let mut first = true;
    let mut messages = Vec::new();
    loop {
        let line = if first {
            lines.recv_timeout(QUIET)
        } else {
            lines
                .recv()
                .map_err(|_| mpsc::RecvTimeoutError::Disconnected)
        };
        match line {
            Ok(line) => messages.extend(Json::parse(&line)),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                first = false;
                if let Some(slow) = slow.take() {
                    slow();
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child
        .wait()
        .map_err(|error| Error::failed(format!("cannot wait for cargo: {error}")))?;
    let said = said.join().unwrap_or_default();
    let built = read(&messages);
    if !status.success() && built.iter().all(|(_, built)| built.errors.is_empty()) {
        return Err(Error::failed(format!(
            "cargo cannot build the lab:\n{}",
            said.trim_end()
        )));
    }
    Ok(built)
}

/// What cargo said of each test.
fn read(messages: &[Json]) -> Vec<(String, Built)> {
    let mut all: Vec<(String, Built)> = Vec::new();
    for message in messages {
        let target = message.get("target");
        let is_test = |target: &&Json| matches!(target.get("kind"), Some(Json::List(kinds)) if kinds.iter().any(|kind| kind.text() == Some("test")));
        let Some(name) = target
            .filter(is_test)
            .and_then(|target| target.get("name"))
            .and_then(Json::text)
        else {
            continue;
        };
        let at = all.iter().position(|(known, _)| known == name);
        let at = at.unwrap_or_else(|| {
            all.push((name.to_owned(), Built::default()));
            all.len() - 1
        });
        let Some((_, built)) = all.get_mut(at) else {
            continue;
        };
        let text = |json: Option<&Json>| json.and_then(Json::text).map(str::to_owned);
        if let Some(program) = text(message.get("executable")) {
            built.program = Some(program.into());
        }
        if let Some(message) = message.get("message") {
            let rendered = text(message.get("rendered")).unwrap_or_default();
            match message.get("level").and_then(Json::text) {
                Some("warning") => built.warnings.push(rendered),
                Some("error") => built.errors += &rendered,
                _ => {}
            }
        }
    }
    all
}
