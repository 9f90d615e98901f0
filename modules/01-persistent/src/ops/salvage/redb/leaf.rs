//! What a leaf page says, and what it says of itself where a bit of that was hit.

use std::ops::Range;

use block_cid::Multihash;

use super::super::rescue::parse;
use super::super::scan::{KEY, number};
use super::PAGE;

/// No page has more pairs of blocks: no multihash of one is shorter than 22 bytes.
const MANY: usize = PAGE / (8 + 22);

/// No key is longer.
const LONGEST: usize = 1100;

/// A key, and where its value begins and ends, from the start of the page.
pub(super) struct Pair<'a> {
    pub key: &'a [u8],
    pub start: usize,
    pub end: usize,
    /// Where the value of the pair before it begins.
    pub before: usize,
}

/// The pairs of the page that `page` begins with, if it is a leaf.
pub(super) fn pairs(page: &[u8]) -> Vec<Pair<'_>> {
    let Some(count) = count(page) else {
        return Vec::new();
    };
    let keys: Vec<_> = keys(page, count).map(|(key, _)| key).collect();
    let ends = (0..count).map(|n| number(page, 4 + 4 * (count + n), 4).unwrap_or_default());
    // The values begin where the keys end.
    let mut start = keys.last().map_or(0, |last| last.end);
    let mut before = start;
    let pair = |(key, end): (Range<usize>, usize)| {
        let key = page.get(key).unwrap_or_default();
        let pair = Pair {
            key,
            start,
            end,
            before,
        };
        (before, start) = (start, end);
        pair
    };
    keys.into_iter().zip(ends).map(pair).collect()
}

/// How many pairs a leaf has: as it says, or as its keys and their ends agree better on.
fn count(page: &[u8]) -> Option<usize> {
    let said = number(page, 2, 2).filter(|count| {
        let first = 4 + 8 * count;
        page.first() == Some(&1) && (12..page.len()).contains(&first)
    });
    if said.is_some_and(|count| right(page, count) == count) {
        return said;
    }
    // Of two that agree as well, what is said.
    let all = (1..=MANY).filter(|count| begins(page, *count)).chain(said);
    let best = all.map(|count| (right(page, count), count));
    match best.max_by_key(|(right, _)| *right) {
        Some((1.., count)) => Some(count),
        _ => said.filter(|count| is_leaf(page, *count)),
    }
}

/// Whether one of the first two keys may end where so many pairs say: nearly no page that is no
/// leaf gets past this.
fn begins(page: &[u8], count: usize) -> bool {
    let first = 4 + 8 * count;
    let is_near = |n: usize| {
        let far = first + (n + 1) * LONGEST;
        number(page, 4 + 4 * n, 4).is_some_and(|end| end > first && end < far)
    };
    is_near(0) || (count > 1 && is_near(1))
}

/// Whether a page of so many pairs is made as a leaf is, whatever its keys.
fn is_leaf(page: &[u8], count: usize) -> bool {
    let first = 4 + 8 * count;
    let end = number(page, 4, 4);
    end.is_some_and(|end| (first + 1..first + LONGEST).contains(&end)) || len(page, first).is_some()
}

/// How many of so many keys end where the page says: none, if more than one of them does not.
fn right(page: &[u8], count: usize) -> usize {
    let mut wrong = 0;
    for (_, is_right) in keys(page, count) {
        wrong += usize::from(!is_right);
        if wrong > 1 {
            return 0;
        }
    }
    count - wrong
}

/// Where so many keys are, and whether each ends where the page says. A multihash says itself how
/// long it is; of another key, and of one that was hit, the page does.
fn keys(page: &[u8], count: usize) -> impl Iterator<Item = (Range<usize>, bool)> {
    let mut at = 4 + 8 * count;
    (0..count).map(move |n| {
        let said = number(page, 4 + 4 * n, 4).filter(|end| *end > at && *end < at + LONGEST);
        let own = len(page, at).map(|len| at + len);
        let goes_on = |end: &usize| n + 1 == count || len(page, *end).is_some();
        let end = own.filter(goes_on).or(said.filter(goes_on));
        let end = end.or(own).or(said).unwrap_or(at + KEY);
        let key = at..end;
        at = end;
        (key, own.is_some() && own == said)
    })
}

/// The length of the multihash at `at`.
fn len(page: &[u8], at: usize) -> Option<usize> {
    let bytes = page.get(at..)?;
    let mut behind = bytes;
    Multihash::read(&mut behind).ok()?;
    let len = bytes.len() - behind.len();
    parse(bytes.get(..len)?).map(|_| len)
}
