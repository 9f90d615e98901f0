//! `report`: how far somebody is, on one page.

mod page;

use super::check::building;
use super::{Context, list};
use crate::drawing::{self, Drawing};
use crate::error::Result;
use crate::exercise::Mark;
use crate::progress::State;
use crate::show::RUN;
use crate::{catalogue, compile, files, place, show};
use page::Page;

/// A page for people, or JSON for those who teach.
pub fn run(cx: &mut Context<'_>, json: bool) -> Result<u8> {
    let rows: Vec<_> = catalogue::all()
        .map(|(_, exercise)| (exercise, cx.progress.get(exercise)))
        .collect();
    let solved = rows
        .iter()
        .filter(|(_, entry)| entry.state == State::Solved);
    let solved = solved.count();
    let peeked = rows
        .iter()
        .filter(|(_, entry)| entry.state == State::Peeked);
    let peeked = peeked.count();
    let minutes: u32 = rows
        .iter()
        .filter(|(_, entry)| entry.is_done())
        .map(|(exercise, _)| exercise.minutes)
        .sum();
    if json {
        let list: Vec<String> = rows
            .iter()
            .map(|(exercise, _)| list::row(cx, exercise))
            .collect();
        writeln!(
            cx.out,
            "{{\"exercises\": {}, \"solved\": {solved}, \"peeked\": {peeked}, \"minutes\": {minutes},\n \"each\": [\n  {}\n ]}}",
            rows.len(),
            list.join(",\n  ")
        )?;
        return Ok(0);
    }
    let summary = format!(
        "{solved} of {} solved, {peeked} read in our solution, some {minutes} minutes of work",
        rows.len()
    );
    writeln!(cx.out, "{}\n{summary}\n", cx.style.bold("Your way so far"))?;
    let (mut marks, mut begun) = (Vec::new(), Vec::new());
    for mark in [
        Mark::Works,
        Mark::Conforms,
        Mark::Interops,
        Mark::Survives,
        Mark::Costs,
    ] {
        let of = rows
            .iter()
            .filter(|(exercise, _)| exercise.marks.contains(&mark));
        let has = rows
            .iter()
            .filter(|(_, entry)| entry.marks.contains(&mark))
            .count();
        let (of, width) = (of.count(), 24);
        let filled = (has * width).checked_div(of).unwrap_or(0);
        let bar = format!(
            "{}{}",
            "█".repeat(filled),
            "░".repeat(width - filled.min(width))
        );
        writeln!(cx.out, "{:<9} {bar} {has} of {of}", mark.name())?;
        marks.push((mark.name(), has, of));
    }
    writeln!(cx.out)?;
    for (exercise, entry) in rows.iter().filter(|(_, entry)| entry.first > 0) {
        let (dots, state) = (show::marks(exercise, &entry.marks), entry.state.name());
        writeln!(
            cx.out,
            "{}  {:<44} {dots:<5} {state}, {} checks, {} hints",
            exercise.id, exercise.title, entry.tries, entry.hints
        )?;
        begun.push([exercise.id, exercise.title, &dots, state].map(str::to_owned));
    }
    if !begun.is_empty() {
        let page = Page {
            marks,
            rows: begun,
            summary,
            pictures: pictures(cx)?,
        };
        let path = cx.lab.dir.join("report").join("index.html");
        files::write(&path, &page.html())?;
        writeln!(cx.out, "\npage   {}", place::shown(&path))?;
    }
    writeln!(cx.out, "\nnext   {RUN} next")?;
    Ok(0)
}

/// Draws what works and has a picture, from a run of it as it is now: files of their own, and what is in them.
fn pictures(cx: &mut Context<'_>) -> Result<Vec<String>> {
    let mut pictures = Vec::new();
    for (module, exercise) in catalogue::all() {
        let works = cx.progress.get(exercise).marks.contains(&Mark::Works);
        if !works || !drawing::is_of(exercise) {
            continue;
        }
        cx.lab.prepare(module, exercise)?;
        let built = compile::compile(&cx.lab, module, &[exercise.file], building)?;
        let program = built.into_iter().find_map(|(_, built)| built.program);
        let Some(program) = program else {
            let id = exercise.id;
            writeln!(cx.out, "\n{id} is not drawn: it does not compile now")?;
            continue;
        };
        let drawing = Drawing::of(exercise, &program)?;
        let path = cx
            .lab
            .dir
            .join("report")
            .join(format!("{}.svg", exercise.id));
        let svg = drawing.svg(exercise)?;
        files::write(&path, &svg)?;
        pictures.push(svg);
        writeln!(
            cx.out,
            "\n{}  {}: your put, and the power cut after each of its steps",
            exercise.id,
            place::shown(&path)
        )?;
    }
    Ok(pictures)
}
