//! A worker, seen from the process that started it.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::job::{Job, Outcome};

/// What a worker is started with instead of a command.
const WORKER: &str = "worker";

/// This program once more, as a worker; below `around` and its arguments if there are any.
pub struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts one.
    pub fn start(around: &[&OsStr]) -> Result<Worker> {
        let program = env::current_exe().context("cannot find this program")?;
        let mut command = match around {
            [] => Command::new(&program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(&program);
                command
            }
        };
        command
            .arg(WORKER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start a worker")?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("a worker has no pipes");
        };
        Ok(Worker {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Gives it its job and waits for the answer.
    pub fn ask(&mut self, job: &Job) -> Result<Outcome> {
        let line = serde_json::to_string(job)?;
        // A worker that is gone already says why on stderr, and has no answer.
        let _ = writeln!(self.input, "{line}").and_then(|()| self.input.flush());
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        if answer.is_empty() {
            let status = self.child.wait()?;
            bail!(
                "the worker for {} ({:?}, blocks of {} bytes) ended without an answer: {status}",
                job.subject,
                job.task,
                job.size
            );
        }
        serde_json::from_str(&answer).context("a worker answered something else")
    }

    /// Kills it, as `kill -9` does, and waits until it is gone.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits until it has ended by itself.
    pub fn end(mut self) -> Result<()> {
        drop(self.input);
        let status = self.child.wait()?;
        if !status.success() {
            bail!("a worker ended with {status}");
        }
        Ok(())
    }
}

/// Has a worker do one job.
pub fn run(job: &Job) -> Result<Outcome> {
    let mut worker = Worker::start(&[])?;
    let outcome = worker.ask(job)?;
    worker.end()?;
    Ok(outcome)
}
