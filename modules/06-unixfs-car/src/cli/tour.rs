//! The tour: what the lesson teaches, in one screen.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use block_cid::{Block, Blocks, Cid, codec};
use dag_ipld::{Dag, Next, Walk};
use datastore::MemStore;
use demo::{Column, Data, Style, Table, heading, units};
use persistent::ops::Silent;
use unixfs_car::car::export::{Missing, export};
use unixfs_car::car::index::Scratch;
use unixfs_car::car::{Reader, Version, Writer};
use unixfs_car::import::{Importer, Options};
use unixfs_car::{Chunker, Layout, Opened, Path, Profile, Root, Source};

use super::args::NAME;

type Store = Blocks<MemStore>;

/// Shows it, with a store in memory.
pub fn run(out: &mut dyn Write) -> Result<ExitCode> {
    let store = Blocks::new(MemStore::new());
    let bytes = Data::new(6).block(0, 1 << 20);
    trees(&store, &bytes, out)?;
    profiles(&store, &bytes, out)?;
    versions(&bytes, out)?;
    let folder = folder(&store, &bytes, out)?;
    car(&store, &folder, out)?;
    next(out)?;
    Ok(ExitCode::SUCCESS)
}

fn title(text: &str, out: &mut dyn Write) -> Result<()> {
    Ok(writeln!(out, "{}", heading(text, Style::stdout()))?)
}

fn add(store: &Store, profile: Profile, source: Source<'_>) -> Result<Root> {
    let options = Options {
        profile,
        ..Options::default()
    };
    Ok(Importer::new(options)?.add_source(source, store)?)
}

/// A file is cut, and its chunks hang in a tree.
fn trees(store: &Store, bytes: &[u8], out: &mut dyn Write) -> Result<()> {
    title("A file of 1 MiB as a tree of blocks", out)?;
    let mut table = table([
        Column::left("layout"),
        Column::right("links of a node"),
        Column::right("blocks"),
        Column::right("depth"),
        Column::left("root"),
    ]);
    let mut leaves = BTreeSet::new();
    for (layout, links) in [
        (Layout::Balanced, 174),
        (Layout::Balanced, 4),
        (Layout::Trickle, 4),
    ] {
        let profile = Profile {
            chunker: Chunker::Size(64 << 10),
            layout,
            links,
            ..Profile::UNIXFS_V1_2025
        };
        let root = add(store, profile, Source::bytes(bytes.to_vec()))?.cid;
        let dag = Dag::new(store);
        let stat = dag.stat(&[root], &Walk::default())?;
        dag.walk(&[root], &Walk::default(), |visit| {
            leaves.extend((visit.cid.codec() == codec::RAW).then_some(visit.cid));
            Ok::<_, dag_ipld::Error>(Next::Enter)
        })?;
        table.row([
            layout.to_string(),
            links.to_string(),
            units::count(stat.unique.blocks),
            units::count(stat.depth.into()),
            root.to_string(),
        ]);
    }
    writeln!(
        out,
        "{table}All three have the same {} leaves, of 64 KiB each.\n",
        leaves.len()
    )?;
    Ok(())
}

/// All that decides over a CID has a name.
fn profiles(store: &Store, bytes: &[u8], out: &mut dyn Write) -> Result<()> {
    title("The same file by each profile", out)?;
    let mut table = table(["profile", "chunks", "leaves", "CID"].map(Column::left));
    for (name, profile) in Profile::ALL {
        let root = add(store, profile, Source::bytes(bytes.to_vec()))?.cid;
        let leaves = match profile.format(false)?.has_raw_leaves() {
            true => "raw",
            false => "dag-pb",
        };
        table.row([
            name,
            &profile.chunker.to_string(),
            leaves,
            &root.to_string(),
        ]);
    }
    writeln!(
        out,
        "{table}The first two part where CIDv1 is asked for: only the first has raw leaves then.\n"
    )?;
    Ok(())
}

/// A byte is put in at the front, and what is still shared.
fn versions(bytes: &[u8], out: &mut dyn Write) -> Result<()> {
    title("One byte more at the front", out)?;
    let longer = [b"!", bytes].concat();
    for (name, by) in [("size-65536", "by size"), ("rabin-65536", "by content")] {
        let chunker: Chunker = name.parse()?;
        let [before, after] = [bytes, &longer].map(|file| -> Result<Vec<Cid>> {
            let cid = |chunk: std::io::Result<bytes::Bytes>| Ok(*Block::raw(chunk?).cid());
            chunker.chunks(file).map(cid).collect()
        });
        let (before, after) = (BTreeSet::from_iter(before?), after?);
        let kept = after.iter().filter(|cid| before.contains(*cid)).count();
        writeln!(
            out,
            "{name:<12} cut {by}: {kept} of its {} chunks are there already",
            after.len()
        )?;
    }
    writeln!(out)?;
    Ok(())
}

/// A folder, a path through it, and a part of a file.
fn folder(store: &Store, bytes: &[u8], out: &mut dyn Write) -> Result<Cid> {
    title("A folder, and a path through it", out)?;
    let song = Source::bytes(bytes.to_vec()).named("song.flac");
    let note = Source::bytes("for the road").named("note.txt");
    let music = Source::folder(vec![note, song]).named("music");
    let root = add(store, Profile::KUBO, Source::folder(vec![music]))?.cid;
    let path = Path::parse(format!("{root}/music").as_bytes())?;
    let Opened::Dir(music) = Opened::open(store, &path.resolve(store)?)? else {
        bail!("{path} is no folder");
    };
    writeln!(out, "{path}")?;
    for entry in music.entries() {
        let entry = entry?;
        let name = String::from_utf8_lossy(&entry.name).into_owned();
        writeln!(out, "  {:<10} {}", demo::plain(&name), entry.cid)?;
    }
    let note = Path::parse(format!("{root}/music/note.txt").as_bytes())?;
    if let Opened::File(mut file) = Opened::open(store, &note.resolve(store)?)? {
        file.seek_to(8);
        let end = file.chunk()?.unwrap_or_default();
        let end = demo::plain(&String::from_utf8_lossy(&end));
        writeln!(out, "note.txt from its byte 8 on: {end:?}\n")?;
    }
    Ok(root)
}

/// The folder as a CAR, and one bit of it turned over.
fn car(store: &Store, root: &Cid, out: &mut dyn Write) -> Result<()> {
    title("All of it in one file: a CAR", out)?;
    let scratch = Scratch::new(std::env::temp_dir());
    let mut writer = Writer::new(Cursor::new(Vec::new()), &[*root], Version::V1, &scratch)?;
    export(store, root, Missing::Refused, &mut writer, &Silent)?;
    let mut file = writer.finish()?.into_inner();
    let read = |file: &[u8]| -> Result<usize, unixfs_car::car::Error> {
        let (mut reader, mut count) = (Reader::new(file)?, 0);
        loop {
            match reader.group()?.len() {
                0 => return Ok(count),
                more => count += more,
            }
        }
    };
    let count = read(&file)?;
    writeln!(
        out,
        "{count} blocks in {}, each behind its CID, each hashed as it is read",
        units::bytes(file.len() as u64)
    )?;
    let middle = file.len() / 2;
    if let Some(byte) = file.get_mut(middle) {
        *byte ^= 1;
    }
    match read(&file) {
        Ok(_) => bail!("a bit was turned over at byte {middle}, and nobody noticed"),
        Err(error) => writeln!(out, "one bit turned over at byte {middle}: {error}\n")?,
    }
    Ok(())
}

fn table<const N: usize>(columns: [Column; N]) -> Table {
    Table::new(columns).styled(Style::stdout())
}

fn next(out: &mut dyn Write) -> Result<()> {
    title("Next", out)?;
    let run = format!("cargo run --release --bin {NAME}");
    writeln!(out, "{run} -- add -r FOLDER")?;
    writeln!(out, "{run} -- ls CID")?;
    writeln!(out, "{run} -- export CID > folder.car")?;
    writeln!(
        out,
        "{run} -- explore FILE > dag.html   and open it in a browser"
    )?;
    Ok(())
}
