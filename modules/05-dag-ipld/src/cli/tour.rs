//! The tour: what the lesson teaches, in one screen.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::{Blocks, Blockstore, Hash};
use bytes::Bytes;
use dag_ipld::{Cid, Codec, Dag, Ipld, Path, Walk};
use data_encoding::HEXLOWER;
use datastore::MemStore;
use demo::{Column, Style, Table, heading, plain};

use super::args::NAME;

/// Shows it, with a store in memory.
pub fn run(out: &mut dyn Write) -> Result<ExitCode> {
    let dag = Dag::new(Blocks::new(MemStore::new()));
    codecs(&dag, out)?;
    let (trip, map) = path(&dag, out)?;
    shared(&dag, &trip, out)?;
    missing(&dag, &trip, &map, out)?;
    next(out)?;
    Ok(ExitCode::SUCCESS)
}

fn title(text: &str, out: &mut dyn Write) -> Result<()> {
    Ok(writeln!(out, "{}", heading(text, Style::stdout()))?)
}

fn put(dag: &Dag<Blocks<MemStore>>, value: impl Into<Ipld>) -> Result<Cid> {
    Ok(dag.add(Codec::DagCbor, Hash::SHA2_256, &value.into())?)
}

/// One value, four codecs.
fn codecs(dag: &Dag<Blocks<MemStore>>, out: &mut dyn Write) -> Result<()> {
    title("One value, four codecs", out)?;
    let ada = Ipld::from([("name", Ipld::from("Ada")), ("born", Ipld::Integer(1815))]);
    let titles = ["codec", "bytes", "CID"].map(Column::left);
    let mut table = Table::new(titles).styled(Style::stdout());
    for codec in [Codec::DagCbor, Codec::Cbor, Codec::DagJson, Codec::Json] {
        let bytes = codec.encode(&ada)?;
        let cid = dag.add(codec, Hash::SHA2_256, &ada)?;
        let told = match codec {
            Codec::DagCbor | Codec::Cbor => HEXLOWER.encode(&bytes),
            _ => plain(&String::from_utf8_lossy(&bytes)),
        };
        table.row([codec.name(), &told, &cid.to_string()]);
    }
    write!(out, "{table}")?;
    let refused = Codec::DagPb.encode(&ada);
    if let Err(error) = refused {
        writeln!(out, "{error}")?;
    }
    writeln!(out)?;
    Ok(())
}

/// A trip of two days that share a map; and a path through it.
fn path(dag: &Dag<Blocks<MemStore>>, out: &mut dyn Write) -> Result<(Cid, Cid)> {
    title("A path across links", out)?;
    let raw = |text: &'static str| Ipld::from(Bytes::from(text));
    let add = |text| dag.add(Codec::Raw, Hash::SHA2_256, &raw(text));
    let (map, inn, sea) = (
        add("the map")?,
        add("a photo of the inn")?,
        add("a photo of the sea")?,
    );
    let first = put(dag, [("map", map.into()), ("photo", Ipld::from(inn))])?;
    let second = put(dag, [("map", map.into()), ("photo", Ipld::from(sea))])?;
    let days = Ipld::List(vec![first.into(), second.into()]);
    let trip = put(dag, [("days", days), ("title", Ipld::from("To the sea"))])?;
    for (segments, why) in [
        (&["title"][..], "a field of the root"),
        (&["days", "1"], "an index, and a link"),
        (&["days", "1", "photo"], "two links"),
    ] {
        let path = segments
            .iter()
            .fold(Path::new(trip), |path, s| path.join(*s));
        let place = dag.resolve(&path)?.found()?;
        let rest: String = place.remainder.iter().map(|s| format!("/{s}")).collect();
        let value = dag.get(&path)?.found()?;
        writeln!(
            out,
            "trip/{:<13} {why}: {}{rest}",
            segments.join("/"),
            place.cid
        )?;
        writeln!(out, "{:<18} {}", "", super::shown::value(&value))?;
    }
    writeln!(out)?;
    Ok((trip, map))
}

/// The map has two parents.
fn shared(dag: &Dag<Blocks<MemStore>>, trip: &Cid, out: &mut dyn Write) -> Result<()> {
    title("A block with two parents", out)?;
    let stat = dag.stat(&[*trip], &Walk::default())?;
    writeln!(
        out,
        "trip ─┬─ days/0 ─┬─ photo      {} blocks, {} links, {} paths:\n\
         \u{20}     │          └─ map ◄─┐    both days link to the map, which is\n\
         \u{20}     └─ days/1 ─┬────────┘    stored once, and visited once\n\
         \u{20}                └─ photo",
        stat.unique.blocks, stat.links, stat.paths.blocks
    )?;
    writeln!(out)?;
    Ok(())
}

/// The map is lost.
fn missing(dag: &Dag<Blocks<MemStore>>, trip: &Cid, map: &Cid, out: &mut dyn Write) -> Result<()> {
    title("A block that is not there", out)?;
    dag.blocks().delete(map)?;
    let path = Path::new(*trip).join("days").join("0").join("map");
    if let Err(error) = dag.get(&path)?.found() {
        writeln!(
            out,
            "{}",
            error.to_string().replace(": ", ":\n").replace("; ", ";\n")
        )?;
    }
    let stat = dag.stat(&[*trip], &Walk::default())?;
    writeln!(
        out,
        "The other {} blocks are there, and say so.",
        stat.unique.blocks
    )?;
    writeln!(out)?;
    Ok(())
}

fn next(out: &mut dyn Write) -> Result<()> {
    title("Next", out)?;
    let run = format!("cargo run --bin {NAME}");
    writeln!(out, "echo '{{\"name\":\"Ada\"}}' | {run} -- put")?;
    writeln!(out, "{run} -- get CID/name")?;
    writeln!(
        out,
        "{run} -- explore CID > dag.html   and open it in a browser"
    )?;
    Ok(())
}
