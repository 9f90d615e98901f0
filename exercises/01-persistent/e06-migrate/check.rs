use datastore::{Datastore, Key};

use crate::answer::{Report, migrate, proven};
use crate::stores::{Watched, all, block_key, key};

/// Ten blocks, and keys that are none.
fn source() -> std::sync::Arc<Watched> {
    let store = Watched::new();
    for n in 0..10 {
        let block = format!("block {n}");
        store
            .put(&block_key(block.as_bytes()), block.as_bytes())
            .unwrap();
    }
    for name in ["/pins/root", "/settings/name", "/empty"] {
        let value = if name == "/empty" { "" } else { name };
        store.put(&key(name), value.as_bytes()).unwrap();
    }
    store
}

fn run(from: &Watched, to: &Watched) -> Report {
    say::ok("migrate", migrate(from, to))
}

fn same(what: &str, from: &Watched, to: &Watched) {
    let (from, to) = (all(from), all(to));
    let missing = from.iter().find(|entry| !to.contains(entry));
    if let Some((key, _)) = missing {
        let is = to.iter().find(|(known, _)| known == key);
        say::wrong(format!(
            "{what}\n{key} is {} in the target\nthe source has {} entries, the target {}\nWhy it matters: the old store is thrown away next.",
            if is.is_some() { "another value" } else { "not" },
            from.len(),
            to.len()
        ));
    }
    say::same(
        &format!("{what}: entries in the target"),
        &to.len(),
        &from.len(),
        "nothing comes from nowhere.",
    );
}

/// everything arrives: blocks, and keys that are no blocks
#[test]
fn a1_all() {
    let (from, to) = (source(), Watched::new());
    let report = run(&from, &to);
    same("after a migration into an empty store", &from, &to);
    let wanted = Report {
        copied: 13,
        ..Report::default()
    };
    say::same(
        "the report",
        &report,
        &wanted,
        "a number that nobody checks is no proof.",
    );
}

/// sha2-256 blocks are proven by their key
#[test]
fn a2_proven() {
    let why = "the key of a block is the hash of its bytes: nothing else is needed to prove it.";
    let good = block_key(b"hello");
    say::same(
        "proven(the key of \"hello\", \"hello\")",
        &proven(&good, b"hello"),
        &true,
        why,
    );
    say::same(
        "proven(the key of \"hello\", \"hellO\")",
        &proven(&good, b"hellO"),
        &false,
        why,
    );
    say::same(
        "proven(\"/pins/root\", \"x\")",
        &proven(&key("/pins/root"), b"x"),
        &true,
        "no hash says what it should be.",
    );
    let blake3 = Key::block(&[&[0x1e, 0x20][..], &[7; 32]].concat()).unwrap();
    say::same(
        "proven(a BLAKE3 key, \"x\")",
        &proven(&blake3, b"x"),
        &true,
        "sha2-256 says nothing of it; to drop the block would be a loss.",
    );
}

/// twice is once: the second run writes nothing
#[test]
fn b1_twice() {
    let (from, to) = (source(), Watched::new());
    run(&from, &to);
    let before = to.count("put");
    let report = run(&from, &to);
    let wanted = Report {
        skipped: 13,
        ..Report::default()
    };
    say::same(
        "the report of a second run",
        &report,
        &wanted,
        "who is not sure whether it ran runs it again.",
    );
    say::same(
        "writes of a second run",
        &(to.count("put") - before),
        &0,
        "writing what is there wears the disk, and takes as long as the first time.",
    );
}

/// what the target has otherwise is set right, and what it has besides stays
#[test]
fn b2_heals() {
    let (from, to) = (source(), Watched::new());
    run(&from, &to);
    to.put(&block_key(b"block 3"), b"rotten").unwrap();
    to.put(&key("/pins/root"), b"older").unwrap();
    to.put(&key("/own"), b"the target's").unwrap();
    let report = run(&from, &to);
    let wanted = Report {
        copied: 2,
        skipped: 11,
        ..Report::default()
    };
    say::same(
        "the report, with two values that differ",
        &report,
        &wanted,
        "\"it has the key\" is not \"it has the value\".",
    );
    let own = to.get(&key("/own")).unwrap();
    say::same(
        "what only the target had",
        &own.as_deref(),
        &Some(&b"the target's"[..]),
        "a migration adds.",
    );
    to.delete(&key("/own")).unwrap();
    same("after the second run", &from, &to);
}

/// many entries go in few batches
#[test]
fn b3_batches() {
    let (from, to) = (source(), Watched::new());
    run(&from, &to);
    let batches = to.count("apply");
    say::that(
        (1..=3).contains(&batches),
        format!(
            "batches for 13 small entries\nyours   {batches}\nours    1\nWhy it matters: each batch is a flush, and so is each put outside of one."
        ),
    );
}

/// killed after any write, it goes on where it ended
#[test]
fn d1_killed() {
    let total = all(&*source()).len() as u64;
    for writes in 0..total {
        let (from, to) = (source(), Watched::new());
        to.kill_after(writes);
        let first = migrate(&*from, &*to);
        say::that(
            first.is_err(),
            format!(
                "a run that was killed after {writes} of {total} writes\nyours   {first:?}\nwanted  an error\nWhy it matters: somebody deletes the source after a success."
            ),
        );
        to.revive();
        let report = run(&from, &to);
        same(
            &format!("killed after {writes} writes, then run again"),
            &from,
            &to,
        );
        let wanted = Report {
            copied: total - writes,
            skipped: writes,
            damaged: Vec::new(),
        };
        say::same(
            &format!("the report of the second run, with {writes} entries there"),
            &report,
            &wanted,
            "what is there is not copied again.",
        );
    }
}

/// a damaged block is named and left out, and the rest arrives
#[test]
fn d2_damaged() {
    let (from, to) = (source(), Watched::new());
    let bad = block_key(b"block 5");
    from.put(&bad, b"block S").unwrap();
    let report = run(&from, &to);
    let wanted = Report {
        copied: 12,
        skipped: 0,
        damaged: vec![bad.clone()],
    };
    say::same(
        "the report, with one damaged block in the source",
        &report,
        &wanted,
        "one bad block must not stop a million good ones, and must not be told as copied.",
    );
    say::same(
        "the damaged block in the target",
        &to.get(&bad).unwrap(),
        &None,
        "a copy of damage is damage that looks new.",
    );
}

/// the target is synced at the end, and the source is left as it was
#[test]
fn d3_synced() {
    let (from, to) = (source(), Watched::new());
    let before = all(&*from);
    run(&from, &to);
    say::same(
        "the last thing done to the target",
        &to.last(),
        &"sync",
        "without it a loss of power after the success loses the copy.",
    );
    say::same(
        "the source is as it was",
        &(all(&*from) == before),
        &true,
        "until you have looked at the target, the source is all you have.",
    );
}
