use std::collections::BTreeMap;

use cid::Cid;

use crate::answer::{commit, load, log, merge_base};
use crate::blocks::Blocks;

/// A history, with names for its commits.
#[derive(Default)]
struct History {
    blocks: Blocks,
    cids: BTreeMap<String, Cid>,
}

impl History {
    /// Adds commits: `c: a b` is c, which follows a and b.
    fn of(lines: &[&str]) -> History {
        let mut history = History::default();
        for line in lines {
            let (name, parents) = line.split_once(':').unwrap();
            let parents: Vec<Cid> = parents
                .split_whitespace()
                .map(|p| history.cids[p])
                .collect();
            history.add(name, &parents);
        }
        history
    }

    fn add(&mut self, name: &str, parents: &[Cid]) -> Cid {
        match commit(&self.blocks, parents, name) {
            Some(cid) => {
                self.cids.insert(name.to_owned(), cid);
                cid
            }
            None => say::wrong(format!(
                "commit({name:?})\nyours   None\nwanted  a CID: its parents are here"
            )),
        }
    }

    fn name(&self, cid: &Cid) -> String {
        let found = self.cids.iter().find(|(_, known)| *known == cid);
        found.map_or(cid.to_string(), |(name, _)| name.clone())
    }

    fn log(&self, head: &str) -> String {
        let cids = log(&self.blocks, &self.cids[head]);
        let names = |cids: Vec<Cid>| {
            cids.iter()
                .map(|cid| self.name(cid))
                .collect::<Vec<_>>()
                .join(" ")
        };
        cids.map_or("None".to_owned(), names)
    }

    fn base(&self, one: &str, other: &str, wanted: &str, why: &str) {
        let name = |base: Option<Cid>| base.map_or("no commit".to_owned(), |cid| self.name(&cid));
        let yours = merge_base(&self.blocks, &self.cids[one], &self.cids[other]);
        let yours = yours.map_or("None, as if a block were missing".to_owned(), name);
        say::same(
            &format!("merge_base({one}, {other})"),
            &yours,
            &wanted.to_owned(),
            why,
        );
    }
}

/// a ── b ── c ──── f, and from b also d ── e, which f merges
const MERGED: [&str; 6] = ["a:", "b: a", "c: b", "d: b", "e: d", "f: c e"];

/// a commit knows its parents, and how high it is
#[test]
fn a1_commit() {
    let history = History::of(&MERGED);
    let why = "with the height, the order of two commits is known without a walk. Clocks lie, hashes do not.";
    for (name, height) in [("a", 0), ("b", 1), ("e", 3), ("f", 4)] {
        let yours = load(&history.blocks, &history.cids[name]).map(|commit| commit.height);
        say::same(&format!("the height of {name}"), &yours, &Some(height), why);
    }
    let yours = load(&history.blocks, &history.cids["f"]).map(|commit| commit.parents);
    let wanted = Some(vec![history.cids["c"], history.cids["e"]]);
    say::same(
        "the parents of f",
        &yours,
        &wanted,
        "the first parent is the branch that one was on.",
    );
}

/// the log of a line, and of a merge: each commit once, and no commit before one that follows it
#[test]
fn a2_log() {
    let history = History::of(&MERGED);
    let why = "b is reached over c and over d, and is one commit.";
    say::same("log of c", &history.log("c"), &"c b a".to_owned(), why);
    // c and d are of one height, and which of them is greater is up to their hashes.
    let two = if history.cids["c"] > history.cids["d"] {
        "c d"
    } else {
        "d c"
    };
    say::same(
        "log of f",
        &history.log("f"),
        &format!("f e {two} b a"),
        why,
    );
}

/// where two branches parted; one that is behind the other; itself
#[test]
fn a3_base() {
    let history = History::of(&MERGED);
    let why = "a merge compares both sides with what they had in common last.";
    history.base("c", "e", "b", why);
    history.base("e", "c", "b", why);
    history.base(
        "a",
        "f",
        "a",
        "who is behind has nothing of his own: a merge only moves him on.",
    );
    history.base("e", "e", "e", why);
}

/// the base after a merge is the newest one, and histories without a common commit have none
#[test]
fn b1_newest() {
    let history = History::of(&[
        "a:", "b: a", "c: a", "d: b c", "e: d", "x: c", "y: x", "z: y", "q:",
    ]);
    let why = "with an older base, changes that both sides have come up as conflicts again.";
    history.base("e", "z", "c", why);
    history.base("e", "q", "no commit", "they began apart.");
}

/// a short way and a long way to one commit: it comes after all that follow it
#[test]
fn b2_long_way() {
    let history = History::of(&["a:", "b: a", "c: b", "d: c", "e: d", "f: a e", "g: e"]);
    let why = "who goes by steps, and not by height, meets a before b.";
    say::same(
        "log of f",
        &history.log("f"),
        &"f e d c b a".to_owned(),
        why,
    );
    history.base("f", "g", "e", why);
    history.base("f", "d", "d", why);
}

/// two hundred merges in a row: 2^200 paths, and 601 commits
#[test]
fn e1_log_reads() {
    let mut history = History::default();
    let mut last = history.add("0", &[]);
    for number in 0..200 {
        let left = history.add(&format!("left {number}"), &[last]);
        let right = history.add(&format!("right {number}"), &[last]);
        last = history.add(&format!("merge {number}"), &[left, right]);
    }
    history.blocks.reads();
    let log = log(&history.blocks, &last).map(|log| log.len());
    let reads = history.blocks.reads();
    let why = "each merge doubles the paths. Who goes each path comes to no end.";
    say::same("how many commits", &log, &Some(601), why);
    costs("log of 601 commits", reads, 601, why);
}

/// two short branches on a long history: the base is found without reading all of it
#[test]
fn e2_base_reads() {
    let mut history = History::default();
    let mut last = history.add("0", &[]);
    for number in 1..300 {
        last = history.add(&number.to_string(), &[last]);
    }
    let base = last;
    let one = history.add("one", &[base]);
    let mut other = base;
    for number in 0..6 {
        other = history.add(&format!("other {number}"), &[other]);
    }
    history.blocks.reads();
    let yours = merge_base(&history.blocks, &one, &other);
    let reads = history.blocks.reads();
    let why = "Linux has over a million commits, and two branches part near their ends.";
    say::same("merge_base", &yours, &Some(Some(base)), why);
    costs("merge_base of branches of 1 and 6 commits", reads, 8, why);
}

/// At most twice the blocks that are needed.
fn costs(what: &str, reads: usize, needed: usize, why: &str) {
    say::that(
        reads <= 2 * needed,
        format!(
            "{what}\nyours   {reads} blocks read, {:.1} times what is needed\nwanted  {needed} blocks, at most twice that\n\
             Why it matters: {why}",
            reads as f64 / needed as f64
        ),
    );
}
