//! `cargo x long`: what takes longer than CI may, beside the fault laboratories of
//! `cargo x faults --long`.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, ensure};
use demo::{Column, Style, Table, Usage, units};

use crate::suite::{self, Suite};
use crate::workspace;

/// One of them.
struct Run {
    name: &'static str,
    what: &'static str,
    does: Does,
}

enum Does {
    /// Tests, that do their rounds in full.
    Tests(Suite),
    /// What cargo does with these arguments.
    Cargo(&'static [&'static str]),
}

const RUNS: &[Run] = &[
    Run {
        name: "mirror",
        what: "2,000 random histories of each engine beside the model",
        does: Does::Tests(Suite::of_stores("mirror::")),
    },
    Run {
        name: "slope",
        what: "each engine from 10,000 to 1,000,000 blocks, and pack to 20,000,000",
        does: Does::Cargo(&[
            "bench",
            "--locked",
            "--package",
            "benches",
            "--bench",
            "slope",
        ]),
    },
    Run {
        name: "report",
        what: "which store for which case, with stores that grow to 1,000,000 blocks",
        does: Does::Cargo(&[
            "run",
            "--release",
            "--locked",
            "--package",
            "benches",
            "--",
            "report",
            "--slope",
        ]),
    },
    Run {
        name: "index",
        what: "the memory that the index of 20,000,000 blocks takes in pack",
        does: Does::Cargo(&[
            "run",
            "--release",
            "--locked",
            "--package",
            "persistent",
            "--example",
            "index",
            "--",
            "20000000",
        ]),
    },
    Run {
        name: "memory",
        what: "what a file of 10 GiB, a CAR of 4 GiB and a folder of a million names take in memory",
        does: Does::Tests(Suite {
            package: "unixfs-car",
            target: &["--test", "program", "--test", "importing"],
            filter: "memory::",
        }),
    },
    Run {
        name: "trees",
        what: "100,000 hostile trees written to disk while folders are swapped for symlinks",
        does: Does::Tests(Suite {
            package: "unixfs-car",
            target: &["--test", "get"],
            filter: "lab::",
        }),
    },
    Run {
        name: "ranges",
        what: "1,000,000 random ranges of files beside slices of their bytes",
        does: Does::Tests(Suite {
            package: "unixfs-car",
            target: &["--test", "reading"],
            filter: "ranges::",
        }),
    },
    Run {
        name: "edits",
        what: "100,000 files and 20,000 folders changed, beside their bytes and their entries",
        does: Does::Tests(Suite {
            package: "unixfs-car",
            target: &["--test", "edit"],
            filter: "",
        }),
    },
    Run {
        name: "tables",
        what: "every row that others gave of files and folders, those of 1 GiB among them",
        does: Does::Tests(Suite {
            package: "unixfs-car",
            target: &["--test", "tables"],
            filter: "",
        }),
    },
    Run {
        name: "codecs",
        what: "1,000,000 values of each codec, there and back",
        does: Does::Tests(Suite {
            package: "dag-ipld",
            target: &["--test", "roundtrip"],
            filter: "",
        }),
    },
    Run {
        name: "faults",
        what: "every fault laboratory at its figure: hours",
        does: Does::Cargo(&[
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            "faults",
            "--long",
        ]),
    },
    Run {
        name: "fuzz",
        what: "100,000,000 inputs of each decoder: hours",
        does: Does::Cargo(&[
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            "fuzz",
            "--runs",
            "100000000",
        ]),
    },
    Run {
        name: "fresh",
        what: "a first `cargo run --bin 01-persistent`, in under two minutes",
        does: Does::Cargo(&["run", "--quiet", "--package", "xtask", "--", "fresh"]),
    },
];

impl Run {
    fn command(&self, root: &Path) -> Command {
        let mut cargo = match self.does {
            Does::Tests(suite) => suite.command(root, true),
            Does::Cargo(args) => {
                let mut cargo = workspace::cargo(root);
                cargo.args(args);
                cargo
            }
        };
        cargo.env("CAIRN_LONG", "1");
        cargo
    }
}

/// Runs all, or the one that is named. Their output is not held back; a summary ends it.
///
/// # Errors
/// If any fails, after the others ran.
pub fn run(only: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let root = workspace::root()?;
    let runs = chosen(only)?;
    let mut list = Table::new([Column::left("name"), Column::left("what")]).styled(Style::stdout());
    runs.iter().for_each(|run| list.row([run.name, run.what]));
    writeln!(out, "{list}")?;
    out.flush()?;
    let mut summary = Table::new([
        Column::left("name"),
        Column::right("took"),
        Column::left("end"),
    ]);
    let mut failed = Vec::new();
    for run in runs {
        let cargo = run.command(&root);
        writeln!(out, "CAIRN_LONG=1 {}", workspace::line(&cargo))?;
        let start = Instant::now();
        let ended = suite::run(cargo, matches!(run.does, Does::Tests(_)), out)?;
        if ended.fault.is_some() {
            failed.push(run.name.to_owned());
        }
        let end = ended.fault.as_deref().unwrap_or("ok");
        summary.row([run.name, &units::duration(start.elapsed()), end]);
    }
    write!(out, "\n{}", summary.styled(Style::stdout()))?;
    workspace::refuse("long runs that failed", &failed)
}

fn chosen(only: Option<&str>) -> Result<Vec<&'static Run>> {
    let runs: Vec<&Run> = RUNS
        .iter()
        .filter(|run| only.is_none_or(|only| run.name == only))
        .collect();
    let names: Vec<&str> = RUNS.iter().map(|run| run.name).collect();
    ensure!(
        !runs.is_empty(),
        Usage::new(format!(
            "no long run `{}`; there are {}",
            only.unwrap_or_default(),
            names.join(", ")
        ))
    );
    Ok(runs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_or_all_are_chosen() {
        assert_eq!(chosen(None).unwrap().len(), RUNS.len());
        for run in RUNS {
            assert_eq!(
                chosen(Some(run.name)).unwrap().len(),
                1,
                "{} stands once",
                run.name
            );
        }
        assert!(chosen(Some("kilt")).is_err_and(|error| error.is::<Usage>()));
    }
}
