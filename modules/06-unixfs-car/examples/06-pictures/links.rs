//! A file of as many chunks as a node has links, and one of a chunk more.

use anyhow::{Context, Result, ensure};
use block_cid::{Blocks, Blockstore};
use dag_ipld::{Cid, Codec};
use datastore::MemStore;
use demo::Data;
use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};
use unixfs_car::import::Options;
use unixfs_car::{Chunker, Importer, Profile, Source};

/// Bytes of a chunk: the shape of a tree does not ask for more.
const CHUNK: usize = 256;

/// A file: its nodes, level by level from the root, each with how many leaves are below it.
struct File {
    chunks: usize,
    levels: Vec<Vec<Node>>,
}

struct Node {
    links: usize,
    /// Its first leaf, and how many there are.
    first: usize,
    leaves: usize,
}

pub fn draw() -> Result<String> {
    let links = Profile::KUBO.links;
    let files = [file(links)?, file(links + 1)?];
    let [full, more] = &files;
    ensure!(
        full.levels.len() == 1 && more.levels.len() == 2,
        "the tree is of another height"
    );
    let told = |file: &File| {
        let level = |nodes: &Vec<Node>| {
            let links: Vec<String> = nodes.iter().map(|node| node.links.to_string()).collect();
            format!("{} with {} links", nodes.len(), links.join(" and "))
        };
        let levels: Vec<String> = file.levels.iter().map(level).collect();
        format!(
            "{} chunks: nodes from the root on: {}",
            file.chunks,
            levels.join(", then ")
        )
    };
    let says = format!(
        "Two files, as Kubo's usual profile lays them out: a node has at most {links} links. {}. {}. All chunks are at the \
         same depth.",
        told(full),
        told(more)
    );
    let mut page = Picture::new("One chunk more than a node has links", &says);
    let mut y = 64.0;
    for file in &files {
        y = tree(&mut page, y, file);
    }
    let note = "All chunks are equally deep; the last one has a node to itself.";
    page.words(MARGIN, y + 2.0, Letters::Small, Tone::Soft, note);
    Ok(page.finish()?)
}

/// Imports a file of so many chunks, and looks at its nodes.
fn file(chunks: usize) -> Result<File> {
    let store = Blocks::new(MemStore::new());
    let profile = Profile {
        chunker: Chunker::Size(CHUNK),
        raw_leaves: Some(true),
        ..Profile::KUBO
    };
    let importer = Importer::new(Options {
        profile,
        ..Options::default()
    })?;
    let bytes = Data::new(6).block(0, chunks * CHUNK);
    let root = importer.add_source(Source::bytes(bytes), &store)?;
    let mut levels: Vec<Vec<Node>> = Vec::new();
    let mut leaves = 0;
    walk(&store, &root.cid, 0, &mut levels, &mut leaves)?;
    ensure!(leaves == chunks, "{leaves} leaves of {chunks} chunks");
    Ok(File { chunks, levels })
}

/// Notes the nodes below `cid`, a leaf at a time.
fn walk(
    store: &impl Blockstore,
    cid: &Cid,
    depth: usize,
    levels: &mut Vec<Vec<Node>>,
    leaves: &mut usize,
) -> Result<()> {
    if Codec::of(cid)? == Codec::Raw {
        *leaves += 1;
        return Ok(());
    }
    let block = store.get(cid)?.context("a block is missing")?;
    let mut links = Vec::new();
    Codec::of(cid)?.links(block.data(), &mut |link| links.push(link))?;
    let first = *leaves;
    if levels.len() == depth {
        levels.push(Vec::new());
    }
    for link in &links {
        walk(store, link, depth + 1, levels, leaves)?;
    }
    let node = Node {
        links: links.len(),
        first,
        leaves: *leaves - first,
    };
    let level = levels.get_mut(depth).context("the level was made")?;
    level.push(node);
    Ok(())
}

const HEIGHT: f64 = 30.0;
const LEVEL: f64 = 62.0;

/// Draws a file; where the next thing has room.
fn tree(page: &mut Picture, y: f64, file: &File) -> f64 {
    let name = format!("{} chunks", file.chunks);
    page.text(MARGIN, y, Letters::Name, Tone::Ink, &name);
    let nodes: usize = file.levels.iter().map(Vec::len).sum();
    let above = match nodes {
        1 => "1 node above them".to_owned(),
        n => format!("{n} nodes above them"),
    };
    page.text_right(WIDTH - MARGIN, y, Letters::Small, Tone::Soft, &above);
    let unit = (WIDTH - 2.0 * MARGIN) / file.chunks as f64;
    let at = |leaf: usize| MARGIN + leaf as f64 * unit;
    let place = |depth: usize, node: &Node| {
        let label = links(node);
        let width = Letters::Small.width(&label) + 14.0;
        let middle = (at(node.first) + at(node.first + node.leaves)) / 2.0;
        let x = (middle - width / 2.0).min(WIDTH - MARGIN - width);
        (
            Area::new(x, y + 16.0 + depth as f64 * LEVEL, width, HEIGHT),
            label,
        )
    };
    let last = file.levels.len() - 1;
    let leaves = y + 16.0 + (last + 1) as f64 * LEVEL;
    for (depth, nodes) in file.levels.iter().enumerate() {
        for node in nodes {
            let (area, label) = place(depth, node);
            if depth == last {
                // All links of the node, of which the first and the last are seen.
                let (first, left) = (at(node.first) + unit / 2.0, area.x + 4.0);
                let (end, right) = (
                    at(node.first + node.leaves) - unit / 2.0,
                    area.right() - 4.0,
                );
                page.line(
                    &[
                        (first, leaves),
                        (
                            if node.leaves > 1 { left } else { area.middle() },
                            area.bottom(),
                        ),
                    ],
                    Tone::Soft,
                );
                if node.leaves > 1 {
                    page.line(&[(end, leaves), (right, area.bottom())], Tone::Soft);
                }
            }
            for below in file.levels.get(depth + 1).into_iter().flatten() {
                let (child, _) = place(depth + 1, below);
                page.line(
                    &[(area.middle(), area.bottom()), (child.middle(), child.y)],
                    Tone::Soft,
                );
            }
            page.area(area, Tone::Names);
            page.text_in(area, Letters::Small, Tone::Names, &label);
        }
    }
    for leaf in 0..file.chunks {
        let x = at(leaf) + unit / 2.0;
        page.line(&[(x, leaves), (x, leaves + 18.0)], Tone::Bytes);
    }
    leaves + 50.0
}

fn links(node: &Node) -> String {
    match node.links {
        1 => "1 link".to_owned(),
        n => format!("{n} links"),
    }
}
