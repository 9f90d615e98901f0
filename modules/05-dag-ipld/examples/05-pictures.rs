//! The picture of this lesson, drawn from a DAG that is built and walked here.
//!
//! ```text
//! cargo run -p dag-ipld --example 05-pictures -- FOLDER
//! ```
//!
//! `cargo x pictures` draws it anew beside the README, and `cargo x pictures --check` looks whether
//! that one is still the same.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use block_cid::{Block, Blocks, Blockstore, Hash};
use bytes::Bytes;
use dag_ipld::{Cid, Codec, Ipld};
use datastore::MemStore;
use demo::units;
use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};

fn main() -> Result<()> {
    let folder = std::env::args().nth(1);
    let folder = folder.context("usage: 05-pictures FOLDER")?;
    let trip = Trip::new()?;
    fs::write(Path::new(&folder).join("tree-dag.svg"), draw(&trip)?)?;
    Ok(())
}

/// Two days that share a map: a DAG of six blocks.
struct Trip {
    store: Blocks<MemStore>,
    root: Cid,
    /// The name of each block.
    names: Vec<(Cid, &'static str)>,
}

impl Trip {
    fn new() -> Result<Trip> {
        let mut trip = Trip {
            store: Blocks::new(MemStore::new()),
            root: *Block::raw("").cid(),
            names: Vec::new(),
        };
        let map = trip.put("map", Codec::Raw, &bytes("the map", 60))?;
        let sea = trip.put("sea", Codec::Raw, &bytes("a picture of the sea", 20))?;
        let inn = trip.put("inn", Codec::Raw, &bytes("a picture of the inn", 20))?;
        let day = |photo: &'static str, link: Cid| {
            Ipld::from([("map", map.into()), (photo, link.into())])
        };
        let first = trip.put("day 1", Codec::DagCbor, &day("inn", inn))?;
        let second = trip.put("day 2", Codec::DagCbor, &day("sea", sea))?;
        let days = Ipld::from([("day 1", first.into()), ("day 2", second.into())]);
        trip.root = trip.put("trip", Codec::DagCbor, &days)?;
        Ok(trip)
    }

    fn put(&mut self, name: &'static str, codec: Codec, value: &Ipld) -> Result<Cid> {
        let block = Block::new(codec.code(), Hash::SHA2_256, codec.encode(value)?)?;
        self.store.put(&block)?;
        self.names.push((*block.cid(), name));
        Ok(*block.cid())
    }

    fn name(&self, cid: &Cid) -> &'static str {
        let known = self.names.iter().find(|(known, _)| known == cid);
        known.map_or("", |(_, name)| name)
    }

    /// The nodes below the root, level by level. Somebody who looks at paths meets a node at the end
    /// of each; somebody who looks at CIDs (`once`) meets it once.
    fn levels(&self, once: bool) -> Result<Vec<Vec<Node>>> {
        let mut levels = vec![vec![self.node(self.root, 0)?]];
        while let Some(level) = levels.last() {
            let mut below: Vec<Node> = Vec::new();
            for (parent, node) in level.iter().enumerate() {
                for cid in &node.links {
                    match below.iter_mut().find(|known| once && known.cid == *cid) {
                        Some(known) => known.parents.push(parent),
                        None => below.push(self.node(*cid, parent)?),
                    }
                }
            }
            if below.is_empty() {
                break;
            }
            levels.push(below);
        }
        Ok(levels)
    }

    fn node(&self, cid: Cid, parent: usize) -> Result<Node> {
        let block = self.store.get(&cid)?.context("a block is missing")?;
        let mut links = Vec::new();
        Codec::of(&cid)?.links(block.data(), &mut |link| links.push(link))?;
        Ok(Node {
            cid,
            bytes: block.len(),
            links,
            parents: vec![parent],
        })
    }
}

fn bytes(text: &str, times: usize) -> Ipld {
    Ipld::from(Bytes::from(text.repeat(times)))
}

/// A node, and the places of those that link to it in the level above.
struct Node {
    cid: Cid,
    bytes: usize,
    links: Vec<Cid>,
    parents: Vec<usize>,
}

fn draw(trip: &Trip) -> Result<String> {
    let (tree, dag) = (trip.levels(false)?, trip.levels(true)?);
    let count = |levels: &[Vec<Node>]| levels.iter().map(Vec::len).sum::<usize>();
    let size = |levels: &[Vec<Node>]| {
        levels
            .iter()
            .flatten()
            .map(|node| node.bytes)
            .sum::<usize>() as u64
    };
    let shared = dag.iter().flatten().find(|node| node.parents.len() > 1);
    let shared = shared.context("no block has two parents")?.cid;
    ensure!(count(&tree) == count(&dag) + 1, "not one block is shared");
    let says = format!(
        "The same data twice. As a tree, by its paths: trip has day 1 and day 2, day 1 has inn and map, day 2 has map \
         and sea; {} nodes of {} bytes, of which map is two. As a DAG, by its CIDs: {} blocks of {} bytes; map is one block \
         with two parents.",
        count(&tree),
        units::count(size(&tree)),
        count(&dag),
        units::count(size(&dag)),
    );
    let mut page = Picture::new("One block may have two parents", &says);
    let half = (WIDTH - 2.0 * MARGIN - 16.0) / 2.0;
    for (x, levels, name, what, unit) in [
        (MARGIN, &tree, "as a tree", "by path", "nodes"),
        (MARGIN + half + 16.0, &dag, "as a DAG", "by CID", "blocks"),
    ] {
        page.text(x, 64.0, Letters::Name, Tone::Ink, name);
        let beside = x + Letters::Name.width(name) + 8.0;
        page.text(beside, 64.0, Letters::Small, Tone::Soft, what);
        let end = graph(&mut page, x, 80.0, half, trip, levels, &shared);
        let total = format!(
            "{} {unit}, {} bytes",
            count(levels),
            units::count(size(levels))
        );
        page.text_middle(
            x + half / 2.0,
            end + 24.0,
            Letters::Small,
            Tone::Ink,
            &total,
        );
    }
    Ok(page.finish()?)
}

/// Draws nodes and links; where they end.
fn graph(
    page: &mut Picture,
    x: f64,
    y: f64,
    width: f64,
    trip: &Trip,
    levels: &[Vec<Node>],
    shared: &Cid,
) -> f64 {
    const NODE: f64 = 56.0;
    const HEIGHT: f64 = 40.0;
    let place = |level: usize, at: usize| {
        let many = levels.get(level).map_or(1, Vec::len) as f64;
        let step = width / many;
        let left = x + step * (at as f64 + 0.5) - NODE / 2.0;
        Area::new(left, y + level as f64 * 74.0, NODE, HEIGHT)
    };
    let mut end = y;
    for (level, nodes) in levels.iter().enumerate() {
        for (at, node) in nodes.iter().enumerate() {
            let area = place(level, at);
            for parent in node.parents.iter().filter(|_| level > 0) {
                let above = place(level - 1, *parent);
                page.arrow(
                    &[
                        (above.middle(), above.bottom()),
                        (area.middle(), area.y - 2.0),
                    ],
                    Tone::Soft,
                );
            }
            let tone = match node.cid == *shared {
                true => Tone::Good,
                false => Tone::Plain,
            };
            page.area(area, tone);
            let line = |y, height| Area { y, height, ..area };
            page.text_in(
                line(area.y + 3.0, 17.0),
                Letters::Small,
                tone,
                trip.name(&node.cid),
            );
            let text = node.cid.to_string();
            let tail = text.get(text.len() - 4..).unwrap_or_default();
            page.text_in(
                line(area.y + 20.0, 17.0),
                Letters::Code,
                tone,
                &format!("…{tail}"),
            );
            end = area.bottom();
        }
    }
    end
}
