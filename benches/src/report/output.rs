//! Where a report goes: three files, and a few lines on stdout.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use demo::{Column, Style, Table, Usage, heading};

use super::record::Record;
use super::{answers, goals, markdown, number, page};

/// The folder of a report.
#[derive(Debug)]
pub struct Output {
    dir: PathBuf,
}

impl Output {
    /// Makes the folder, and a file in it, which goes again.
    ///
    /// # Errors
    /// [`Usage`] if that cannot be.
    pub fn open(dir: &Path) -> Result<Output> {
        let tried = fs::create_dir_all(dir).and_then(|()| tempfile::tempfile_in(dir).map(drop));
        tried.map_err(|error| {
            let dir = dir.display();
            Usage::new(format!(
                "cannot write to {dir}: {error}; give another folder with --out"
            ))
        })?;
        Ok(Output {
            dir: dir.to_owned(),
        })
    }

    /// The page.
    pub fn page(&self) -> PathBuf {
        self.dir.join("index.html")
    }

    /// Writes all three. What was measured comes first: the others can be made of it.
    pub fn write(&self, record: &Record) -> Result<()> {
        let write = |name: &str, text: &str| {
            let path = self.dir.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        write("report.json", &json(record)?)?;
        write("report.md", &markdown::markdown(record))?;
        write("index.html", &page::html(record)?)
    }
}

/// A line a figure, so that a difference of two can be read.
fn json(record: &Record) -> Result<String> {
    let text = serde_json::to_string(record)?;
    Ok(text.replace(",{\"subject\"", ",\n{\"subject\"") + "\n")
}

/// The answers and the goals.
pub fn tell(record: &Record, out: &mut dyn Write) -> Result<()> {
    let style = Style::stdout();
    let answers = answers::answers(record);
    if !answers.is_empty() {
        writeln!(out, "{}", heading("Which store for which case", style))?;
        let mut table = Table::new([
            Column::left("question"),
            Column::left("engine"),
            Column::left("score, of the best"),
        ]);
        for answer in &answers {
            let scores = answer.ranked.iter();
            let scores: Vec<String> = scores
                .map(|(name, score)| format!("{name} {}", number::short(score.median)))
                .collect();
            let named: Vec<&str> = answer.named().collect();
            table.row([answer.question, &named.join(", "), &scores.join(", ")]);
        }
        writeln!(out, "{}", table.styled(style))?;
    }
    writeln!(out, "{}", heading("Goals", style))?;
    let mut table = Table::new([Column::left(""), Column::left("")]);
    for goal in goals::all(record) {
        table.row([goal.id, &goal.verdict()]);
    }
    write!(out, "{table}")?;
    for note in &record.notes {
        writeln!(out, "{}", demo::plain(note))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::testing::{record, set};
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let mut record = record();
        set(&mut record, "pack", 4096, "mixed", [1.5, 0.1, 1e9]);
        set(&mut record, "redb", 4096, "mixed", [1.5, 0.1, 1e9]);
        record.plan.subjects.clear();
        record.plan.dir = PathBuf::new();
        record.plan.limit = Default::default();
        let output = Output::open(&dir.path().join("a/b")).unwrap();
        output.write(&record).unwrap();
        assert_eq!(
            Record::read(&dir.path().join("a/b/report.json")).unwrap(),
            record
        );
        assert!(
            fs::read_to_string(output.page())
                .unwrap()
                .starts_with("<!DOCTYPE html>")
        );
    }

    #[test]
    fn a_folder_that_cannot_be_is_wrong_usage() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let error = Output::open(&dir.path().join("file/below")).unwrap_err();
        assert!(
            error.is::<Usage>() && error.to_string().contains("--out"),
            "{error}"
        );
    }
}
