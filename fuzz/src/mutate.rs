//! Bytes made of other bytes.

use testkit::Rng;

/// Numbers at the edges of what a length or a count may be.
const EDGES: [u64; 16] = [
    0,
    1,
    0x17,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 32,
    1 << 62,
    i64::MAX as u64,
    1 << 63,
    u64::MAX,
];

/// One of `seeds`, changed in one to eight places.
pub fn mutated(rng: &mut Rng, seeds: &[Vec<u8>], max: usize) -> Vec<u8> {
    let mut bytes = pick(rng, seeds).to_vec();
    for _ in 0..=rng.below(8) {
        change(rng, &mut bytes, seeds);
    }
    bytes.truncate(max);
    bytes
}

fn pick<'a>(rng: &mut Rng, seeds: &'a [Vec<u8>]) -> &'a [u8] {
    let at = rng.below(seeds.len() as u64) as usize;
    seeds.get(at).map_or(&[], Vec::as_slice)
}

fn change(rng: &mut Rng, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let at = rng.below(bytes.len() as u64 + 1) as usize;
    let end = (at + 1 + rng.below(16) as usize).min(bytes.len());
    match rng.below(8) {
        0 => flip(rng, bytes, at),
        1 => bytes.insert(at, rng.next() as u8),
        2 => drop(bytes.drain(at.min(end)..end)),
        3 => put(bytes, at, &number(rng)),
        4 => drop(bytes.splice(at..at, number(rng))),
        5 => {
            // A part twice, or many times.
            let part = bytes.get(at.min(end)..end).unwrap_or_default();
            let part = part.repeat(1 << rng.below(5));
            bytes.splice(at..at, part);
        }
        6 => {
            let other = pick(rng, seeds);
            let from = rng.below(other.len() as u64 + 1) as usize;
            let until = (from + rng.below(64) as usize).min(other.len());
            let part = other.get(from..until).unwrap_or_default().to_vec();
            bytes.splice(at..at, part);
        }
        _ => bytes.truncate(at),
    }
}

fn flip(rng: &mut Rng, bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << rng.below(8);
    }
}

fn put(bytes: &mut [u8], at: usize, number: &[u8]) {
    let to = bytes.get_mut(at..).unwrap_or_default();
    to.iter_mut().zip(number).for_each(|(to, from)| *to = *from);
}

/// A number in one of the forms that formats have.
fn number(rng: &mut Rng) -> Vec<u8> {
    let number = EDGES
        .get(rng.below(16) as usize)
        .copied()
        .unwrap_or_default();
    let number = number.wrapping_add(rng.below(3)).wrapping_sub(1);
    let len = 1usize << rng.below(4);
    match rng.below(3) {
        0 => number.to_le_bytes().into_iter().take(len).collect(),
        1 => number.to_be_bytes().into_iter().skip(8 - len).collect(),
        _ => {
            let mut varint = Vec::new();
            block_cid::varint::encode(number, &mut varint);
            varint
        }
    }
}
