//! Columns that line up.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use crate::Style;
use crate::plain::plain;

/// A column: what stands above it, and to which side its cells are pushed.
#[derive(Clone, Debug)]
pub struct Column {
    title: String,
    right: bool,
}

impl Column {
    /// A column of text.
    pub fn left(title: &str) -> Column {
        Column {
            title: plain(title),
            right: false,
        }
    }

    /// A column of numbers: their last digits stand below each other.
    pub fn right(title: &str) -> Column {
        Column {
            right: true,
            ..Column::left(title)
        }
    }
}

/// Rows of cells under a line of titles; [`Display`](fmt::Display) gives the text, each line
/// with its newline.
///
/// Widths are those that a terminal shows (two cells for `石`, none for a combining accent), so
/// that file names of any language line up. Control characters in a cell are written as escapes:
/// a file name cannot break the table or speak to the terminal.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    style: Style,
}

impl Table {
    /// An empty table, in plain style. Titles that are all empty are left out.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Table {
        Table {
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
            style: Style::Plain,
        }
    }

    /// The table with its titles marked as `style` says.
    pub fn styled(mut self, style: Style) -> Table {
        self.style = style;
        self
    }

    /// Adds a row. Missing cells are empty; cells beyond the last column are left out.
    pub fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let mut row: Vec<String> = cells
            .into_iter()
            .take(self.columns.len())
            .map(|cell| plain(cell.as_ref()))
            .collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    fn line<'a>(&self, cells: impl Iterator<Item = &'a str>, widths: &[usize]) -> String {
        let mut line = String::new();
        let cells = self.columns.iter().zip(cells).zip(widths);
        for (at, ((column, cell), wide)) in cells.enumerate() {
            if at > 0 {
                line.push_str("  ");
            }
            let pad = " ".repeat(wide.saturating_sub(width(cell)));
            if column.right {
                line.push_str(&pad);
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.push_str(&pad);
            }
        }
        // Trailing blanks show nowhere but in a diff.
        line.truncate(line.trim_end().len());
        line
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titled = self.columns.iter().any(|column| !column.title.is_empty());
        let widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let cells = self.rows.iter().filter_map(|row| row.get(at));
                cells
                    .map(|cell| width(cell))
                    .fold(width(&column.title), usize::max)
            })
            .collect();
        if titled {
            let titles = self.columns.iter().map(|column| column.title.as_str());
            writeln!(f, "{}", self.style.bold(&self.line(titles, &widths)))?;
        }
        for row in &self.rows {
            let cells = row.iter().map(String::as_str);
            writeln!(f, "{}", self.line(cells, &widths))?;
        }
        Ok(())
    }
}

/// The cells of a terminal that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right() {
        let mut table = Table::new([Column::left("engine"), Column::right("blocks")]);
        table.row(["redb", "7"]);
        table.row(["a longer one", "1,234,567"]);
        assert_eq!(
            table.to_string(),
            "engine           blocks\n\
             redb                  7\n\
             a longer one  1,234,567\n"
        );
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        let mut table = Table::new([Column::left(""), Column::right("")]);
        table.row(["石塚", "1"]);
        table.row(["e\u{301}t\u{e9}", "2"]);
        table.row(["abcd", "3"]);
        assert_eq!(table.to_string(), "石塚  1\ne\u{301}t\u{e9}   2\nabcd  3\n");
    }

    #[test]
    fn a_name_cannot_break_the_table() {
        let mut table = Table::new([Column::left("name"), Column::left("of")]);
        table.row(["a\nb\x1b[31m", "x"]);
        assert_eq!(
            table.to_string(),
            "name            of\na\\nb\\u{1b}[31m  x\n"
        );
    }

    #[test]
    fn short_rows_are_filled_and_long_ones_cut() {
        let mut table = Table::new([Column::left("a"), Column::right("b")]);
        table.row(["1"]);
        table.row(["", "2", "3"]);
        assert_eq!(table.to_string(), "a  b\n1\n   2\n");
    }

    #[test]
    fn colour_is_in_the_titles_only() {
        let mut table = Table::new([Column::left("a"), Column::left("b")]).styled(Style::Colour);
        table.row(["1", "2"]);
        assert_eq!(table.to_string(), "\x1b[1ma  b\x1b[0m\n1  2\n");
    }
}
