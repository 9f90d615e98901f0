//! One thing that was measured, of all subjects, over the sizes.

use super::number;
use super::record::Record;
use super::what::What;

/// A table of medians, as text.
pub struct Grid {
    /// Above the columns.
    pub sizes: Vec<String>,
    /// A subject, and its cells; `-` for what was not measured.
    pub rows: Vec<(String, Vec<String>)>,
}

impl Grid {
    /// Of `what`; `None` if nobody has it.
    pub fn of(record: &Record, what: &What) -> Option<Grid> {
        let figures = &record.figures;
        let sizes = figures.sizes(what.name);
        let mut rows = Vec::new();
        for name in figures.subjects() {
            let cell = |size: &u64| {
                let found = figures.spread(name, *size, what.name)?;
                Some(number::figure(found.median, what.unit, *size))
            };
            let cells: Vec<Option<String>> = sizes.iter().map(cell).collect();
            if cells.iter().any(Option::is_some) {
                let text = cells
                    .into_iter()
                    .map(|cell| cell.unwrap_or_else(|| "-".to_owned()));
                rows.push((name.to_owned(), text.collect()));
            }
        }
        let sizes = sizes.into_iter().map(|size| what.size(size)).collect();
        (!rows.is_empty()).then_some(Grid { sizes, rows })
    }
}
