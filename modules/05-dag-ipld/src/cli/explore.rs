//! `explore`: a page that shows a DAG.

use std::io::{self, BufReader, Cursor, IsTerminal, Read, Write};
use std::path::Path as FilePath;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use block_cid::car::{MAX_SECTION, Reader};
use block_cid::{Blocks, Blockstore, Cid};
use clap::Args as ClapArgs;
use dag_ipld::explore::{Bounds, Model, page};
use dag_ipld::{Dag, Path};
use datastore::MemStore;
use demo::{Usage, units};
use persistent::program::args::Store;
use persistent::program::input::Input;
use persistent::program::stop;
use persistent::program::store::{self, Use};

/// The largest CAR that is taken into memory, in bytes.
const MAX_CAR: u64 = 512 << 20;

/// What a CARv2 begins with.
const PRAGMA: &[u8] = b"\x0a\xa1gversion\x02";

/// `explore`.
#[derive(Debug, ClapArgs)]
pub struct Explore {
    /// A CAR, or the path of a root in the store
    #[arg(value_name = "CAR|PATH")]
    what: String,
    /// Another, which is laid over the first
    #[arg(value_name = "CAR|PATH")]
    other: Option<String>,
    /// How many blocks of each the page holds, the nearest to the root first
    #[arg(long, default_value_t = Bounds::default().blocks, value_name = "N")]
    max_blocks: u64,
}

/// Where a DAG is.
enum Source<'a> {
    Car(&'a FilePath),
    Store(Path),
}

/// Writes the page.
pub fn run(args: &Store, explore: &Explore, out: &mut dyn Write) -> Result<ExitCode> {
    if io::stdout().is_terminal() {
        let why = "the page is for a browser: write it to a file with > dag.html, and open that";
        return Err(Usage::new(why).into());
    }
    let mut model = Model::default();
    for what in std::iter::once(&explore.what).chain(&explore.other) {
        let bounds = Bounds {
            blocks: explore.max_blocks,
            ..Bounds::default()
        };
        match source(what)? {
            Source::Car(file) => {
                let (blocks, roots) = read(file)?;
                let name = file.file_name().unwrap_or(file.as_os_str());
                let label = name.to_string_lossy();
                model.add(&label, &Dag::new(blocks), &roots, &bounds, &super::walk())?;
            }
            Source::Store(path) => store::with(args, Use::Read, |_, blocks| {
                let dag = Dag::new(blocks);
                let root = super::block_at(&dag, &path)?;
                if !blocks.has(&root)? {
                    bail!("block {root} is not there; `01-persistent ls` lists what is");
                }
                model.add(what, &dag, &[root], &bounds, &super::walk())?;
                Ok(())
            })?,
        }
    }
    out.write_all(page(&model).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// A path has a CID in it; anything else is a file.
fn source(what: &str) -> Result<Source<'_>> {
    match what.parse() {
        Ok(path) => Ok(Source::Store(path)),
        Err(_) if FilePath::new(what).exists() => Ok(Source::Car(FilePath::new(what))),
        Err(error) => Err(Usage::new(format!("{error}; and no file is called so")).into()),
    }
}

/// All blocks of a CAR, each proven, and its roots.
fn read(file: &FilePath) -> Result<(Blocks<MemStore>, Vec<Cid>)> {
    let named = || format!("cannot explore {}", file.display());
    let read = || -> Result<_> {
        let blocks = Blocks::new(MemStore::new()).with_max_block(MAX_SECTION);
        let mut reader = Reader::new(v1(BufReader::new(Input::open(file)))?)?;
        let roots = reader.roots().to_vec();
        if roots.is_empty() {
            bail!("it names no root to begin at");
        }
        while let Some(block) = reader.next() {
            if reader.offset() > MAX_CAR {
                bail!(
                    "it has more than {}, and what is explored is held in memory: `06-unixfs-car import` \
                     puts it into a store; explore its root there",
                    units::bytes(MAX_CAR)
                );
            }
            blocks.put(&block?)?;
        }
        Ok((blocks, roots))
    };
    let read = read().with_context(named);
    // What a signal has ended failed for no other reason.
    stop::check()?;
    read
}

/// The CARv1 in a CAR of either version. In a CARv2 (`https://ipld.io/specs/transport/car/carv2/`) it stands
/// behind a pragma and a header, which say where, and how long it is; the index behind it is of no use here.
fn v1(mut input: impl Read) -> io::Result<impl Read> {
    let cut = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::other("it ends within the header of a CARv2"),
        _ => error,
    };
    let mut first = Vec::new();
    (&mut input)
        .take(PRAGMA.len() as u64)
        .read_to_end(&mut first)?;
    let mut len = u64::MAX;
    if first == PRAGMA {
        first.clear();
        let (mut characteristics, mut at, mut size) = ([0; 16], [0; 8], [0; 8]);
        for field in [&mut characteristics[..], &mut at, &mut size] {
            input.read_exact(field).map_err(cut)?;
        }
        len = u64::from_le_bytes(size);
        let read = (PRAGMA.len() + 32) as u64;
        let padding = u64::from_le_bytes(at).saturating_sub(read);
        io::copy(&mut (&mut input).take(padding), &mut io::sink())?;
    }
    Ok(Cursor::new(first).chain(input.take(len)))
}
