use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-6",
    file: "e06_migrate",
    title: "Migrate, so that twice is once",
    minutes: 25,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives],
    goal: "\
A program that began with a store in memory has grown. Move everything into another store, of any engine, since
all of them are a `Datastore`. It may be killed at any write; the same call then goes on. Each block is proven by
its key on the way, and what is damaged is named and left behind.",
    hints: [
        "After a kill, nothing is known but what is in the two stores. What has to be asked for each entry, so that \
         nobody needs to remember anything?",
        "`query(&Key::root())` gives everything, keys that are no blocks too. Three cases for each entry: it is damaged; \
         the target has this very value; it has to be written. Collect writes in a `Batch`, and apply it when it is \
         large. Do not forget the last one.",
        "`to.get(&key)?.as_ref() == Some(&value)` is \"has this very value\". `batch.bytes() >= BATCH` is \"large\", and \
         `to.apply(std::mem::take(&mut batch))?` empties it. After the loop `to.apply(batch)?`, then `to.sync()?`, and \
         only then the report. `key.as_block()` is the multihash; behind `strip_prefix(&[0x12, 0x20])` is the digest.",
    ],
    debrief: "\
No list of what was done, no file that says how far it came: the target itself says it. Such programs are safe to
run from a script, twice, or by two people. It costs a read of the target for each entry.

`01-persistent migrate` is this with a bar, other hashes, and a check of both counts at the end. Module 01 reads
the source in the engine's own order, which is the fastest one on disk.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "blocks only",
            find: "from.query(&Key::root())?",
            replace: "from.query(&Key::blocks())?",
            killed_by: "a1",
        },
        Mutant {
            name: "forgets the last batch",
            find: "    to.apply(batch)?;\n",
            replace: "",
            killed_by: "a1",
        },
        Mutant {
            name: "believes every block",
            find: "Some(digest) => digest == &Sha256::digest(value)[..],",
            replace: "Some(digest) => digest.len() == 32,",
            killed_by: "a2",
        },
        Mutant {
            name: "drops what it cannot prove",
            find: "        None => true,",
            replace: "        None => key.as_block().is_none(),",
            killed_by: "a2",
        },
        Mutant {
            name: "writes everything each time",
            find: "to.get(&key)?.as_ref() == Some(&value)",
            replace: "to.get(&key)?.as_ref() == Some(&value) && report.copied == 99",
            killed_by: "b1",
        },
        Mutant {
            name: "what has the key has the value",
            find: "to.get(&key)?.as_ref() == Some(&value)",
            replace: "to.has(&key)?",
            killed_by: "b2",
        },
        Mutant {
            name: "empties the target first",
            find: "    let mut report = Report::default();",
            replace: "    let mut report = Report::default();\n    to.delete(&Key::new(\"/own\")?)?;",
            killed_by: "b2",
        },
        Mutant {
            name: "a batch for each entry",
            find: "batch.bytes() >= BATCH",
            replace: "batch.bytes() > 0",
            killed_by: "b3",
        },
        Mutant {
            name: "an error of the target is passed over",
            find: "    to.apply(batch)?;\n",
            replace: "    let _ = to.apply(batch);\n",
            killed_by: "d1",
        },
        Mutant {
            name: "stops at the first damaged block",
            find: "            report.damaged.push(key);",
            replace: "            report.damaged.push(key);\n            break;",
            killed_by: "d2",
        },
        Mutant {
            name: "leaves damage out without a word",
            find: "            report.damaged.push(key);",
            replace: "            continue;",
            killed_by: "d2",
        },
        Mutant {
            name: "does not sync",
            find: "    to.sync()?;\n",
            replace: "",
            killed_by: "d3",
        },
        Mutant {
            name: "moves instead of copying",
            find: "            report.copied += 1;",
            replace: "            report.copied += 1;\n            from.delete(&key)?;",
            killed_by: "d3",
        },
    ],
};
