//! `tree`: what is below a block.
//!
//! Each block is taken apart once, and named wherever it is linked to: as many lines as there are
//! links, however many paths they make.

use std::io::Write;
use std::process::ExitCode;
use std::vec::IntoIter;

use anyhow::Result;
use block_cid::{Blockstore, codec};
use clap::Args as ClapArgs;
use dag_ipld::{Cid, CidSet, Codec, Dag, Link, Path, links};
use demo::{Style, plain, units};
use persistent::program::args::Store;
use persistent::program::stop;
use persistent::program::store::{self, Use};
use persistent::wrappers::repair::is_damage;

/// `tree`.
#[derive(Debug, ClapArgs)]
pub struct Tree {
    /// The path of the root
    #[arg(value_name = "PATH")]
    at: Path,
    /// Not below so many links
    #[arg(long, value_name = "LINKS")]
    depth: Option<usize>,
}

/// Beyond as many levels a number stands for the bars before a line, which would be longer than it.
const BARS: usize = 40;

/// Links of one block that are not listed yet, and what stands before their lines.
struct Level {
    links: IntoIter<Link>,
    bars: String,
}

/// Lists what is below the root; 1 if a block is missing or cannot be read.
pub fn run(args: &Store, tree: &Tree, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let root = Dag::new(blocks).resolve(&tree.at)?.found()?.cid;
        let mut seen = CidSet::default();
        seen.insert(&root);
        let (line, below) = block(blocks, &root)?;
        writeln!(out, "{root}  {line}")?;
        let mut whole = below.is_some();
        let mut levels = vec![Level {
            links: below.unwrap_or_default().into_iter(),
            bars: String::new(),
        }];
        while let Some(level) = levels.last_mut() {
            stop::check()?;
            let Some(link) = level.links.next() else {
                levels.pop();
                continue;
            };
            let is_last = level.links.len() == 0;
            let bars = level.bars.clone();
            let corner = if is_last { "└─ " } else { "├─ " };
            let path = plain(&link.path.join("/"));
            let cid = link.cid;
            let depth = levels.len();
            if !seen.insert(&cid) {
                let above = Style::stdout().faint("above");
                writeln!(out, "{bars}{corner}{path}  {cid}  {above}")?;
                continue;
            }
            let (line, below) = block(blocks, &cid)?;
            whole &= below.is_some();
            let below = below.unwrap_or_default();
            let is_cut = tree.depth.is_some_and(|most| depth >= most);
            let more = match below.len() {
                1 if is_cut => ", 1 link below".to_owned(),
                n if is_cut && n > 0 => format!(", {} links below", units::count(n as u64)),
                _ => String::new(),
            };
            writeln!(out, "{bars}{corner}{path}  {cid}  {line}{more}")?;
            if !is_cut {
                levels.push(Level {
                    links: below.into_iter(),
                    bars: longer(&bars, depth, is_last),
                });
            }
        }
        Ok(match whole {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    })
}

fn longer(bars: &str, depth: usize, is_last: bool) -> String {
    match depth < BARS {
        true => format!("{bars}{}", if is_last { "   " } else { "│  " }),
        false => format!("{:>8} ", depth + 1),
    }
}

/// What a block is, in words, and its links, if it is there and can be read.
fn block(blocks: &impl Blockstore, cid: &Cid) -> Result<(String, Option<Vec<Link>>)> {
    let style = Style::stdout();
    let name = codec::display(cid.codec());
    let block = match blocks.get(cid) {
        Ok(Some(block)) => block,
        Ok(None) => return Ok((style.bad("missing"), None)),
        Err(damage) if is_damage(&damage) => return Ok((style.bad("damaged"), None)),
        Err(error) => return Err(error.into()),
    };
    let size = units::bytes(block.len() as u64);
    Ok(
        match Codec::of(cid).and_then(|codec| links(codec, block.data())) {
            Ok(links) => (format!("{name}, {size}"), Some(links)),
            Err(error) => {
                let why = style.bad(&plain(&error.to_string()));
                (format!("{name}, {size}, {why}"), None)
            }
        },
    )
}
