//! The picture of this lesson, drawn from what the library says of a CID.
//!
//! ```text
//! cargo run -p block-cid --example 00-pictures -- FOLDER
//! ```
//!
//! `cargo x pictures` draws it anew beside the README, and `cargo x pictures --check` looks whether
//! that one is still the same.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use block_cid::binary::{self, Field};
use block_cid::{Base, Block, Cid, Hash, base, codec, text, to_v0, to_v1};
use data_encoding::HEXLOWER;
use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};

fn main() -> Result<()> {
    let folder = std::env::args().nth(1);
    let folder = folder.context("usage: 00-pictures FOLDER")?;
    fs::write(Path::new(&folder).join("cid-strip.svg"), strip()?)?;
    Ok(())
}

/// A field of the strip: what it is called, its width, what it says of the bytes.
struct Column {
    name: &'static str,
    width: f64,
    tone: Tone,
}

const COLUMNS: [Column; 6] = [
    column("base", 73.0, Tone::Plain),
    column("version", 57.0, Tone::Names),
    column("codec", 57.0, Tone::Names),
    column("hash", 68.0, Tone::Bytes),
    column("length", 64.0, Tone::Bytes),
    column("digest", 145.0, Tone::Bytes),
];

const fn column(name: &'static str, width: f64, tone: Tone) -> Column {
    Column { name, width, tone }
}

/// Between two fields.
const GAP: f64 = 4.0;

/// What stands in a field; `None` if it is not written, and only meant.
type Cell = (Option<String>, String);

fn strip() -> Result<String> {
    let block = Block::new(codec::DAG_PB, Hash::SHA2_256, "Hello IPFS!")?;
    let (v0, v1) = (to_v0(block.cid())?, to_v1(block.cid()));
    let says = format!(
        "The CID {} as CIDv1, byte by byte, above the same CID as CIDv0. CIDv1 has a base, a version, a \
         codec, and then hash, length and digest. CIDv0 has hash, length and digest alone, the same bytes; \
         its base, version and codec are always the same and are not written.",
        text::display(&v1, None)?
    );
    let mut page = Picture::new("One CID, in both of its versions", &says);
    let below = version(&mut page, 66.0, "CIDv1", &v1)?;
    let hash = field(3).x;
    for x in [hash + 10.0, WIDTH - MARGIN - 10.0] {
        page.dashes(&[(x, below), (x, below + 52.0)], Tone::Bytes);
    }
    let same = Area::new(
        hash + 14.0,
        below + 14.0,
        WIDTH - MARGIN - hash - 28.0,
        24.0,
    );
    page.text_in(
        same,
        Letters::Small,
        Tone::Bytes,
        "the multihash: the same 34 bytes",
    );
    let below = version(&mut page, below + 70.0, "CIDv0", &v0)?;
    let always = Area::new(MARGIN, below + 2.0, hash - GAP - MARGIN, 20.0);
    let edge = always.y - 3.0;
    page.line(&[(always.x, edge), (always.right(), edge)], Tone::Soft);
    page.text_in(always, Letters::Small, Tone::Soft, "always so, not written");
    Ok(page.finish()?)
}

/// The place of a field in a strip at the top.
fn field(number: usize) -> Area {
    let before = COLUMNS.iter().take(number);
    let x = MARGIN + before.map(|column| column.width + GAP).sum::<f64>();
    let width = COLUMNS.get(number).map_or(0.0, |column| column.width);
    Area::new(x, 0.0, width, 30.0)
}

/// Draws a CID as text and as a strip; where the strip ends.
fn version(page: &mut Picture, top: f64, name: &str, cid: &Cid) -> Result<f64> {
    let written = text::display(cid, None)?;
    let bytes = cid.to_bytes();
    let size = format!("{} characters, {} bytes", written.len(), bytes.len());
    page.text(MARGIN, top, Letters::Name, Tone::Ink, name);
    page.text_right(WIDTH - MARGIN, top, Letters::Small, Tone::Soft, &size);
    page.text(MARGIN, top + 23.0, Letters::Code, Tone::Ink, &written);

    let (labels, strip) = (top + 50.0, top + 57.0);
    for (number, (column, (value, meaning))) in COLUMNS.iter().zip(cells(cid, &bytes)?).enumerate()
    {
        let area = Area {
            y: strip,
            ..field(number)
        };
        page.text_middle(
            area.middle(),
            labels,
            Letters::Small,
            Tone::Soft,
            column.name,
        );
        let tone = match value {
            Some(value) => {
                page.area(area, column.tone);
                page.text_in(area, Letters::Code, column.tone, &value);
                column.tone
            }
            None => {
                page.ghost(area, Tone::Soft);
                Tone::Soft
            }
        };
        let below = Area {
            y: area.bottom() + 2.0,
            height: 20.0,
            ..area
        };
        page.text_in(below, Letters::Small, tone, &meaning);
    }
    Ok(strip + 56.0)
}

/// What each field says, in the order of the columns.
fn cells(cid: &Cid, bytes: &[u8]) -> Result<Vec<Cell>> {
    let v0 = cid.version() == cid::Version::V0;
    let (prefix, base) = match v0 {
        true => (None, Base::Base58Btc),
        false => (
            Some(Base::Base32Lower.code().to_string()),
            Base::Base32Lower,
        ),
    };
    let mut cells = vec![(prefix, base::name(base).to_owned())];
    if v0 {
        cells.push((None, "CIDv0".to_owned()));
        cells.push((None, codec::display(cid.codec())));
    }
    for span in binary::fields(bytes)? {
        let hex = HEXLOWER.encode(bytes.get(span.range.clone()).unwrap_or_default());
        let number = span.number.unwrap_or_default();
        cells.push(match span.field {
            Field::Version => (Some(hex), format!("CIDv{number}")),
            Field::Codec => (Some(hex), codec::display(number)),
            Field::Hash => (Some(hex), Hash::of(cid.hash())?.to_string()),
            Field::Length => (Some(hex), format!("{number} bytes")),
            Field::Digest => (Some(ends(&hex)), "of the block".to_owned()),
        });
    }
    Ok(cells)
}

/// The beginning and the end of a long run of digits.
fn ends(hex: &str) -> String {
    let (first, last) = (hex.get(..8), hex.get(hex.len().saturating_sub(6)..));
    format!("{} … {}", first.unwrap_or(hex), last.unwrap_or_default())
}
