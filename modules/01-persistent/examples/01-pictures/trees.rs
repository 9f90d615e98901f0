//! The same twelve puts into a B-tree and into an LSM tree: what each writes, and when.
//!
//! Both are models of a page: so small that every key of them is seen. What the engines write is
//! measured elsewhere, and stands below the models as `docs/report/report.json` has it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use block_cid::Block;
use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};

use crate::btree::{BTree, Key, ROOM};
use crate::lsm::{Lsm, Wrote};
use crate::{bars, report};

/// After which puts the trees are drawn.
const FRAMES: [usize; 5] = [2, 3, 6, 9, 12];

/// Where the two trees are.
const LEFT: f64 = 82.0;
const RIGHT: f64 = 316.0;

/// A key, and a page of three.
const CELL: f64 = 8.0;
const PAGE: f64 = page_width(ROOM);

/// From one level of a tree to the next.
const LEVEL: f64 = 23.0;

const fn page_width(cells: usize) -> f64 {
    cells as f64 * (CELL + 1.0) + 5.0
}

pub fn draw(root: &Path) -> Result<String> {
    let keys = keys()?;
    let measured = report::written(root)?;
    let says = says(&keys, &measured)?;
    let mut page = Picture::new("Twelve puts: a B-tree and an LSM tree", &says);
    let legend = "what this put has written; 3 keys to a page, so that each is seen";
    page.area(Area::new(MARGIN, 47.0, 12.0, 12.0), Tone::Bytes);
    page.text(MARGIN + 18.0, 57.0, Letters::Small, Tone::Soft, legend);
    page.text(LEFT, 90.0, Letters::Name, Tone::Ink, "B-tree");
    page.text(
        LEFT + 58.0,
        90.0,
        Letters::Small,
        Tone::Soft,
        "leaf to root",
    );
    page.text(RIGHT, 90.0, Letters::Name, Tone::Ink, "LSM tree");
    page.text(
        RIGHT + 75.0,
        90.0,
        Letters::Small,
        Tone::Soft,
        "log, then tables",
    );

    let (mut btree, mut lsm) = (BTree::new(), Lsm::default());
    let (mut by_btree, mut by_lsm) = (0, 0);
    let mut y = 104.0;
    for (number, key) in keys.iter().enumerate() {
        let (pages, wrote) = (btree.put(*key), lsm.put(*key));
        by_btree += pages.len() * ROOM;
        by_lsm += wrote.all();
        if FRAMES.contains(&(number + 1)) {
            page.line(&[(MARGIN, y), (WIDTH - MARGIN, y)], Tone::Soft);
            let label = format!("put {}", number + 1);
            page.text(MARGIN, y + 22.0, Letters::Name, Tone::Ink, &label);
            let [first, _] = key;
            let begins = format!("{first:02x}…");
            page.text(MARGIN, y + 41.0, Letters::Code, Tone::Soft, &begins);
            left(&mut page, y + 12.0, &btree, &pages);
            says_below(&mut page, y + height(&btree) - 11.0, pages.len(), wrote);
            right(&mut page, y + 12.0, &lsm, wrote);
            y += height(&btree);
        }
    }
    let mut sorted = keys.clone();
    sorted.sort();
    ensure!(
        btree.keys() == sorted && lsm.keys() == sorted,
        "a tree has lost keys"
    );
    let at_once = at_once(&btree);
    ensure!(
        at_once < by_lsm && by_lsm < by_btree,
        "the trees write other amounts"
    );
    let rows = [
        ("B-tree", by_btree),
        ("LSM tree", by_lsm),
        ("B-tree, one commit", at_once),
    ];
    bars::draw(&mut page, y, &rows, &measured);
    Ok(page.finish()?)
}

/// What twelve blocks hash to begins so: in no order.
fn keys() -> Result<Vec<Key>> {
    let key = |n: u32| {
        let block = Block::raw(format!("block {n}"));
        let digest = block.cid().hash().digest().to_vec();
        let first = digest.first_chunk::<2>().context("a digest has 32 bytes")?;
        Ok(*first)
    };
    (1..=12).map(key).collect()
}

fn says(keys: &[Key], measured: &[report::Written]) -> Result<String> {
    let (mut btree, mut lsm) = (BTree::new(), Lsm::default());
    let mut each = Vec::new();
    let (mut by_btree, mut by_lsm) = (0, 0);
    for (number, key) in keys.iter().enumerate() {
        let (pages, wrote) = (btree.put(*key).len(), lsm.put(*key));
        by_btree += pages * ROOM;
        by_lsm += wrote.all();
        each.push(format!(
            "put {}: {}; {}",
            number + 1,
            count(pages),
            told(wrote)
        ));
    }
    let mut says = format!(
        "The same twelve keys are put into a B-tree, which writes a new copy of each page from the leaf to the root, \
         and into an LSM tree, which writes a log, flushes memory of {ROOM} keys as a table, and merges three tables \
         into one. {}. In all, the B-tree has written room for {by_btree} keys, and the LSM tree {by_lsm} keys; a \
         B-tree that puts all in one commit writes {}.",
        each.join(". "),
        at_once(&btree)
    );
    says += &report::told(measured);
    Ok(says)
}

/// What the B-tree would have written with one commit for all, in keys: each page once.
fn at_once(tree: &BTree) -> usize {
    tree.levels().iter().map(Vec::len).sum::<usize>() * ROOM
}

fn count(pages: usize) -> String {
    match pages {
        1 => "1 page".to_owned(),
        n => format!("{n} pages"),
    }
}

/// What an LSM tree did, in words.
fn told(wrote: Wrote) -> String {
    match (wrote.flush, wrote.merge) {
        (0, _) => "log".to_owned(),
        (_, 0) => "log, flush".to_owned(),
        _ => "log, flush, merge".to_owned(),
    }
}

/// Draws the B-tree, its root at the top, with the pages that were just written.
fn left(page: &mut Picture, y: f64, tree: &BTree, written: &[usize]) {
    let levels = tree.levels();
    let width = RIGHT - LEFT - 24.0;
    let place = |level: usize, at: usize| {
        let many = levels.get(level).map_or(1, Vec::len) as f64;
        let step = (width / many).min(PAGE + 8.0);
        let start = LEFT + (width - step * many) / 2.0;
        let x = start + step * at as f64 + (step - PAGE) / 2.0;
        Area::new(x, y + level as f64 * LEVEL, PAGE, CELL + 6.0)
    };
    for (level, pages) in levels.iter().enumerate() {
        for (at, placed) in pages.iter().enumerate() {
            let area = place(level, at);
            if level > 0 {
                let above = place(level - 1, placed.parent);
                let line = [(above.middle(), above.bottom()), (area.middle(), area.y)];
                page.line(&line, Tone::Soft);
            }
            let tone = match written.contains(&placed.id) {
                true => Tone::Bytes,
                false => Tone::Plain,
            };
            cells(page, area, placed.filled, tone);
        }
    }
}

/// The height of a frame: that of the B-tree, and a line of words.
fn height(tree: &BTree) -> f64 {
    42.0 + tree.levels().len().max(2) as f64 * LEVEL
}

/// Writes below the trees what they have written.
fn says_below(page: &mut Picture, y: f64, pages: usize, wrote: Wrote) {
    let middle = (LEFT + RIGHT - 24.0) / 2.0;
    page.text_middle(middle, y, Letters::Small, Tone::Ink, &count(pages));
    page.text(RIGHT, y, Letters::Small, Tone::Ink, &told(wrote));
}

/// Draws memory, the log and the tables.
fn right(page: &mut Picture, y: f64, tree: &Lsm, wrote: Wrote) {
    let fresh = |is: bool| if is { Tone::Bytes } else { Tone::Plain };
    let label =
        |page: &mut Picture, x, y, text| page.text(x, y + 11.0, Letters::Small, Tone::Soft, text);
    // A log whose keys are in a table is gone.
    label(page, RIGHT, y, "memory");
    let memory = Area::new(RIGHT + 58.0, y, PAGE, CELL + 6.0);
    page.ghost(memory, Tone::Soft);
    dots(page, memory, tree.memory.len(), Tone::Soft);
    label(page, RIGHT + 104.0, y, "log");
    let log = Area::new(RIGHT + 132.0, y, PAGE, CELL + 6.0);
    match tree.memory.len() {
        0 => page.ghost(log, Tone::Soft),
        many => cells(page, log, many, Tone::Bytes),
    }
    let mut x = RIGHT;
    let tables = tree.old.iter().map(|table| (table, wrote.merge > 0));
    let youngest = tree.young.len();
    let young = tree.young.iter().enumerate();
    let young = young.map(|(at, table)| (table, wrote.flush > 0 && at + 1 == youngest));
    for (table, is_new) in tables.chain(young) {
        let area = Area::new(x, y + 28.0, page_width(table.len()), CELL + 6.0);
        cells(page, area, table.len(), fresh(is_new));
        x += area.width + 6.0;
    }
}

/// Draws a page or a table with so many keys.
fn cells(page: &mut Picture, area: Area, many: usize, tone: Tone) {
    page.area(area, tone);
    dots(page, area, many, tone);
}

fn dots(page: &mut Picture, area: Area, many: usize, tone: Tone) {
    for at in 0..many {
        let x = area.x + 3.0 + at as f64 * (CELL + 1.0);
        let (y, bottom) = (area.y + 3.5, area.bottom() - 3.5);
        page.stroke(&[(x + CELL / 2.0, y), (x + CELL / 2.0, bottom)], tone);
    }
}
