//! The section of files and CARs: tables of what was measured, for the page and for the summary.

use super::number::short;
use super::record::Record;
use super::what;

/// A table: what stands above it, its columns, and its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// What it is of.
    pub title: String,
    /// Above the columns.
    pub head: Vec<String>,
    /// The cells; `-` where there can be nothing.
    pub rows: Vec<Vec<String>>,
}

/// How the section is to be read.
pub const HOW: &str = "Medians of the rounds. Nothing is flushed, by ours as by the others. The file and the CAR are cached, a cat and an \
export go to nowhere, and each block is proven when it is read and when it is imported. Bulk puts are those of the bare engine with the same leaves, \
8 MiB at once. Of ipfs each job is a command, offline; the time of one that does nothing is taken off. `ipfs` is as it is from \
the start, `ipfs-quick` has pebble in place of flatfs and pins nothing. `helia` is the JavaScript importer, into memory. Memory is the peak of \
a process beyond what it had before the store was open.";

const ENGINES: [&str; 6] = ["memory", "file", "fjall", "rocksdb", "redb", "pack"];
const OTHERS: [&str; 3] = ["ipfs", "ipfs-quick", "helia"];
const MIB: f64 = (1 << 20) as f64;

/// All tables for which there are figures.
pub fn grids(record: &Record) -> Vec<Grid> {
    let mut grids = Vec::new();
    for size in record.figures.sizes("files.add") {
        grids.extend(jobs(record, size));
        grids.extend(limits(record, size));
        grids.extend(memory(record, size));
    }
    for size in record.figures.sizes("small.add") {
        grids.extend(small(record, size));
    }
    grids.extend(holes(record));
    grids.extend(names(record));
    grids
}

/// What stands in a row besides its name: the figures, each with how it is written.
type Columns<'a> = &'a [(&'a str, &'a str)];

/// A row of medians; whoever has none of them has no row, but the one who was not there is told to be absent.
fn row(
    record: &Record,
    name: &str,
    size: u64,
    columns: Columns<'_>,
    text: impl Fn(f64) -> String,
) -> Option<Vec<String>> {
    let found: Vec<Option<f64>> = columns
        .iter()
        .map(|(what, _)| Some(record.figures.spread(name, size, what)?.median))
        .collect();
    let absent = record.absent.get(name);
    if found.iter().all(Option::is_none) && absent.is_none() {
        return None;
    }
    let none = absent.map_or_else(|| "-".to_owned(), |why| format!("not measured: {why}"));
    let cells = found.iter().enumerate().map(|(n, value)| match value {
        Some(value) => text(*value),
        // Once is enough.
        None if n == 0 => none.clone(),
        None => "-".to_owned(),
    });
    Some(std::iter::once(name.to_owned()).chain(cells).collect())
}

fn grid(title: String, columns: Columns<'_>, rows: Vec<Vec<String>>) -> Option<Grid> {
    let head = ["of"]
        .into_iter()
        .chain(columns.iter().map(|(_, head)| *head));
    (!rows.is_empty()).then(|| Grid {
        title,
        head: head.map(str::to_owned).collect(),
        rows,
    })
}

fn named(what: &str, size: u64) -> String {
    what::find(what).map_or_else(String::new, |what| what.size(size))
}

fn jobs(record: &Record, size: u64) -> Option<Grid> {
    let columns = [
        ("files.add", "add"),
        ("files.cat", "cat"),
        ("files.export", "export"),
        ("files.import", "import"),
        ("files.bulk", "bulk puts, bare"),
    ];
    let names = ENGINES.into_iter().chain(OTHERS);
    let rows = names.filter_map(|name| row(record, name, size, &columns, short));
    let title = format!("A file of {}, MiB a second", named("files.add", size));
    grid(title, &columns, rows.collect())
}

fn limits(record: &Record, size: u64) -> Option<Grid> {
    let columns = [
        ("files.read", "read"),
        ("files.read.sha2", "read and sha2-256, one core"),
        ("files.sha2.1", "sha2-256, one core"),
        ("files.sha2.2", "sha2-256, two cores"),
        ("files.add", "add --only-hash"),
    ];
    let figures = &record.figures;
    let machine = row(record, "machine", size, &columns, short)?;
    let importer = figures.spread("importer", size, "files.add");
    let rows = machine.into_iter().enumerate().map(|(n, cell)| {
        let ours = importer.filter(|_| n == columns.len());
        ours.map_or(cell, |found| short(found.median))
    });
    let title = format!(
        "What the machine does with a file of {}, and an add whose blocks go nowhere, MiB a second",
        named("files.add", size)
    );
    grid(title, &columns, vec![rows.collect()])
}

fn memory(record: &Record, size: u64) -> Option<Grid> {
    let columns = [
        ("memory.add", "add"),
        ("memory.cat", "cat"),
        ("memory.export", "export"),
        ("memory.import", "import"),
        ("memory.bulk", "bulk puts, bare"),
    ];
    // The one in memory takes what it holds.
    let names = ENGINES.into_iter().skip(1);
    let mib = |bytes: f64| short(bytes / MIB);
    let rows = names.filter_map(|name| row(record, name, size, &columns, mib));
    let title = format!("Memory for a file of {}, MiB", named("memory.add", size));
    grid(title, &columns, rows.collect())
}

fn small(record: &Record, size: u64) -> Option<Grid> {
    let columns = [
        ("small.add", "add"),
        ("small.bulk", "bulk puts, bare"),
        ("small.read", "read"),
    ];
    let names = ENGINES.into_iter().chain(["machine"]).chain(OTHERS);
    let micros = |rate: f64| short(1e6 / rate);
    // Others are given the smaller number of them.
    let given = |name: &&str| {
        let few = record.figures.sizes("small.add").first() == Some(&size);
        few || !OTHERS.contains(name)
    };
    let rows = names
        .filter(given)
        .filter_map(|name| row(record, name, size, &columns, micros));
    let title = format!("{} of 1 KiB, µs a file", named("small.add", size));
    grid(title, &columns, rows.collect())
}

fn holes(record: &Record) -> Option<Grid> {
    let columns = [("sparse.add", "add"), ("sparse.cat", "cat")];
    let mib = |bytes: f64| short(bytes / MIB);
    let sizes = record.figures.sizes("sparse.add").into_iter();
    let rows = sizes.filter_map(|size| {
        let mut row = row(record, "file", size, &columns, mib)?;
        *row.first_mut()? = format!("file, {}", named("sparse.add", size));
        Some(row)
    });
    let title = "Memory for a file that is one hole, MiB".to_owned();
    grid(title, &columns, rows.collect())
}

fn names(record: &Record) -> Option<Grid> {
    let columns = [("names.add", "µs a name"), ("names.memory", "memory, MiB")];
    let figures = &record.figures;
    let sizes = figures.sizes("names.add").into_iter();
    let rows = sizes.filter_map(|size| {
        let added = figures.spread("importer", size, "names.add")?.median;
        let memory = figures.spread("importer", size, "names.memory")?.median;
        let cells = [short(1e6 / added), short(memory / MIB)];
        Some([&[named("names.add", size)][..], &cells].concat())
    });
    grid(
        "A folder of very many names".to_owned(),
        &columns,
        rows.collect(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::testing::{record, set};
    use super::*;

    #[test]
    fn what_was_not_measured_has_no_table() {
        assert!(grids(&record()).is_empty());
    }

    #[test]
    fn each_figure_stands_in_the_row_and_the_column_that_are_its_own() {
        let mut record = record();
        let size = 256 << 20;
        for (n, what) in ["add", "cat", "export", "import", "bulk"]
            .iter()
            .enumerate()
        {
            let value = 100.0 * (n + 1) as f64;
            set(&mut record, "pack", size, &format!("files.{what}"), [value]);
            let bytes = value * MIB;
            set(
                &mut record,
                "pack",
                size,
                &format!("memory.{what}"),
                [bytes],
            );
        }
        set(&mut record, "importer", size, "files.add", [7.0]);
        set(&mut record, "machine", size, "files.read", [9.0]);
        set(&mut record, "pack", 1000, "small.add", [1e4]);
        set(&mut record, "machine", 1000, "small.read", [1e5]);
        set(&mut record, "file", 1 << 30, "sparse.add", [3.0 * MIB]);
        set(&mut record, "importer", 5000, "names.add", [1e6]);
        set(&mut record, "importer", 5000, "names.memory", [2.0 * MIB]);
        let rows: Vec<Vec<Vec<String>>> =
            grids(&record).into_iter().map(|grid| grid.rows).collect();
        let wanted: [&[&[&str]]; 6] = [
            &[&["pack", "100", "200", "300", "400", "500"]],
            &[&["machine", "9.00", "-", "-", "-", "7.00"]],
            &[&["pack", "100", "200", "300", "400", "500"]],
            &[&["pack", "100", "-", "-"], &["machine", "-", "-", "10.0"]],
            &[&["file, 1 GiB", "3.00", "-"]],
            &[&["5,000 names", "1.00", "2.00"]],
        ];
        assert_eq!(rows, wanted);
    }

    #[test]
    fn who_is_absent_is_told_to_be_and_why() {
        let mut record = record();
        record.absent.insert("ipfs".to_owned(), "no Go".to_owned());
        set(&mut record, "pack", 1 << 20, "files.add", [1.0]);
        let grid = jobs(&record, 1 << 20).unwrap();
        assert_eq!(grid.rows[1][..3], ["ipfs", "not measured: no Go", "-"]);
        assert_eq!(grid.rows.len(), 2);
    }
}
