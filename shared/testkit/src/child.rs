//! This test binary once more, as a process that may be killed.
//!
//! A process that tests what survives its own death cannot be the one that looks afterwards. So
//! the test binary runs itself: it has one ignored test, the *entry*, which does what the
//! variable `CAIRN_CHILD` says.
//!
//! ```text
//! parent                                     child: the same binary, `entry --exact --ignored`
//!   Child::of("child", "writer")  ── env ──►   role() == Some("writer")
//!   tell("go")                    ─ stdin ─►   orders().recv() == "go"
//!   heard() == ["ready", "a 0 1"] ◄─ stdout ─  say("ready"), say("a 0 1")
//!   kill()                        ─ SIGKILL ►  gone, wherever it was
//! ```
//!
//! Each line is one `write` to a pipe, which a kill cannot tear (pipe(7): up to 4,096 bytes). A
//! child whose parent is gone sees the end of its orders, and ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::run::panic_with;

const ROLE: &str = "CAIRN_CHILD";

/// What a child says begins so; the rest is the test harness's.
const MARK: &str = "> ";

/// Longer than anything that is waited for takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Bytes of stderr that are kept, at most, but for one line.
const NOISE: usize = 1 << 16;

/// What this process is to do, if it is a child.
pub fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// An argument that the parent gave by [`Plan::with`].
///
/// # Panics
/// If it did not.
pub fn arg(name: &str) -> String {
    std::env::var(variable(name)).unwrap_or_else(|_| panic_with(&format!("no argument {name}")))
}

fn variable(name: &str) -> String {
    format!("CAIRN_CHILD_{}", name.to_uppercase())
}

/// Tells the parent one line.
pub fn say(line: &str) {
    let text = format!("{MARK}{line}\n");
    // One write of the whole line, past the buffer of stdout. A parent that is gone hears nothing.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// The lines that the parent tells. The process ends when the parent is gone.
pub fn orders() -> Receiver<String> {
    let (sender, orders) = mpsc::channel();
    thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            // The test may not listen to orders.
            let _ = sender.send(line);
        }
        process::exit(3);
    });
    orders
}

/// How to start a child.
#[derive(Debug)]
pub struct Plan {
    wrapper: Vec<String>,
    entry: String,
    env: Vec<(String, String)>,
}

impl Plan {
    /// Gives it an argument.
    pub fn with(mut self, name: &str, value: impl ToString) -> Plan {
        self.env.push((variable(name), value.to_string()));
        self
    }

    /// Runs it under another program, such as strace.
    pub fn under(mut self, wrapper: &[&str]) -> Plan {
        self.wrapper = wrapper.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(self) -> Child {
        let own = std::env::current_exe()
            .unwrap_or_else(|e| panic_with(&format!("no path to this program: {e}")));
        let mut command = match self.wrapper.split_first() {
            Some((program, args)) => {
                let mut command = Command::new(program);
                command.args(args).arg(own);
                command
            }
            None => Command::new(own),
        };
        command
            .args([&self.entry, "--exact", "--ignored", "--nocapture"])
            .args(["--test-threads", "1"])
            .envs(self.env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command
            .spawn()
            .unwrap_or_else(|e| panic_with(&format!("cannot start {command:?}: {e}")));
        let heard = Arc::new((Mutex::new(Heard::default()), Condvar::new()));
        let mut readers = Vec::new();
        if let Some(out) = process.stdout.take() {
            let heard = Arc::clone(&heard);
            readers.push(thread::spawn(move || listen(out, &heard)));
        }
        if let Some(err) = process.stderr.take() {
            let heard = Arc::clone(&heard);
            readers.push(thread::spawn(move || overhear(err, &heard)));
        }
        Child {
            process,
            heard,
            readers,
        }
    }
}

#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    ended: bool,
    // What went to stderr, for the message of a test that fails.
    noise: String,
}

type Shared = (Mutex<Heard>, Condvar);

fn lock(shared: &Shared) -> MutexGuard<'_, Heard> {
    shared.0.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(out: impl Read, shared: &Shared) {
    for line in BufReader::new(out).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // The harness prints "test child ... " without an end of line before the first word.
        if let Some((_, said)) = line.split_once(MARK) {
            lock(shared).lines.push(said.to_owned());
            shared.1.notify_all();
        }
    }
    lock(shared).ended = true;
    shared.1.notify_all();
}

fn overhear(err: impl Read, shared: &Shared) {
    for line in BufReader::new(err).split(b'\n').map_while(Result::ok) {
        let mut heard = lock(shared);
        // The end tells why it ended.
        if heard.noise.len() > NOISE {
            heard.noise.clear();
        }
        heard.noise.push_str(&String::from_utf8_lossy(&line));
        heard.noise.push('\n');
    }
}

/// A child that runs. Dropping it kills it.
pub struct Child {
    process: process::Child,
    heard: Arc<Shared>,
    readers: Vec<JoinHandle<()>>,
}

impl Child {
    /// A child that begins in the ignored test `entry` of this binary, in this role.
    pub fn of(entry: &str, role: &str) -> Plan {
        Plan {
            wrapper: Vec::new(),
            entry: entry.to_owned(),
            env: vec![(ROLE.to_owned(), role.to_owned())],
        }
    }

    /// Its process id; that of the wrapper, if it has one.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Tells it one line. A child that has ended hears nothing.
    pub fn tell(&mut self, line: &str) {
        if let Some(stdin) = &mut self.process.stdin {
            let _ = stdin.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// What it has said so far.
    pub fn heard(&self) -> Vec<String> {
        lock(&self.heard).lines.clone()
    }

    /// What it wrote to stderr so far.
    pub fn noise(&self) -> String {
        lock(&self.heard).noise.clone()
    }

    /// Waits until it has said a line that `wanted` accepts, and gives that line; `None` if it
    /// ended without.
    ///
    /// # Panics
    /// If nothing of the kind happens for two minutes.
    pub fn wait_for(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let begun = Instant::now();
        let mut heard = lock(&self.heard);
        let mut from = 0;
        loop {
            let found = heard.lines.iter().skip(from).find(|line| wanted(line));
            if let Some(line) = found {
                return Some(line.clone());
            }
            from = heard.lines.len();
            if heard.ended {
                return None;
            }
            if begun.elapsed() > PATIENCE {
                panic_with::<()>(&format!(
                    "the child says nothing more after {:?}; stderr: {}",
                    heard.lines, heard.noise
                ));
            }
            heard = self
                .heard
                .1
                .wait_timeout(heard, PATIENCE)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Waits until it ends, or for this long; true if it ended. For [`kill`](crate::kill).
    pub(crate) fn ended_within(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        let mut heard = lock(&self.heard);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if heard.ended || left.is_zero() {
                return heard.ended;
            }
            heard = self
                .heard
                .1
                .wait_timeout(heard, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Kills it (`SIGKILL`), and gives all that it said: what it had written to the pipe it had
    /// said, whether or not anybody had read it.
    pub fn kill(mut self) -> Vec<String> {
        // It may have ended by itself.
        let _ = self.process.kill();
        self.reap();
        self.heard()
    }

    /// Waits for its end: how it ended, what it said, and what it wrote to stderr.
    ///
    /// # Panics
    /// If it says nothing for two to four minutes, and does not end.
    pub fn end(mut self) -> (ExitStatus, Vec<String>, String) {
        let mut said = None;
        while !self.ended_within(PATIENCE) {
            let now = self.heard().len();
            if said.replace(now) == Some(now) {
                let last = self.heard().pop();
                panic_with::<()>(&format!(
                    "the child does not end after {last:?}; stderr: {}",
                    self.noise()
                ));
            }
        }
        let status = self.reap();
        let noise = self.noise();
        match status {
            Some(status) => (status, self.heard(), noise),
            None => panic_with("the child cannot be waited for"),
        }
    }

    fn reap(&mut self) -> Option<ExitStatus> {
        let status = self.process.wait().ok();
        for reader in self.readers.drain(..) {
            // A reader ends with the pipe; it has nothing that can panic.
            let _ = reader.join();
        }
        status
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
