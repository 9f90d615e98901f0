//! `diff`: where two DAGs differ, and what they share.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args as ClapArgs;
use dag_ipld::{Change, Dag, Item, Overlap, Path, Sum};
use demo::{Column, Style, Table, units};
use persistent::program::args::Store;
use persistent::program::store::{self, Use};

use super::shown;

/// `diff`.
#[derive(Debug, ClapArgs)]
pub struct Diff {
    /// The root of the one before, or a path to it through links
    #[arg(value_name = "BEFORE")]
    before: Path,
    /// The root of the one after
    #[arg(value_name = "AFTER")]
    after: Path,
}

/// Lists the differences; 1 if there are any, or may be in blocks that are missing.
pub fn run(args: &Store, diff: &Diff, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let dag = Dag::new(blocks);
        let before = super::block_at(&dag, &diff.before)?;
        let after = super::block_at(&dag, &diff.after)?;
        let mut changes = 0_u64;
        dag.diff(&before, &after, &super::walk(), |change| {
            changes += 1;
            tell(&change, out)
        })?;
        let overlap = dag.overlap(&before, &after, &super::walk())?;
        if changes > 0 {
            writeln!(out)?;
        }
        write!(out, "{}", table(&overlap))?;
        if overlap.bad > 0 {
            store::note(&format!(
                "{} missing or not to be read; what is below is not counted",
                shown::counted(overlap.bad, "block")
            ));
        }
        Ok(match changes + overlap.bad {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    })
}

fn tell(change: &Change, out: &mut dyn Write) -> Result<()> {
    let style = Style::stdout();
    let path = match change.path.is_empty() {
        true => "/".to_owned(),
        false => shown::path(&change.path),
    };
    let said = |item: &Item| match item {
        Item::Link(cid) => cid.to_string(),
        Item::Value(value) => shown::value(value),
    };
    Ok(match (&change.before, &change.after) {
        (None, Some(after)) => writeln!(out, "{} {path}  {}", style.good("+"), said(after)),
        (Some(before), None) => writeln!(out, "{} {path}  {}", style.bad("-"), said(before)),
        (Some(before), Some(after)) => {
            writeln!(out, "~ {path}  {} → {}", said(before), said(after))
        }
        (None, None) => Ok(()),
    }?)
}

fn table(overlap: &Overlap) -> Table {
    let titles = [
        Column::left(""),
        Column::right("blocks"),
        Column::right("bytes"),
    ];
    let mut table = Table::new(titles).styled(Style::stdout());
    let mut row = |name: &str, sum: Sum| {
        table.row([name, &units::count(sum.blocks), &units::count(sum.bytes)]);
    };
    row("before", overlap.before);
    row("after", overlap.after);
    let share = overlap.share().unwrap_or(0.0) * 100.0;
    row(&format!("in both, {share:.1} % of all"), overlap.shared);
    table
}
