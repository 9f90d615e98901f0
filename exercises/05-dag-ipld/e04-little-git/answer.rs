//! 05-4: a little git.

use std::collections::BTreeMap;

use cid::Cid;

use crate::blocks::Blocks;
use crate::value::{Value, map, text};

/// What a commit says of its place in history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// One more than the highest parent; that of a first commit is 0.
    pub height: i128,
    /// What it follows: none, one, or two after a merge.
    pub parents: Vec<Cid>,
}

/// Stores a commit: a map of `height`, `message` and `parents`, a list of links.
pub fn commit(blocks: &Blocks, parents: &[Cid], message: &str) -> Option<Cid> {
    //~ todo: how high? None if a parent is not here
    let mut height = 0;
    for parent in parents {
        height = height.max(load(blocks, parent)?.height + 1);
    }
    let links = parents.iter().copied().map(Value::Link).collect();
    Some(blocks.put(&map([
        ("height", Value::Int(height)),
        ("message", text(message)),
        ("parents", Value::List(links)),
    ])))
    //~ end
}

/// All commits that lead to `head`, each once, the highest first; those of one height by CID, the greatest first.
pub fn log(blocks: &Blocks, head: &Cid) -> Option<Vec<Cid>> {
    //~ todo: of all that wait, the highest is next
    let mut seen = Vec::new();
    walk(blocks, &[*head], |cid, _| {
        seen.push(cid);
        false
    })?;
    Some(seen)
    //~ end
}

/// A commit that leads to both, and from which no other such commit follows. `Some(None)` if they have none, and
/// `None` if a block is missing.
pub fn merge_base(blocks: &Blocks, one: &Cid, other: &Cid) -> Option<Option<Cid>> {
    //~ todo: from both at once, the highest first; which is the first that both reach?
    let mut base = None;
    walk(blocks, &[*one, *other], |cid, from| {
        let both = from == 3;
        base = both.then_some(cid);
        both
    })?;
    Some(base)
    //~ end
}
//~ blank: both go over the history in the same order

/// Goes from these down to the first commits, each once, the highest first. The callback has a bit for each
/// beginning that leads there, and stops the walk with `true`.
fn walk(blocks: &Blocks, heads: &[Cid], mut each: impl FnMut(Cid, u32) -> bool) -> Option<()> {
    let mut waiting: BTreeMap<(i128, Cid), (u32, Vec<Cid>)> = BTreeMap::new();
    let mut next: Vec<(Cid, u32)> = (0..)
        .zip(heads)
        .map(|(bit, cid)| (*cid, 1 << bit))
        .collect();
    loop {
        for (cid, from) in next {
            let known = waiting.iter_mut().find(|((_, known), _)| *known == cid);
            if let Some((_, (before, _))) = known {
                *before |= from;
            } else {
                let Commit { height, parents } = load(blocks, &cid)?;
                waiting.insert((height, cid), (from, parents));
            }
        }
        let Some(((_, cid), (from, parents))) = waiting.pop_last() else {
            return Some(());
        };
        if each(cid, from) {
            return Some(());
        }
        next = parents.into_iter().map(|parent| (parent, from)).collect();
    }
}
//~ end

/// Reads a commit, if it is here.
pub fn load(blocks: &Blocks, cid: &Cid) -> Option<Commit> {
    let value = blocks.get(cid)?;
    let (Value::Int(height), Value::List(links)) =
        (value.entry("height")?, value.entry("parents")?)
    else {
        return None;
    };
    let link = |value: &Value| match value {
        Value::Link(cid) => Some(*cid),
        _ => None,
    };
    Some(Commit {
        height: *height,
        parents: links.iter().map(link).collect::<Option<_>>()?,
    })
}
