//! `stat`: how much there is.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::codec;
use clap::Args as ClapArgs;
use dag_ipld::{Dag, Error, Path, Sum};
use demo::{Column, Progress, Style, Table, units};
use persistent::program::args::Store;
use persistent::program::store::{self, Use};
use serde_json::json;

use super::shown;

/// `stat`.
#[derive(Debug, ClapArgs)]
pub struct Stat {
    /// The roots, or paths to them through links
    #[arg(required = true, value_name = "PATH")]
    at: Vec<Path>,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// Counts what is below the roots.
pub fn run(args: &Store, stat: &Stat, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let dag = Dag::new(blocks);
        let mut roots = Vec::new();
        for path in &stat.at {
            roots.push(super::block_at(&dag, path)?);
        }
        let bar = Progress::bytes("stat", None);
        let add = |bytes| bar.add(bytes);
        let found = dag.stat(&roots, &super::walk().with_progress(&add))?;
        drop(bar);
        match stat.json {
            true => writeln!(out, "{}", line(&found))?,
            false => table(&found, out)?,
        }
        if let Some(cid) = &found.first_bad {
            let missing = shown::counted(found.missing, "block");
            let why = match dag.find(cid)?.whole(cid) {
                Ok(_) | Err(Error::Missing { .. }) => String::new(),
                Err(error) => format!("; {error}"),
            };
            store::note(&format!(
                "{missing} missing, {} not to be read, of which {cid} is the first; what is below is not \
                 counted{why}",
                units::count(found.faulty)
            ));
        }
        Ok(match found.is_whole() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    })
}

fn table(found: &dag_ipld::Stat, out: &mut dyn Write) -> Result<()> {
    let titles = [
        Column::left(""),
        Column::right("blocks"),
        Column::right("bytes"),
    ];
    let mut table = Table::new(titles).styled(Style::stdout());
    let mut row = |name: &str, sum: Sum| {
        // The figures of all paths stop there.
        let count = |n| match n {
            u64::MAX => "2^64 or more".to_owned(),
            n => units::count(n),
        };
        table.row([name, &count(sum.blocks), &count(sum.bytes)]);
    };
    for (code, sum) in &found.codecs {
        row(&codec::display(*code), *sum);
    }
    row("all, each once", found.unique);
    row("all, by every path", found.paths);
    write!(out, "{table}")?;
    let ratio = found.dedup_ratio().unwrap_or(1.0);
    writeln!(out)?;
    let mut facts = Table::new([Column::left(""), Column::right("")]);
    facts.row(["links", &units::count(found.links)]);
    facts.row(["depth", &units::count(found.depth.into())]);
    facts.row(["dedup ratio", &format!("{ratio:.2}")]);
    for (name, n) in [
        ("in their CID", found.inline),
        ("missing", found.missing),
        ("faulty", found.faulty),
    ] {
        if n > 0 {
            facts.row([name, &units::count(n)]);
        }
    }
    write!(out, "{facts}")?;
    Ok(())
}

fn line(found: &dag_ipld::Stat) -> serde_json::Value {
    let sum = |sum: &Sum| json!({ "blocks": sum.blocks, "bytes": sum.bytes });
    let codecs = found.codecs.iter();
    let codecs = codecs.map(|(code, of)| (codec::display(*code), sum(of)));
    json!({
        "unique": sum(&found.unique),
        "paths": sum(&found.paths),
        "codecs": codecs.collect::<serde_json::Map<_, _>>(),
        "links": found.links,
        "depth": found.depth,
        "ratio": found.dedup_ratio(),
        "inline": found.inline,
        "missing": found.missing,
        "faulty": found.faulty,
        "first_bad": found.first_bad.map(|cid| cid.to_string()),
    })
}
