//! What is made from the catalogue: the tables of exercises, in the lessons and in the folders here, and
//! that of the sessions.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::sessions;
use crate::error::Result;
use crate::exercise::{Exercise, Module};
use crate::{catalogue, files, place};

const BEGIN: &str = "<!-- made by `dev gen` -->";
const END: &str = "<!-- end -->";

/// What each page has to be.
fn pages() -> Result<Vec<(PathBuf, String)>> {
    let mut pages = Vec::new();
    for module in catalogue::MODULES {
        for place in ["modules", "exercises"] {
            let folder = place::root().join(place).join(module.folder);
            let path = folder.join("README.md");
            // A lesson may come after its exercises.
            let Some(page) = files::read_if_there(&path)? else {
                continue;
            };
            let text = fill(&page, &table(module));
            pages.push((path, text));
        }
    }
    let path = place::root().join("docs").join("teaching.md");
    let text = fill(&files::read(&path)?, &sessions::table());
    pages.push((path, text));
    Ok(pages)
}

/// Writes them; which.
pub fn write() -> Result<Vec<PathBuf>> {
    let pages = pages()?;
    for (path, text) in &pages {
        files::write(path, text)?;
    }
    Ok(pages.into_iter().map(|(path, _)| path).collect())
}

/// Those that are not as they should be.
pub fn faults() -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for (path, text) in pages()? {
        if files::read(&path)? != text {
            faults.push(format!("{} is old; dev gen writes it", place::shown(&path)));
        }
        if !text.contains(BEGIN) {
            faults.push(format!("{} has no {BEGIN}", place::shown(&path)));
        }
    }
    Ok(faults)
}

/// A page with this table between its marks.
fn fill(page: &str, table: &str) -> String {
    let parts = page.split_once(BEGIN);
    let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    match parts {
        Some((before, after)) => format!("{before}{BEGIN}\n{table}{END}{after}"),
        None => page.to_owned(),
    }
}

fn table(module: &Module) -> String {
    let mut text =
        String::from("| id | exercise | minutes | graded |\n| --- | --- | ---: | --- |\n");
    for exercise in module.exercises {
        let _ = writeln!(text, "{}", row(exercise));
    }
    text
}

fn row(exercise: &Exercise) -> String {
    let marks: Vec<&str> = exercise.marks.iter().map(|mark| mark.name()).collect();
    let stretch = if exercise.stretch {
        " (may be left out)"
    } else {
        ""
    };
    format!(
        "| {} | {}{stretch} | {} | {} |",
        exercise.id,
        exercise.title,
        exercise.minutes,
        marks.join(", ")
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_table_replaces_the_one_before() {
        let page = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let filled = fill(&page, "new\n");
        assert_eq!(filled, format!("a\n{BEGIN}\nnew\n{END}\nb\n"));
        assert_eq!(fill(&filled, "new\n"), filled);
    }

    #[test]
    fn the_pages_are_as_the_catalogue_has_it() {
        assert_eq!(faults().unwrap(), [""; 0]);
    }
}
