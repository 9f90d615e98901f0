//! The way to one name in a folder of thousands: the bits of its hash.

use anyhow::{Context, Result, ensure};
use block_cid::{Blocks, Blockstore};
use dag_ipld::pb;
use datastore::MemStore;
use demo::units;
use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};
use unixfs_car::hamt::HashBits;
use unixfs_car::import::Options;
use unixfs_car::{Importer, Source};

/// So many names, and the one that is looked for.
const NAMES: u32 = 6000;
const NAME: &str = "cat-0042.jpg";

/// Places of a node, and the bits that say one.
const PLACES: usize = 256;
const BITS: u32 = 8;

/// A node on the way.
struct Node {
    /// The places that are taken, and the one that the hash says.
    taken: Vec<usize>,
    place: usize,
    /// The name of the link there.
    link: String,
}

pub fn draw() -> Result<String> {
    let way = way()?;
    let hash = hash();
    let end = way.last().context("there is a root")?;
    ensure!(
        way.len() == 2 && end.link.ends_with(NAME),
        "the way has another length: {}",
        way.len()
    );
    let mut told = Vec::new();
    let mut name = "the root";
    for node in &way {
        let (place, taken, link) = (node.place, node.taken.len(), &node.link);
        told.push(format!(
            "{name} has {taken} of {PLACES} places taken, and in place {place:02x} the link {link}"
        ));
        name = link;
    }
    let says = format!(
        "A folder of {} names is a trie of nodes. {NAME} hashes to {}. From the root on, each byte is a place: {}.",
        units::count(u64::from(NAMES)),
        hash.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .join(" "),
        told.join("; ")
    );
    let mut page = Picture::new("The way to a name is in its hash", &says);
    let intro = format!(
        "One of {} names in a folder",
        units::count(u64::from(NAMES))
    );
    page.text(MARGIN, 58.0, Letters::Small, Tone::Soft, &intro);
    let y = bytes(&mut page, 74.0, &hash, way.len());
    let mut y = y + 26.0;
    let mut name = "root";
    for node in &way {
        y = strip(&mut page, y, name, node);
        name = &node.link;
    }
    let width = Letters::Code.width(&end.link) + 20.0;
    let middle = x_of(end.place) + UNIT / 2.0;
    let x = (middle - width / 2.0).clamp(MARGIN, WIDTH - MARGIN - width);
    let area = Area::new(x, y - 10.0, width, 30.0);
    page.area(area, Tone::Bytes);
    page.text_in(area, Letters::Code, Tone::Bytes, &end.link);
    let note = "the link to the file";
    let beside = area.right() + 10.0;
    match beside + Letters::Small.width(note) > WIDTH - MARGIN {
        true => page.text_right(
            area.x - 10.0,
            area.y + 20.0,
            Letters::Small,
            Tone::Soft,
            note,
        ),
        false => page.text(beside, area.y + 20.0, Letters::Small, Tone::Soft, note),
    }
    Ok(page.finish()?)
}

/// All bytes of the hash of the name.
fn hash() -> Vec<usize> {
    let mut bits = HashBits::of(NAME.as_bytes());
    std::iter::from_fn(|| bits.next(BITS)).collect()
}

/// Imports the folder, and goes the way of the name.
fn way() -> Result<Vec<Node>> {
    let store = Blocks::new(MemStore::new());
    let names = (0..NAMES).map(|n| Source::bytes("a cat").named(format!("cat-{n:04}.jpg")));
    let importer = Importer::new(Options::default())?;
    let mut cid = importer
        .add_source(Source::folder(names.collect()), &store)?
        .cid;
    let mut bits = HashBits::of(NAME.as_bytes());
    let mut way = Vec::new();
    loop {
        let block = store.get(&cid)?.context("a block is missing")?;
        let node = pb::Node::decode(block.data())?;
        let place = bits.next(BITS).context("the hash has no more bits")?;
        let mut taken = Vec::new();
        let mut found = None;
        for link in &node.links {
            let name =
                String::from_utf8_lossy(link.name.as_deref().unwrap_or_default()).into_owned();
            let digits = name.get(..2).context("a link has no place")?;
            let at = usize::from_str_radix(digits, 16)?;
            taken.push(at);
            if at == place {
                found = Some((name, link.cid));
            }
        }
        let (link, next) = found.context("the name is not in the folder")?;
        let is_node = link.len() == 2;
        way.push(Node { taken, place, link });
        if !is_node {
            return Ok(way);
        }
        cid = next;
    }
}

const UNIT: f64 = (WIDTH - 2.0 * MARGIN) / PLACES as f64;

fn x_of(place: usize) -> f64 {
    MARGIN + place as f64 * UNIT
}

/// The place of a byte of the hash.
fn byte(number: usize) -> Area {
    const NAME_WIDTH: f64 = 186.0;
    Area::new(MARGIN + NAME_WIDTH + number as f64 * 37.3, 74.0, 33.0, 30.0)
}

/// Draws the name and the bytes of its hash, of which so many are used; where they end.
fn bytes(page: &mut Picture, y: f64, hash: &[usize], used: usize) -> f64 {
    let name = Area::new(MARGIN, y, Letters::Code.width(NAME) + 16.0, 30.0);
    page.area(name, Tone::Plain);
    page.text_in(name, Letters::Code, Tone::Plain, NAME);
    let middle = name.y + 15.0;
    page.text(
        name.right() + 9.0,
        middle + 4.5,
        Letters::Small,
        Tone::Soft,
        "murmur3",
    );
    for (number, value) in hash.iter().enumerate() {
        let area = byte(number);
        let tone = if number < used {
            Tone::Names
        } else {
            Tone::Plain
        };
        page.area(area, tone);
        page.text_in(area, Letters::Code, tone, &format!("{value:02x}"));
    }
    name.bottom()
}

/// Draws a node as its places, and the way into it; where the next thing has room.
fn strip(page: &mut Picture, y: f64, name: &str, node: &Node) -> f64 {
    let line = y + 14.0;
    page.text(MARGIN, line, Letters::Name, Tone::Ink, name);
    let beside = MARGIN + Letters::Name.width(name) + 9.0;
    let taken = format!("{} of {PLACES} places taken", node.taken.len());
    page.text(beside, line, Letters::Small, Tone::Soft, &taken);
    let told = format!("place {:02x}", node.place);
    page.text_right(WIDTH - MARGIN, line, Letters::Small, Tone::Names, &told);
    let (top, bottom) = (y + 24.0, y + 46.0);
    page.area(
        Area::new(MARGIN, top, WIDTH - 2.0 * MARGIN, bottom - top),
        Tone::Plain,
    );
    for place in &node.taken {
        let x = x_of(*place) + UNIT / 2.0;
        page.line(&[(x, top), (x, bottom)], Tone::Bytes);
    }
    let x = x_of(node.place) + UNIT / 2.0;
    page.stroke(&[(x, top - 4.0), (x, bottom + 4.0)], Tone::Names);
    page.arrow(&[(x, bottom + 6.0), (x, bottom + 20.0)], Tone::Names);
    bottom + 32.0
}
