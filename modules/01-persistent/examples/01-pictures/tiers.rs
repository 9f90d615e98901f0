//! Where blocks lie in three tiers, before and after an old one is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use block_cid::Block;
use datastore::{Datastore, Key, MemStore};
use persistent::wrappers::Tiered;
use persistent::wrappers::tiered::Limits;
use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};

/// The tiers, what each is for, and how many blocks it has room for.
const TIERS: [(&str, &str, usize); 3] = [
    ("hot", "room for 3", 3),
    ("warm", "room for 4", 4),
    ("cold", "takes the rest", usize::MAX),
];

/// Blocks of one length each.
const LEN: usize = 1000;

/// The letters of the blocks in each tier, sorted.
type Shelves = Vec<String>;

pub fn draw() -> Result<String> {
    let blocks = blocks()?;
    let tiers: Vec<Arc<MemStore>> = TIERS.iter().map(|_| Arc::default()).collect();
    let (cold, bounded) = tiers.split_last().context("there are tiers")?;
    let limit = |(store, (.., room)): (&Arc<MemStore>, &(&str, &str, usize))| {
        let limits = Limits {
            bytes: (room * LEN) as u64,
            idle: None,
        };
        (store.clone(), limits)
    };
    let bounded = bounded.iter().zip(&TIERS).map(limit).collect();
    // Each look at the clock is a second later than the one before.
    let ticks = AtomicU64::new(0);
    let clock =
        move || SystemTime::UNIX_EPOCH + Duration::from_secs(ticks.fetch_add(1, Ordering::Relaxed));
    let store = Tiered::open_with_clock(bounded, cold.clone(), clock)?;

    for (_, key, block) in &blocks {
        store.put(key, block.data())?;
    }
    let put = shelves(&tiers, &blocks)?;
    let (oldest, key, _) = blocks.first().context("there are blocks")?;
    ensure!(store.get(key)?.is_some(), "the oldest block is not there");
    let got = shelves(&tiers, &blocks)?;
    page(&blocks, *oldest, &put, &got)
}

/// Nine blocks, by their letters.
fn blocks() -> Result<Vec<(char, Key, Block)>> {
    let block = |letter: char| {
        let block = Block::raw(letter.to_string().repeat(LEN));
        let key = Key::block(&block.cid().hash().to_bytes())?;
        Ok((letter, key, block))
    };
    ('a'..='i').map(block).collect()
}

fn shelves(tiers: &[Arc<MemStore>], blocks: &[(char, Key, Block)]) -> Result<Shelves> {
    let mut shelves = Shelves::new();
    for tier in tiers {
        let mut letters = String::new();
        for (letter, key, _) in blocks {
            if tier.has(key)? {
                letters.push(*letter);
            }
        }
        shelves.push(letters);
    }
    Ok(shelves)
}

/// The width of the left column, and of what is right of it.
const LABELS: f64 = 104.0;
const SHELF: f64 = (WIDTH - 2.0 * MARGIN - LABELS - 20.0) / 2.0;
const CELL: f64 = 26.0;

fn page(
    blocks: &[(char, Key, Block)],
    oldest: char,
    put: &Shelves,
    got: &Shelves,
) -> Result<String> {
    let (first, last) = match blocks {
        [(first, ..), .., (last, ..)] => (first, last),
        _ => anyhow::bail!("there are no blocks"),
    };
    let all: String = blocks.iter().map(|(letter, ..)| *letter).collect();
    for shelves in [put, got] {
        let somewhere = |letter| shelves.iter().any(|shelf| shelf.contains(letter));
        ensure!(
            all.chars().all(somewhere),
            "a block is in no tier: {shelves:?}"
        );
    }
    let told = |shelves: &Shelves| {
        let one =
            |((name, ..), letters): (&(&str, &str, usize), &String)| format!("{name} {letters}");
        let all: Vec<String> = TIERS.iter().zip(shelves).map(one).collect();
        all.join(", ")
    };
    let says = format!(
        "Blocks {all} are put, one after the other, into three tiers of which the hot one has room for 3 and the warm one \
         for 4. Then they lie so: {}. After {oldest} is read: {}. A block that moves is copied and flushed before it is \
         deleted, so none is ever in no tier.",
        told(put),
        told(got)
    );
    let mut page = Picture::new("What is used moves up, what is not moves down", &says);
    let columns = [
        (MARGIN + LABELS, format!("put {first} to {last}"), put, put),
        (
            MARGIN + LABELS + SHELF + 20.0,
            format!("then get {oldest}"),
            got,
            put,
        ),
    ];
    for (row, (name, about, room)) in TIERS.iter().enumerate() {
        let y = 84.0 + row as f64 * 58.0;
        page.text(MARGIN, y + 17.0, Letters::Name, Tone::Ink, name);
        page.text(MARGIN, y + 34.0, Letters::Small, Tone::Soft, about);
        for (x, _, now, before) in &columns {
            let empty = String::new();
            let (now, before) = (
                now.get(row).unwrap_or(&empty),
                before.get(row).unwrap_or(&empty),
            );
            shelf(&mut page, *x, y, *room, now, before);
        }
    }
    for (x, title, ..) in &columns {
        page.text(*x, 66.0, Letters::Small, Tone::Ink, title);
    }
    let y = 84.0 + 3.0 * 58.0 + 12.0;
    let note = format!(
        "{oldest} is copied up. It makes room: what was used longest ago is copied down, flushed, and only then deleted."
    );
    page.words(MARGIN, y, Letters::Small, Tone::Soft, &note);
    Ok(page.finish()?)
}

/// Draws the blocks of a tier on a board; those that came lately stand out, and free places show.
fn shelf(page: &mut Picture, x: f64, y: f64, room: usize, now: &str, before: &str) {
    for (at, letter) in now.chars().enumerate() {
        let area = Area::new(x + at as f64 * (CELL + 4.0), y + 8.0, CELL, CELL);
        let tone = match before.contains(letter) {
            true => Tone::Bytes,
            false => Tone::Good,
        };
        page.area(area, tone);
        page.text_in(area, Letters::Code, tone, &letter.to_string());
    }
    for at in now.len()..(if room > 9 { 0 } else { room }) {
        let area = Area::new(x + at as f64 * (CELL + 4.0), y + 8.0, CELL, CELL);
        page.ghost(area, Tone::Soft);
    }
    page.line(&[(x - 4.0, y + 38.0), (x + SHELF, y + 38.0)], Tone::Ink);
}
