//! What a damaged store answers, block by block.

use std::collections::BTreeSet;
use std::path::Path;

use block_cid::{Blockstore, Cid};
use datastore::Datastore;
use persistent::ops::{Silent, salvage, verify};
use persistent::{Kind, Persistent};

use super::{BLOCKS, block};

/// What came of a damage, in numbers of blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The store did not open.
    pub refused: bool,
    /// Read as they were put.
    pub good: u64,
    /// Answered with "absent".
    pub absent: u64,
    /// Answered with an error.
    pub failed: u64,
    /// Read with other bytes, and nobody the wiser.
    pub wrong: u64,
    /// Of those that are not good, how many `verify` names.
    pub named: u64,
    /// How many it does not name, though it or opening says that something is wrong with the store.
    pub told: u64,
    /// How many are gone without a word.
    pub silent: u64,
    /// Whether it was salvaged into a fresh store, and how many are there.
    pub salvaged: bool,
    /// See [`salvaged`](Self::salvaged).
    pub back: u64,
    /// How many blocks `salvage` brought before the store was opened for the first time.
    pub before: u64,
    /// `salvage` itself ended with an error.
    pub given_up: bool,
}

/// Opens a damaged store, reads all its blocks and verifies it, and `salvages` what is not good.
pub fn look(kind: Kind, dir: &Path, salvages: bool) -> Seen {
    let mut before = Seen::default();
    if salvages {
        bring_back(kind, dir, "before", &mut before);
    }
    let mut seen = read(kind, dir);
    if !salvages || seen.good == BLOCKS {
        return seen;
    }
    seen.salvaged = true;
    seen.before = before.back;
    seen.wrong += before.wrong;
    bring_back(kind, dir, "salvaged", &mut seen);
    seen.given_up |= before.given_up;
    seen
}

/// Salvages the store into a fresh one of this name.
fn bring_back(kind: Kind, dir: &Path, name: &str, seen: &mut Seen) {
    let from = crate::config(kind, dir);
    let to = crate::config(kind, &dir.join(name));
    seen.given_up = salvage(&from, &to, &Silent).is_err();
    if let Ok(store) = Persistent::open(&to) {
        for n in 0..BLOCKS {
            match store.blocks().get(block(n).cid()) {
                Ok(Some(found)) if found == block(n) => seen.back += 1,
                Ok(Some(_)) => seen.wrong += 1,
                Ok(None) | Err(_) => {}
            }
        }
        store.close().unwrap();
    }
}

fn read(kind: Kind, dir: &Path) -> Seen {
    let mut seen = Seen::default();
    let Ok(store) = Persistent::open(&crate::config(kind, dir)) else {
        seen.refused = true;
        return seen;
    };
    let warned = !store.found().lost.is_nothing();
    let mut gone = BTreeSet::new();
    for n in 0..BLOCKS {
        let block = block(n);
        match store.blocks().get(block.cid()) {
            Ok(Some(found)) if found == block => {
                seen.good += 1;
                continue;
            }
            Ok(Some(_)) => seen.wrong += 1,
            Ok(None) => seen.absent += 1,
            Err(_) => seen.failed += 1,
        }
        gone.insert(*block.cid());
    }
    let mut named: BTreeSet<Cid> = BTreeSet::new();
    let report = verify(&store, &verify::Mend::default(), &Silent, &mut |fault| {
        named.insert(fault.cid);
        Ok(())
    });
    let left = gone.difference(&named).count() as u64;
    seen.named = gone.len() as u64 - left;
    match report {
        Ok(report) if report.is_good() && report.perhaps == 0 && !warned => seen.silent = left,
        // An error is a word, too.
        Ok(_) | Err(_) => seen.told = left,
    }
    // A damaged store may refuse that.
    let _ = store.close();
    seen
}

impl Seen {
    /// The line that [`parse`](Self::parse) reads.
    pub fn line(&self) -> String {
        format!(
            "seen {} {} {} {} {} {} {} {} {} {} {} {}",
            u64::from(self.refused),
            self.good,
            self.absent,
            self.failed,
            self.wrong,
            self.named,
            self.told,
            self.silent,
            u64::from(self.salvaged),
            self.back,
            self.before,
            u64::from(self.given_up)
        )
    }

    /// Reads [`line`](Self::line) back.
    pub fn parse(line: &str) -> Option<Seen> {
        let mut numbers = line
            .strip_prefix("seen ")?
            .split(' ')
            .map(str::parse::<u64>);
        let mut next = || numbers.next()?.ok();
        Some(Seen {
            refused: next()? == 1,
            good: next()?,
            absent: next()?,
            failed: next()?,
            wrong: next()?,
            named: next()?,
            told: next()?,
            silent: next()?,
            salvaged: next()? == 1,
            back: next()?,
            before: next()?,
            given_up: next()? == 1,
        })
    }

    /// Why this must not be, where an open may cut off so many blocks: those of a last batch that
    /// was not whole.
    pub fn fault(&self, torn: u64) -> Option<&'static str> {
        if self.wrong > 0 {
            Some("wrong bytes were returned")
        } else if self.silent > 0 {
            Some("blocks are gone, and neither opening nor verify says so")
        } else if self.given_up {
            Some("salvage gave up")
        } else if self.salvaged && self.back < self.good {
            Some("salvage lost blocks that could be read")
        } else if self.salvaged && self.back + torn < self.before {
            Some("opening the store lost blocks that salvage could bring back before")
        } else {
            None
        }
    }
}

/// What came of many.
#[derive(Debug, Default)]
pub struct Tally {
    pub whole: u64,
    refused: u64,
    absent: u64,
    failed: u64,
    named: u64,
    told: u64,
    salvaged: u64,
    all_back: u64,
    one_short: u64,
    // The fewest that came back, and after what.
    least: Option<(u64, String)>,
}

impl Tally {
    /// Counts what came of the damage that the line `at` names.
    pub fn add(&mut self, at: &str, seen: &Seen) {
        self.whole += u64::from(seen.good == BLOCKS);
        self.refused += u64::from(seen.refused);
        self.absent += seen.absent;
        self.failed += seen.failed;
        self.named += seen.named;
        self.told += seen.told;
        if seen.salvaged {
            self.salvaged += 1;
            self.all_back += u64::from(seen.back == BLOCKS);
            self.one_short += u64::from(seen.back == BLOCKS - 1);
            if self
                .least
                .as_ref()
                .is_none_or(|(least, _)| seen.back < *least)
            {
                self.least = Some((seen.back, at.to_owned()));
            }
        }
    }

    pub fn text(&self) -> String {
        let worst = match &self.least {
            Some((back, at)) => format!(", the worst {back} ({at})"),
            None => String::new(),
        };
        format!(
            "{} without effect on any block, {} refused to open; of the blocks of the others {} gave an \
             error and {} were absent: verify named {}, and of the other {} it or opening said that something is \
             wrong with the store; of {} salvaged stores {} had all {BLOCKS} blocks back, {} all \
             but one{}",
            self.whole,
            self.refused,
            self.failed,
            self.absent,
            self.named,
            self.told,
            self.salvaged,
            self.all_back,
            self.one_short,
            worst
        )
    }
}

#[test]
fn a_block_that_is_gone_without_a_word_is_a_fault() {
    let seen = |line| Seen::parse(line).unwrap().fault(0);
    assert_eq!(seen("seen 0 60 0 0 0 0 0 0 0 0 0 0"), None);
    assert_eq!(seen("seen 1 0 0 0 0 0 0 0 1 59 59 0"), None);
    assert_eq!(seen("seen 0 58 1 1 0 2 0 0 1 58 58 0"), None);
    assert!(seen("seen 0 59 0 0 1 1 0 0 0 0 0 0").is_some());
    assert!(seen("seen 0 59 1 0 0 0 0 1 0 0 0 0").is_some());
    assert!(seen("seen 0 58 1 1 0 2 0 0 1 57 0 0").is_some());
    assert!(seen("seen 1 0 0 0 0 0 0 0 1 0 0 1").is_some());
    let opened = "seen 0 1 59 0 0 59 0 0 1 50 57 0";
    assert!(seen(opened).is_some());
    assert_eq!(Seen::parse(opened).unwrap().fault(7), None);
    let line = "seen 0 51 1 2 3 4 5 6 1 7 8 1";
    assert_eq!(Seen::parse(line).unwrap().line(), line);
}
