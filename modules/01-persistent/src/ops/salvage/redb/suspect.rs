//! Values whose hash is not that of their key, and where else they may be.

use std::collections::HashMap;

use super::super::scan::FAR;
use super::PAGE;
use crate::engines::tables::room;

/// No more places are tried for one key.
const NEAR: usize = 64;

/// Where a value should be, whose hash is not that of its key.
#[derive(Clone)]
pub(super) struct Suspect {
    pub key: Vec<u8>,
    pub page: u64,
    pub start: usize,
    pub end: usize,
    /// Where the value of the pair before it begins.
    pub before: usize,
}

impl Suspect {
    /// Where it begins and ends, as the page says.
    pub fn said(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        std::iter::once((self.start, self.end))
    }

    /// Where it may begin and end if a bit of either was hit.
    pub fn turned(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (start, end) = (self.start, self.end);
        let bits = (0..u32::BITS).map(|bit| 1 << bit);
        bits.flat_map(move |bit| [(start, end ^ bit), (start ^ bit, end)])
            .filter(|(start, end)| start < end && end - start <= FAR)
    }

    /// As the page says, and if a bit was hit.
    pub fn said_or_turned(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        self.said().chain(self.turned())
    }

    /// Where it is if it is a part that fills its page, and one of its ends is right.
    pub fn full(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (start, end, key) = (self.start, self.end, self.key.len());
        let pages = (PAGE.ilog2()..=FAR.ilog2()).map(|bit| 1 << bit);
        pages.flat_map(move |page| {
            let len = room(key, page);
            [(start, start + len), (end.saturating_sub(len), end)]
        })
    }
}

/// Suspects by either half of their keys: one of the two is right in a key that was hit.
pub(super) struct Halves<'a> {
    by: HashMap<(bool, &'a [u8]), Vec<usize>>,
    of: &'a [Suspect],
}

impl<'a> Halves<'a> {
    pub fn of(suspects: &'a [Suspect]) -> Halves<'a> {
        let mut by: HashMap<_, Vec<usize>> = HashMap::new();
        for (n, suspect) in suspects.iter().enumerate() {
            for half in halves(&suspect.key) {
                let places = by.entry(half).or_default();
                if places.len() < NEAR {
                    places.push(n);
                }
            }
        }
        Halves { by, of: suspects }
    }

    /// Those of this key, and of such as are one with it but for a few bytes.
    pub fn near(&self, key: &[u8]) -> impl Iterator<Item = &'a Suspect> {
        let places = halves(key).map(|half| self.by.get(&half));
        let places = places.into_iter().flatten().flatten();
        let near: Vec<_> = places.filter_map(|n| self.of.get(*n)).collect();
        near.into_iter()
    }
}

fn halves(key: &[u8]) -> [(bool, &[u8]); 2] {
    let (front, back) = key.split_at(key.len() / 2);
    [(false, front), (true, back)]
}
