//! Columns as Go's `text/tabwriter` sets them for `ipfs ls`, so that whoever reads those reads these.

use std::io::Write;

use anyhow::Result;

/// Writes rows of as many cells each. A column is a blank wider than its widest cell, and no
/// narrower than `narrowest`; the last is as wide as it is.
pub fn write(rows: &[Vec<String>], narrowest: usize, out: &mut dyn Write) -> Result<()> {
    let width = |cell: &String| cell.chars().count();
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            let widest = cells.map(width).max().unwrap_or(0);
            narrowest.max(widest + 1)
        })
        .collect();
    for row in rows {
        for (cell, wide) in row.iter().zip(&widths).take(columns - 1) {
            write!(out, "{cell:wide$}")?;
        }
        writeln!(out, "{}", row.last().map_or("", String::as_str))?;
    }
    Ok(())
}
