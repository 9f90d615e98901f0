//! `dev walk`: a clean clone, offline, as a learner would.
//!
//! For each exercise, in order: `next`, `check` (red), `hint` three times, `solution`, the solution pasted,
//! `check` (green); then a lab that is older than its checks, and `reset`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Instant;

use crate::catalogue;
use crate::error::{Error, Result};
use crate::exercise::{Exercise, Module};
use crate::{files, place};

/// A clone, and what it is built in.
struct Learner {
    clone: PathBuf,
    target: PathBuf,
}

/// Walks; the first thing that is not as it should be is an error.
pub fn run(out: &mut dyn Write) -> Result<u8> {
    let place = place::target().join("exercise-walk");
    let clone = place.join("clone");
    match fs::remove_dir_all(&clone) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::io("remove", &clone, &error));
        }
        _ => {}
    }
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--no-hardlinks"])
        .arg(place::root())
        .arg(&clone);
    output(git)?;
    let learner = Learner {
        clone,
        target: place.join("target"),
    };
    let from = if learner.target.exists() {
        "with dependencies built before"
    } else {
        "with nothing built"
    };
    let start = Instant::now();
    learner.say(&["list"], 0, "00-1")?;
    writeln!(
        out,
        "list: {:.1} s, with the runner built",
        start.elapsed().as_secs_f32()
    )?;
    for (number, (module, exercise)) in catalogue::all().enumerate() {
        let begun = Instant::now();
        let before = start.elapsed().as_secs_f32();
        let red = before + learner.walk(module, exercise, number == 0)?;
        writeln!(
            out,
            "{}  red and green, {:.1} s{}",
            exercise.id,
            begun.elapsed().as_secs_f32(),
            if number == 0 {
                format!(
                    "; {from}: {red:.1} s to the first red check, {:.1} s to the first green one",
                    start.elapsed().as_secs_f32()
                )
            } else {
                String::new()
            }
        )?;
    }
    learner.say(&["tour"], 0, "closed and opened again: all 3 blocks")?;
    learner.say(&["tour"], 0, "with 3 blocks of the last tour")?;
    learner.say(&["verify"], 0, "00-1")?;
    learner.say(&["report", "--json"], 0, "\"peeked\": ")?;
    learner.say(&["report"], 0, "lab/report/01-3.svg")?;
    learner.say(&["report"], 0, "lab/report/index.html")?;
    learner.older()?;
    writeln!(out, "dev walk: {:.1} s", start.elapsed().as_secs_f32())?;
    Ok(0)
}

impl Learner {
    /// One exercise from its stub to its solution; seconds until the check was red.
    fn walk(&self, module: &Module, exercise: &Exercise, first: bool) -> Result<f32> {
        let start = Instant::now();
        let id = exercise.id;
        let name: &[&str] = if first { &["next"] } else { &["next", id] };
        self.say(name, 0, exercise.title)?;
        let of = exercise.checks().len();
        self.say(&["check"], 1, &format!("0 of {of} hold"))?;
        let red = start.elapsed().as_secs_f32();
        for (number, left) in [(1, "2 left"), (2, "1 left"), (3, "That was the last one")] {
            self.say(&["hint"], 0, &format!("hint {number} of 3"))
                .and_then(|text| contains(&text, left))?;
        }
        self.say(&["solution", id, "--yes"], 0, "yours")?;
        let lab = self.clone.join("lab");
        let file = format!("{}.rs", exercise.file);
        let ours = lab.join("solutions").join(module.folder).join(&file);
        let yours = lab.join(module.folder).join("src").join(&file);
        let stub = files::read(&yours)?;
        if stub != exercise.stub() {
            return Err(Error::failed(format!(
                "{id}: `solution` changed the learner's file"
            )));
        }
        files::write(&yours, &files::read(&ours)?)?;
        self.say(&["check", id], 0, &format!("{of} of {of} hold"))?;
        Ok(red)
    }

    /// A lab whose checks and stub are older than the runner's keeps what was written, and says so.
    fn older(&self) -> Result<()> {
        let Some((module, exercise)) = catalogue::all().next() else {
            return Ok(());
        };
        let lab = self.clone.join("lab");
        let progress = lab.join("progress.txt");
        let text = files::read(&progress)?;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for line in &mut lines {
            if line.starts_with(exercise.id) {
                *line = line.replace("peeked", "solved");
                let end = line.find("check=").unwrap_or(line.len());
                line.truncate(end);
                *line += "check=0123456789abcdef";
            }
        }
        files::write(&progress, &lines.join("\n"))?;
        self.say(&["list", module.number], 0, "solved (check is newer)")?;
        self.say(&["check", exercise.id], 0, "Solved")?;
        let list = self.say(&["list", module.number], 0, "solved")?;
        if list.contains("check is newer") {
            return Err(Error::failed("a check that was passed is still newer"));
        }
        let yours = lab
            .join(module.folder)
            .join("src")
            .join(format!("{}.rs", exercise.file));
        let before = files::read(&yours)?;
        self.say(&["reset", exercise.id], 0, "bak-1")?;
        let kept = yours.with_extension("rs.bak-1");
        if files::read(&kept)? != before || files::read(&yours)? != exercise.stub() {
            return Err(Error::failed("`reset` lost what was written"));
        }
        self.say(&["check", exercise.id], 1, "0 of ")?;
        let mut git = Command::new("git");
        git.current_dir(&self.clone).args(["status", "--porcelain"]);
        let status = output(git)?;
        if !status.is_empty() {
            return Err(Error::failed(format!(
                "git sees what a learner does:\n{status}"
            )));
        }
        Ok(())
    }

    /// Runs a command of the runner, which has to end with `code` and print `wanted`.
    fn say(&self, args: &[&str], code: i32, wanted: &str) -> Result<String> {
        let mut cargo = place::cargo(&self.clone);
        cargo
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_NET_OFFLINE", "true");
        cargo
            .args(["run", "--quiet", "--package", "exercises", "--"])
            .args(args);
        let Output {
            status,
            stdout,
            stderr,
        } = cargo
            .output()
            .map_err(|error| Error::failed(format!("cannot start cargo: {error}")))?;
        let text = String::from_utf8_lossy(&stdout).into_owned();
        if status.code() != Some(code) {
            return Err(Error::failed(format!(
                "`{}` ended with {status}, and {code} was expected:\n{text}{}",
                args.join(" "),
                String::from_utf8_lossy(&stderr)
            )));
        }
        contains(&text, wanted)
    }
}

fn contains(text: &str, wanted: &str) -> Result<String> {
    if text.contains(wanted) {
        Ok(text.to_owned())
    } else {
        Err(Error::failed(format!("{wanted:?} is not in this:\n{text}")))
    }
}

/// What a command prints; an error if it fails.
fn output(mut command: Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| Error::failed(format!("cannot start {command:?}: {error}")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::failed(format!(
            "{command:?} ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )))
    }
}
