//! `reset`: begin anew.

use std::fs;

use super::Context;
use crate::error::{Error, Result};
use crate::progress::State;
use crate::{files, place};

/// Keeps the learner's file as `.bak-N` and writes the stub.
pub fn run(cx: &mut Context<'_>, id: Option<&str>) -> Result<u8> {
    let (module, exercise) = cx.pick(id)?;
    let path = cx.lab.answer(module, exercise.file);
    let stub = exercise.stub();
    if let Some(text) = files::read_if_there(&path)?
        && text != stub
    {
        let free = |number: &u32| !path.with_extension(format!("rs.bak-{number}")).exists();
        let number = (1..).find(free).unwrap_or_default();
        let kept = path.with_extension(format!("rs.bak-{number}"));
        fs::rename(&path, &kept).map_err(|error| Error::io("rename", &path, &error))?;
        writeln!(cx.out, "kept   {}", place::shown(&kept))?;
    }
    files::write(&path, &stub)?;
    cx.lab.prepare(module, exercise)?;
    let mut entry = cx.progress.get(exercise);
    entry.state = State::Open;
    entry.marks.clear();
    entry.hints = 0;
    entry.stub = files::hash(&stub);
    cx.progress.set(entry)?;
    writeln!(cx.out, "anew   {}", place::shown(&path))?;
    Ok(0)
}
