//! A log whose end a power cut has torn, and what is there once it was opened: `pack` on the crash disk.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use block_cid::{Block, varint};
use datastore::disk::Disk;
use datastore::{Batch, Key};
use demo::Data;
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::pack::Pack;
use picture::cuts::{cross, tick};
use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};
use testkit::crash::CrashDisk;

/// The log, and where its torn ends are kept.
const LOG: &str = "store/blocks/000001.car";
const TORN: &str = "store/blocks/torn";

/// Blocks, the last of which is on its way when the power fails.
const BLOCKS: u64 = 4;
const LEN: usize = 1000;

/// A part of the log.
struct Part {
    name: String,
    /// Where it begins in the file, and how many bytes of it are there.
    at: usize,
    len: usize,
    /// How many it should have.
    whole: usize,
}

pub fn draw() -> Result<String> {
    let (left, blocks) = power_cut()?;
    let before = parts(&read(&left, LOG)?);
    let store = Pack::open(&options(&left, true))?;
    let mut found = Vec::new();
    for block in &blocks {
        found.push(store.has(&key(block)?)?);
    }
    let after = parts(&read(&left, LOG)?);
    let torn = left.list(Path::new(TORN))?;
    let [(torn, _)] = &torn[..] else {
        anyhow::bail!("not one torn end was kept: {torn:?}");
    };
    let kept = read(&left, &format!("{TORN}/{torn}"))?.len();
    let last = before.last().context("the log is empty")?;
    ensure!(
        found == [true, true, true, false],
        "found after the replay: {found:?}"
    );
    ensure!(
        last.len < last.whole && kept == last.len,
        "the last section is not torn"
    );
    ensure!(
        after.iter().all(|part| part.len == part.whole),
        "the log still has a torn end"
    );
    page(&before, &after, torn, kept)
}

/// What a power cut leaves while the last block is written: a part of it.
fn power_cut() -> Result<(CrashDisk, Vec<Block>)> {
    let disk = CrashDisk::new();
    disk.create_dir(Path::new("store"))?;
    let data = Data::new(1);
    let blocks: Vec<Block> = (0..BLOCKS)
        .map(|n| Block::raw(data.block(n, LEN)))
        .collect();
    let store = Pack::open(&options(&disk, false))?;
    let mut whole = 0;
    for (n, block) in blocks.iter().enumerate() {
        if n + 1 == blocks.len() {
            disk.settle();
            whole = read(&disk, LOG)?.len();
        }
        let mut batch = Batch::new();
        batch.put(key(block)?, block.data().clone());
        store.write(&batch, Flush::Yes)?;
    }
    let record = disk.record();
    let all = read(&disk, LOG)?.len();
    for point in 0..=record.last() {
        let cut = record.cut(point);
        for state in 0..cut.states() {
            let left = cut.each(state);
            let len = read(&left, LOG)?.len();
            if whole < len && len < all {
                return Ok((left, blocks));
            }
        }
    }
    anyhow::bail!("no power cut tears the last section")
}

fn options(disk: &CrashDisk, unclean: bool) -> Options {
    Options {
        disk: disk.shared(),
        unclean,
        ..Options::new("store/blocks")
    }
}

fn key(block: &Block) -> Result<Key> {
    Ok(Key::block(&block.cid().hash().to_bytes())?)
}

fn read(disk: &CrashDisk, path: &str) -> Result<Vec<u8>> {
    let bytes = disk.read(Path::new(path))?;
    bytes.with_context(|| format!("there is no {path}"))
}

/// The header and the sections of a log, by what their lengths say.
fn parts(log: &[u8]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut blocks = 0;
    let mut rest = log;
    while let Ok((len, body)) = varint::decode(rest) {
        let at = log.len() - rest.len();
        let whole = rest.len() - body.len() + len as usize;
        let name = match body {
            _ if at == 0 => "header".to_owned(),
            // A CID of version 1 with the codec dag-cbor.
            [1, 0x71, ..] => "mark".to_owned(),
            _ => {
                blocks += 1;
                format!("block {blocks}")
            }
        };
        let there = rest.len().min(whole);
        parts.push(Part {
            name,
            at,
            len: there,
            whole,
        });
        rest = rest.get(there..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
    }
    parts
}

/// Between two sections, and the height of one.
const GAP: f64 = 3.0;
const HEIGHT: f64 = 34.0;

fn page(before: &[Part], after: &[Part], torn: &str, kept: usize) -> Result<String> {
    let names = |parts: &[Part]| {
        let names: Vec<&str> = parts.iter().map(|part| &part.name[..]).collect();
        names.join(", ")
    };
    let last = before.last().context("the log is empty")?;
    let says = format!(
        "The log 000001.car after a power cut: {}; of the last one {} of {} bytes are there. Opened again, each \
         section is hashed, and the last one does not hash. So it is cut off: the log has {}, and the {kept} bytes \
         are kept as torn/{torn}.",
        names(before),
        last.len,
        last.whole,
        names(after),
    );
    let mut page = Picture::new("A log finds its end again", &says);
    let mut y = 64.0;
    heading(&mut page, y, "after a power cut", "the log, 000001.car");
    y = strip(&mut page, y + 12.0, before);

    y += 40.0;
    heading(
        &mut page,
        y,
        "opened again",
        "each section has to hash to its CID",
    );
    y += 16.0;
    // The header is none.
    for (area, part) in places(before, y).into_iter().zip(before).skip(1) {
        match part.len == part.whole {
            true => tick(&mut page, area.middle(), y),
            false => cross(&mut page, area.middle(), y),
        }
    }
    let end = strip(&mut page, y + 12.0, after);
    if let Some(place) = places(before, y + 12.0).last() {
        page.ghost(*place, Tone::Soft);
    }
    let label = format!("torn/{torn}");
    let size = format!("{kept} bytes, for salvage");
    let width = Letters::Code.width(&label) + 16.0;
    let area = Area::new(WIDTH - MARGIN - width, end + 28.0, width, HEIGHT);
    page.area(area, Tone::Plain);
    page.text_in(area, Letters::Code, Tone::Plain, &label);
    page.text_right(
        area.x - 10.0,
        area.y + 22.0,
        Letters::Small,
        Tone::Soft,
        &size,
    );
    let down = area.right() - 30.0;
    page.arrow(
        &[(down, y + 12.0 + HEIGHT), (down, area.y - 2.0)],
        Tone::Soft,
    );
    Ok(page.finish()?)
}

fn heading(page: &mut Picture, y: f64, name: &str, note: &str) {
    page.text(MARGIN, y, Letters::Name, Tone::Ink, name);
    page.text_right(WIDTH - MARGIN, y, Letters::Small, Tone::Soft, note);
}

/// Where each part is drawn: what is small has room for its name, and the rest shares what is left.
fn places(parts: &[Part], y: f64) -> Vec<Area> {
    // As if none were missing, so that the two strips stand below each other.
    const SMALL: f64 = 62.0;
    let blocks = BLOCKS as f64;
    let wide = (WIDTH - 2.0 * MARGIN - 2.0 * (SMALL + GAP) - (blocks - 1.0) * GAP) / blocks;
    let mut x = MARGIN;
    let mut areas = Vec::new();
    for part in parts {
        let width = if part.whole < LEN { SMALL } else { wide };
        areas.push(Area::new(x, y, width, HEIGHT));
        x += width + GAP;
    }
    areas
}

/// Draws the log, with the offset of each part; where that ends.
fn strip(page: &mut Picture, y: f64, parts: &[Part]) -> f64 {
    for (area, part) in places(parts, y).into_iter().zip(parts) {
        let is_torn = part.len < part.whole;
        let tone = match part.whole < LEN {
            _ if is_torn => Tone::Bad,
            true => Tone::Plain,
            false => Tone::Bytes,
        };
        let there = area.width * part.len as f64 / part.whole as f64;
        if is_torn {
            page.ghost(area, Tone::Bad);
        }
        page.area(
            Area {
                width: there,
                ..area
            },
            tone,
        );
        page.text_in(area, Letters::Small, tone, &part.name);
        let at = part.at.to_string();
        page.text(
            area.x + 2.0,
            area.bottom() + 15.0,
            Letters::Small,
            Tone::Soft,
            &at,
        );
    }
    y + HEIGHT + 15.0
}
