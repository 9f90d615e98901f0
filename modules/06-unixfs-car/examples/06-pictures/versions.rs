//! Two versions of a file, cut by size and by content: which blocks both have.

use anyhow::{Result, ensure};
use block_cid::{Block, Cid};
use demo::{Data, units};
use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};
use unixfs_car::Chunker;

/// The length of the first version, and how many bytes are put in, and where, in the second.
const LEN: usize = 3 << 20;
const MORE: usize = 100;
const AT: usize = LEN * 2 / 5;

/// The chunkers, as `ipfs add --chunker` names them, and what they go by.
const CHUNKERS: [(&str, &str); 3] = [
    ("size-262144", "by size"),
    ("rabin", "by content"),
    ("buzhash", "by content"),
];

/// A chunk: its block, where it begins, and how many bytes it has.
struct Chunk {
    cid: Cid,
    at: usize,
    len: usize,
}

/// How much of the second version is there already.
struct Shared {
    blocks: usize,
    bytes: usize,
    of: usize,
}

pub fn draw() -> Result<String> {
    let data = Data::new(6);
    let old = data.block(0, LEN);
    let (before, behind) = old.split_at(AT);
    let new = [before, &data.block(1, MORE), behind].concat();

    let mut drawn = Vec::new();
    for (name, by) in CHUNKERS {
        let chunker: Chunker = name.parse()?;
        let (old, new) = (chunks(chunker, &old)?, chunks(chunker, &new)?);
        let there = |chunk: &&Chunk| has(&old, &chunk.cid);
        let shared = Shared {
            blocks: new.iter().filter(there).count(),
            bytes: new.iter().filter(there).map(|chunk| chunk.len).sum(),
            of: new.len(),
        };
        drawn.push((name, by, old, new, shared));
    }
    // What the picture is there to show.
    let [(.., size), others @ ..] = &drawn[..] else {
        anyhow::bail!("there are no chunkers");
    };
    let more = others
        .iter()
        .all(|(.., shared)| shared.bytes > size.bytes * 3 / 2);
    ensure!(more, "cut by content, no more is shared than cut by size");

    let told = |(name, _, _, _, shared): &(&str, &str, Vec<Chunk>, Vec<Chunk>, Shared)| {
        format!(
            "cut by {name}, {} of its {} blocks are there already",
            shared.blocks, shared.of
        )
    };
    let told: Vec<String> = drawn.iter().map(told).collect();
    let says = format!(
        "A file of {} and a second version of it, into which {MORE} bytes were put at {}. Of the second version, {}.",
        size_of(LEN),
        size_of(AT),
        told.join("; ")
    );
    let mut page = Picture::new("A few bytes more, and what is still shared", &says);
    page.area(Area::new(MARGIN, 47.0, 12.0, 12.0), Tone::Good);
    let legend = format!("blocks that both versions have; {MORE} bytes were put in here:");
    page.text(MARGIN + 18.0, 57.0, Letters::Small, Tone::Soft, &legend);
    let x = MARGIN + (WIDTH - 2.0 * MARGIN) * AT as f64 / (LEN + MORE) as f64;
    // Down to where they were put in.
    page.arrow(&[(x, 66.0), (x, 80.0)], Tone::Ink);
    let mut y = 88.0;
    for (name, by, old, new, shared) in &drawn {
        y = versions(&mut page, y, (name, by), old, new, shared);
    }
    Ok(page.finish()?)
}

fn chunks(chunker: Chunker, file: &[u8]) -> Result<Vec<Chunk>> {
    let mut chunks = Vec::new();
    let mut at = 0;
    for bytes in chunker.chunks(file) {
        let bytes = bytes?;
        let len = bytes.len();
        let cid = *Block::raw(bytes).cid();
        chunks.push(Chunk { cid, at, len });
        at += len;
    }
    ensure!(at == file.len(), "the chunks are not the file");
    Ok(chunks)
}

fn has(chunks: &[Chunk], cid: &Cid) -> bool {
    chunks.iter().any(|chunk| chunk.cid == *cid)
}

fn size_of(bytes: usize) -> String {
    units::bytes(bytes as u64)
}

/// Draws both versions, and lines between what is the same; where the next thing has room.
fn versions(
    page: &mut Picture,
    y: f64,
    (name, by): (&str, &str),
    old: &[Chunk],
    new: &[Chunk],
    shared: &Shared,
) -> f64 {
    let line = y + 14.0;
    page.text(MARGIN, line, Letters::Name, Tone::Ink, name);
    let beside = MARGIN + Letters::Name.width(name) + 9.0;
    page.text(beside, line, Letters::Small, Tone::Soft, by);
    let total = format!("{} of {} blocks shared", shared.blocks, shared.of);
    page.text_right(WIDTH - MARGIN, line, Letters::Small, Tone::Ink, &total);
    let (first, second) = (y + 24.0, y + 62.0);
    for chunk in old {
        page.area(place(chunk, first), tone(new, chunk));
    }
    for chunk in new {
        let area = place(chunk, second);
        page.area(area, tone(old, chunk));
        if let Some(twin) = old.iter().find(|twin| twin.cid == chunk.cid) {
            let above = place(twin, first);
            page.line(
                &[(above.middle(), above.bottom()), (area.middle(), area.y)],
                Tone::Good,
            );
        }
    }
    second + HEIGHT + 22.0
}

const HEIGHT: f64 = 20.0;

fn tone(other: &[Chunk], chunk: &Chunk) -> Tone {
    match has(other, &chunk.cid) {
        true => Tone::Good,
        false => Tone::Bytes,
    }
}

/// Where a chunk is drawn, as long as it is.
fn place(chunk: &Chunk, y: f64) -> Area {
    let unit = (WIDTH - 2.0 * MARGIN) / (LEN + MORE) as f64;
    let width = (chunk.len as f64 * unit - 2.0).max(1.0);
    let x = MARGIN + chunk.at as f64 * unit;
    Area::new(x.min(WIDTH - MARGIN - width), y, width, HEIGHT)
}
