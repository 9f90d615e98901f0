//! Rabin: cuts by a fingerprint over polynomials.
//!
//! Bits are the coefficients of a polynomial, without carry: `1011` is x³ + x + 1. The fingerprint
//! of 16 bytes is their polynomial modulo one of degree 53 that has no factors. It rolls, since
//! the remainder of a sum is the sum of the remainders: one step on, the byte that goes is taken
//! away, and the rest is multiplied by x⁸, which is a shift, and reduced again. Both the byte that
//! goes and the reduction depend on eight bits only, so they are read from tables.
//!
//! A chunk ends where the lower bits of the fingerprint are zero: as many bits as the average
//! length has, rounded down, so that there is such a place once in about that many bytes.
//!
//! Sources: Rabin, "Fingerprinting by Random Polynomials" (1981);
//! [whyrusleeping/chunker](https://github.com/whyrusleeping/chunker), which is Kubo's.

use std::fmt;

use super::{DEFAULT_CHUNK, MAX_CHUNK, number, too_long};

/// Kubo's polynomial.
const POLYNOMIAL: u64 = 17_437_180_132_763_653;

/// Its degree.
const DEGREE: u32 = POLYNOMIAL.ilog2();

/// How many bytes the fingerprint looks at.
const WINDOW: usize = 16;

/// The lengths of chunks, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rabin {
    min: usize,
    avg: usize,
    max: usize,
}

impl Rabin {
    /// The shortest chunk but for the last.
    pub fn min(self) -> usize {
        self.min
    }

    /// What chunks have on average, counted from `min` and rounded down to a power of two.
    pub fn avg(self) -> usize {
        self.avg
    }

    /// The longest chunk.
    pub fn max(self) -> usize {
        self.max
    }

    /// How many of these bytes are in the first chunk.
    pub(super) fn cut(self, bytes: &[u8]) -> usize {
        // Nothing is looked for in the first bytes: the window begins so that it ends at `min`.
        let tail = bytes.get(self.min - WINDOW..).unwrap_or_default();
        let mask = (1 << self.avg.ilog2()) - 1;
        let mut at = 0;
        while let Some(block) = tail.get(at..).and_then(<[u8]>::first_chunk) {
            match lanes(block, mask) {
                Some(step) => return self.min + at + step,
                None => at += LANES * STEPS,
            }
        }
        let tail = tail.get(at..).unwrap_or_default();
        let Some((window, rest)) = tail.split_at_checked(WINDOW) else {
            return bytes.len();
        };
        let mut print = window.iter().fold(0, |print, byte| shift(print, *byte));
        for (step, (goes, comes)) in tail.iter().zip(rest).enumerate() {
            if print & mask == 0 {
                return self.min + at + step;
            }
            print = shift(print, *comes) ^ gone(*goes);
        }
        bytes.len()
    }
}

/// How many fingerprints roll at once, and how far. Each step of one waits for the step before and for
/// a table, so that a processor has most of its time left; and since a fingerprint is that of sixteen
/// bytes, others can begin anywhere. Four of them are nearly four times as fast as one.
const LANES: usize = 4;
const STEPS: usize = 1024;

/// How many steps on in these bytes the first fingerprint is that ends in zeros: that of their first
/// sixteen is none on.
// Every index is below a length that is in the type.
#[allow(clippy::indexing_slicing)]
fn lanes(bytes: &[u8; LANES * STEPS + WINDOW], mask: u64) -> Option<usize> {
    let mut prints: [u64; LANES] = std::array::from_fn(|lane| {
        let window = bytes[lane * STEPS..].iter().take(WINDOW);
        window.fold(0, |print, byte| shift(print, *byte))
    });
    let mut first = [None; LANES];
    for step in 0..STEPS {
        for lane in 0..LANES {
            let at = lane * STEPS + step;
            if prints[lane] & mask == 0 && first[lane].is_none() {
                first[lane] = Some(at);
            }
            prints[lane] = shift(prints[lane], bytes[at + WINDOW]) ^ gone(bytes[at]);
        }
    }
    first.into_iter().flatten().next()
}

/// Reads what follows `rabin-`.
pub(super) fn parse(sizes: &[&str]) -> Result<Rabin, String> {
    let rabin = match sizes {
        [] => around(DEFAULT_CHUNK),
        [avg] => around(number(avg)?),
        [min, avg, max] => Rabin {
            min: labelled("min", min)?,
            avg: labelled("avg", avg)?,
            max: labelled("max", max)?,
        },
        _ => return Err("rabin has no length, an average one, or three: MIN-AVG-MAX".into()),
    };
    let Rabin { min, avg, max } = rabin;
    if min < WINDOW {
        return Err(format!(
            "the fingerprint looks at {WINDOW} bytes, and the shortest chunk would have {min}: let MIN \
             be {WINDOW} or more, or AVG {}",
            3 * WINDOW
        ));
    }
    if min >= avg || avg >= max {
        return Err("the lengths have to grow: MIN-AVG-MAX".into());
    }
    if max > MAX_CHUNK {
        return Err(too_long(max));
    }
    Ok(rabin)
}

/// From a third of the average to half as much again.
fn around(avg: usize) -> Rabin {
    Rabin {
        min: avg / 3,
        avg,
        max: avg.saturating_add(avg / 2),
    }
}

/// Kubo takes `rabin-min:16-avg:32-max:64` as well.
fn labelled(label: &str, text: &str) -> Result<usize, String> {
    match text.split_once(':') {
        Some((found, size)) if found == label => number(size),
        Some((found, _)) => Err(format!("{found:?} stands where {label:?} should")),
        None => number(text),
    }
}

impl fmt::Display for Rabin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rabin-{}-{}-{}", self.min, self.avg, self.max)
    }
}

/// The fingerprint with a byte behind it.
fn shift(print: u64, byte: u8) -> u64 {
    (print << 8 | u64::from(byte)) ^ at(&REDUCE, (print >> (DEGREE - 8)) as u8)
}

/// What a byte adds to the fingerprint when it has just left the window.
fn gone(byte: u8) -> u64 {
    at(&GONE, byte)
}

// A byte is below 256.
#[allow(clippy::indexing_slicing)]
const fn at(table: &[u64; 256], byte: u8) -> u64 {
    table[byte as usize]
}

/// For the eight highest bits of a fingerprint: what makes it short again once it is shifted by
/// eight.
#[allow(clippy::indexing_slicing)]
static REDUCE: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let high = (byte as u64) << DEGREE;
        table[byte] = high ^ modulo(high);
        byte += 1;
    }
    table
};

/// For a byte: its fingerprint with as many zeros behind it as the window is long.
#[allow(clippy::indexing_slicing)]
static GONE: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut print = byte as u64;
        let mut zeros = 0;
        while zeros < WINDOW {
            print = modulo(print << 8);
            zeros += 1;
        }
        table[byte] = print;
        byte += 1;
    }
    table
};

/// The remainder by [`POLYNOMIAL`], by long division.
const fn modulo(mut dividend: u64) -> u64 {
    while dividend != 0 && dividend.ilog2() >= DEGREE {
        dividend ^= POLYNOMIAL << (dividend.ilog2() - DEGREE);
    }
    dividend
}
