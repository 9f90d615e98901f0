//! `cargo x fixtures`: where each foreign table comes from, and whether it is there.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use demo::{Column, Style, Table, units};
use testkit::fixtures;

/// Lists the tables that tests read.
pub fn run(out: &mut dyn Write) -> Result<()> {
    let root = fixtures::root();
    let (table, there) = list(root.as_deref(), fixtures::TABLES);
    write!(out, "{}", table.styled(Style::stdout()))?;
    let all = fixtures::TABLES.len();
    match root {
        Some(root) => writeln!(out, "\n{there} of {all} tables are in {}", root.display())?,
        None => writeln!(
            out,
            "\nnone of {all} tables: there is no folder ../shared/fixtures beside the checkout; \
             CAIRN_FIXTURES names another"
        )?,
    }
    Ok(())
}

/// The tables in lines, and how many of them are there.
fn list(root: Option<&Path>, tables: &[fixtures::Table]) -> (Table, usize) {
    let mut lines = Table::new([
        Column::left("table"),
        Column::right("size"),
        Column::left("source"),
    ]);
    let mut there = 0;
    for table in tables {
        let file = root.map(|root| root.join(table.path));
        let meta = file.and_then(|file| file.metadata().ok());
        let size = match meta.filter(|meta| meta.is_file()) {
            Some(meta) => {
                there += 1;
                units::bytes(meta.len())
            }
            None => "absent".to_owned(),
        };
        lines.row([table.path, &size, table.source]);
    }
    (lines, there)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_there_and_what_is_not_are_told_apart() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.json"), "12345").unwrap();
        let tables = ["a.json", "b.json"].map(|path| fixtures::Table {
            path,
            source: "somewhere",
        });
        let (lines, there) = list(Some(root.path()), &tables);
        assert_eq!(there, 1);
        assert_eq!(
            lines.to_string(),
            "table     size  source\na.json     5 B  somewhere\nb.json  absent  somewhere\n"
        );
        assert_eq!(list(None, &tables).1, 0);
    }
}
