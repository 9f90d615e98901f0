//! `check`: does the answer hold?

use std::io::Write;
use std::process::{Command, Stdio};

use super::Context;
use crate::error::{Error, Result};
use crate::exercise::{Exercise, Mark, Module};
use crate::judge::{self, Outcome};
use crate::progress::State;
use crate::{files, show};

/// Checks one exercise; the exit code says how it ended.
pub fn run(cx: &mut Context<'_>, id: Option<&str>, kubo: bool) -> Result<u8> {
    let (module, exercise) = cx.pick(id)?;
    let outcome = one(cx, module, exercise)?;
    if kubo {
        writeln!(cx.out, "{}", ask_kubo()?)?;
    }
    Ok(match outcome {
        Outcome::Compile(_) => 2,
        outcome => u8::from(!outcome.holds()),
    })
}

/// Checks an exercise, tells what was found, and remembers it.
pub fn one(cx: &mut Context<'_>, module: &Module, exercise: &Exercise) -> Result<Outcome> {
    if cx.lab.prepare(module, exercise)? {
        writeln!(cx.out, "made {}\n", cx.shown(module, exercise))?;
    }
    let outcome = judge::judge(&cx.lab, module, exercise, building)?;
    let mut entry = cx.progress.get(exercise);
    entry.tries += 1;
    entry.check = files::hash(exercise.check);
    if entry.stub.is_empty() {
        entry.stub = files::hash(&exercise.stub());
    }
    entry.marks = outcome.marks(exercise);
    if entry.state != State::Peeked {
        entry.state = if outcome.holds() {
            State::Solved
        } else if entry.marks.contains(&Mark::Works) {
            State::Pass
        } else {
            State::Open
        };
    }
    cx.progress.set(entry.clone())?;
    let source = files::read(&cx.lab.answer(module, exercise.file))?;
    let file = cx.shown(module, exercise);
    let told = show::outcome(exercise, &entry, &outcome, &file, &source, cx.style);
    write!(cx.out, "{told}")?;
    Ok(outcome)
}

/// Says that it takes a while.
pub fn building() {
    // If that cannot be said, nothing is lost.
    let _ = writeln!(
        std::io::stderr(),
        "building what the exercise needs; the next time it is there …"
    );
}

/// The bytes that 00-1 is about, named by a Kubo that is installed here.
fn ask_kubo() -> Result<String> {
    const WANTED: &str = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";
    let child = Command::new("ipfs")
        .args([
            "add",
            "-Q",
            "--only-hash",
            "--cid-version=1",
            "--raw-leaves",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        return Ok("Kubo: no `ipfs` is installed here; nothing needs it".into());
    };
    if let Some(mut stdin) = child.stdin.take() {
        // It may end without reading; then it has no answer, which is told below.
        let _ = stdin.write_all(b"Hello IPFS!");
    }
    let output = child
        .wait_with_output()
        .map_err(|error| Error::failed(format!("cannot wait for ipfs: {error}")))?;
    let cid = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if cid == WANTED {
        Ok(format!("Kubo agrees: {cid} is \"Hello IPFS!\""))
    } else {
        Err(Error::failed(format!(
            "the `ipfs` that is installed here names \"Hello IPFS!\" {cid:?}, and not {WANTED}"
        )))
    }
}
