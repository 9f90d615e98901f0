//! `list`: all exercises.

use super::Context;
use crate::error::Result;
use crate::exercise::{Exercise, Module};
use crate::json::quoted;
use crate::{catalogue, show};

/// A table, or JSON for a program.
pub fn run(cx: &mut Context<'_>, only: Option<&str>, json: bool) -> Result<u8> {
    let only = only.map(catalogue::module).transpose()?;
    let wanted = |(module, _): &(&Module, &Exercise)| {
        only.is_none_or(|only: &Module| only.number == module.number)
    };
    let rows: Vec<_> = catalogue::all().filter(wanted).collect();
    if json {
        let rows: Vec<String> = rows.iter().map(|(_, exercise)| row(cx, exercise)).collect();
        writeln!(cx.out, "[\n  {}\n]", rows.join(",\n  "))?;
        return Ok(0);
    }
    for module in catalogue::MODULES {
        let mut rows = rows
            .iter()
            .filter(|row| row.0.number == module.number)
            .peekable();
        if rows.peek().is_some() {
            writeln!(cx.out, "{}", cx.style.bold(module.folder))?;
        }
        for (_, exercise) in rows {
            let entry = cx.progress.get(exercise);
            let id = format!("{}{}", exercise.id, if exercise.stretch { "+" } else { "" });
            let mut state = match entry.tries {
                0 if entry.first == 0 => "",
                _ => entry.state.name(),
            }
            .to_owned();
            if entry.check_is_newer(exercise) {
                state += " (check is newer)";
            }
            let line = format!(
                "  {id:<6} {:<44} {:>3} min  {:<5} {state}",
                exercise.title,
                exercise.minutes,
                show::marks(exercise, &entry.marks)
            );
            writeln!(cx.out, "{}", line.trim_end())?;
        }
    }
    writeln!(
        cx.out,
        "\nmarks: works, conforms, interops, survives, costs, as an exercise has them; + may be left out"
    )?;
    Ok(0)
}

/// One exercise, and how it stands, as JSON.
pub fn row(cx: &Context<'_>, exercise: &Exercise) -> String {
    let entry = cx.progress.get(exercise);
    let names = |marks: &[crate::exercise::Mark]| {
        let names: Vec<String> = marks.iter().map(|mark| quoted(mark.name())).collect();
        format!("[{}]", names.join(", "))
    };
    format!(
        "{{\"id\": {}, \"title\": {}, \"minutes\": {}, \"stretch\": {}, \"marks\": {}, \"state\": {}, \"has\": {}, \
         \"hints\": {}, \"tries\": {}, \"first\": {}, \"last\": {}, \"check_is_newer\": {}}}",
        quoted(exercise.id),
        quoted(exercise.title),
        exercise.minutes,
        exercise.stretch,
        names(exercise.marks),
        quoted(entry.state.name()),
        names(&entry.marks),
        entry.hints,
        entry.tries,
        entry.first,
        entry.last,
        entry.check_is_newer(exercise)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::json::Json;

    #[test]
    fn the_list_is_json() {
        let mut out = Vec::new();
        crate::cmd::run(&["list", "--json"], &mut out).unwrap();
        let json = Json::parse(std::str::from_utf8(&out).unwrap()).unwrap();
        let Json::List(rows) = json else {
            unreachable!()
        };
        assert_eq!(rows.len(), crate::catalogue::all().count());
        assert_eq!(
            rows.first().unwrap().get("id").unwrap().text(),
            Some("00-1")
        );
    }
}
