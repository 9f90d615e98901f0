//! `tree`: what is below a block.
//!
//! Each block is taken apart once, and named wherever it is linked to: as many lines as there are
//! links, however many paths they make.

use std::io::Write;
use std::process::ExitCode;
use std::vec::IntoIter;

use anyhow::Result;
use block_cid::{Blockstore, codec, to_v1};
use clap::Args as ClapArgs;
use dag_ipld::{Cid, CidSet, Codec, Dag, Error, Found, Link, Next, Path, links};
use demo::{Style, plain, units};
use persistent::program::args::Store;
use persistent::program::stop;
use persistent::program::store::{self, Use};

use super::shown;

/// `tree`.
#[derive(Debug, ClapArgs)]
pub struct Tree {
    /// The root, or a path to it through links
    #[arg(value_name = "PATH")]
    at: Path,
    /// Not to blocks that are more than so many links away; 0 is the root alone
    #[arg(long, value_name = "LINKS")]
    depth: Option<u32>,
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
        let dag = Dag::new(blocks);
        let root = super::block_at(&dag, &tree.at)?;
        let near = tree.depth.map(|depth| near(&dag, &root, depth));
        let near = near.transpose()?;
        // CIDv0 and CIDv1 of one block are one.
        let mut seen = CidSet::default();
        seen.insert(&to_v1(&root));
        let is_cut = |depth| tree.depth.is_some_and(|most| depth >= most as usize);
        let (line, below) = block(&dag, &root, is_cut(0))?;
        writeln!(out, "{root}  {line}")?;
        let mut whole = below.is_some();
        let mut levels = Vec::new();
        if !is_cut(0) {
            levels.push(Level {
                links: below.unwrap_or_default().into_iter(),
                bars: String::new(),
            });
        }
        while let Some(level) = levels.last_mut() {
            stop::check()?;
            let Some(Link { path, cid }) = level.links.next() else {
                levels.pop();
                continue;
            };
            let is_last = level.links.len() == 0;
            let bars = level.bars.clone();
            let corner = if is_last { "└─ " } else { "├─ " };
            let path = shown::path(&path);
            let depth = levels.len();
            let key = to_v1(&cid);
            let at = near.as_ref().map(|near| near.get(depth));
            let is_here = at.is_none_or(|at| at.is_some_and(|at| at.contains(&key)));
            if !is_here || !seen.insert(&key) {
                let place = if seen.contains(&key) {
                    "above"
                } else {
                    "below"
                };
                let place = Style::stdout().faint(place);
                writeln!(out, "{bars}{corner}{path}  {cid}  {place}")?;
                continue;
            }
            let (line, below) = block(&dag, &cid, is_cut(depth))?;
            whole &= below.is_some();
            writeln!(out, "{bars}{corner}{path}  {cid}  {line}")?;
            if !is_cut(depth) {
                levels.push(Level {
                    links: below.unwrap_or_default().into_iter(),
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

/// For each number of links up to `most`, the blocks that are so many away from the root, and no fewer.
/// Only there is a block taken apart: where the way to it is longer, the limit may cut off what is below.
fn near(dag: &Dag<impl Blockstore>, root: &Cid, most: u32) -> Result<Vec<CidSet>> {
    let mut near = Vec::new();
    dag.walk(&[*root], &super::walk().with_depth(most), |visit| {
        if near.len() <= visit.depth as usize {
            near.push(CidSet::default());
        }
        if let Some(last) = near.last_mut() {
            last.insert(&to_v1(&visit.cid));
        }
        Ok::<_, Error>(Next::Enter)
    })?;
    Ok(near)
}

fn longer(bars: &str, depth: usize, is_last: bool) -> String {
    match depth < BARS {
        true => format!("{bars}{}", if is_last { "   " } else { "│  " }),
        false => format!("{:>8} ", depth + 1),
    }
}

/// What a block is, in words, and its links, if it is there and can be read. If it is `cut`, they are
/// only counted.
fn block(
    dag: &Dag<impl Blockstore>,
    cid: &Cid,
    is_cut: bool,
) -> Result<(String, Option<Vec<Link>>)> {
    let style = Style::stdout();
    let block = match dag.find(cid)? {
        Found::Node { block, .. } | Found::Opaque { block, .. } => block,
        Found::Damaged(_) => return Ok((style.bad("damaged"), None)),
        Found::Refused(why) => {
            let why = plain(&format!("cannot be had: {why}"));
            return Ok((style.bad(&why), None));
        }
        Found::Missing => return Ok((style.bad("missing"), None)),
    };
    let (name, size) = (
        codec::display(cid.codec()),
        units::bytes(block.len() as u64),
    );
    let links = Codec::of(cid).and_then(|codec| links(codec, block.data()));
    let more = match &links {
        Ok(links) if is_cut && !links.is_empty() => {
            format!("{} below", shown::counted(links.len() as u64, "link"))
        }
        Ok(_) => return Ok((format!("{name}, {size}"), links.ok())),
        Err(error) => style.bad(&plain(&error.to_string())),
    };
    Ok((format!("{name}, {size}, {more}"), links.ok()))
}
