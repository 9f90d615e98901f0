use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "06-2",
    file: "e02_only_these_bytes",
    title: "Only bytes 2048 to 3071",
    minutes: 30,
    stretch: false,
    marks: &[Mark::Works, Mark::Survives, Mark::Costs],
    goal: "\
Somebody wants the third kilobyte of a file, and two of the other blocks are lost. That is enough:

    root   [1024, 1024, 1024, 1024, 1024]      bytes of the file below each link
              │     ?     │     ?     │
           0..1024     2048..3072  4096..5120

Each parent says how many bytes are below each of its links, so a reader can skip what it does not need. But it
says so without proof: check it wherever you go down.",
    hints: [
        "Of which part of the file is the second child of a block that begins at byte 5,000?",
        "Give each call the byte at which its block begins, and have it say how many bytes there were. A child is needed if \
         it begins before the range ends, and ends behind the start of the range. A parent compares what a child says \
         with what it said itself.",
        "For a leaf that begins at `from`: `range.start.saturating_sub(from)`, and the same of the end, each at most its length, \
         are the bounds of what it has. For a parent, keep `at`, which begins as `from`, and for each child \
         `end = at.saturating_add(said)`; go down if `at < range.end && end > range.start`, and set `at = end`. The \
         size of a parent is the sum, `at - from`.",
    ],
    debrief: "\
This is why blocksizes stand in each parent, beside the links, and why Tsize, which counts bytes of blocks, does not help here.

A size that is never visited is never proven: who reads bytes 0 to 9 takes the word of the root that the rest is there. A
gateway answers with a Content-Length before it has read the file, and can only break off when it finds a lie.

The specification of UnixFS has such a file, `file-3k-and-3-blocks-missing-block.car`, and the library of module 06 reads it.
It loads the next blocks ahead while you look at the first ones, and goes down without recursion: how deep a DAG is, is up to
who made it.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "the last byte of the range is in it",
            find: "let end = range.end.saturating_sub(from)",
            replace: "let end = (range.end + 1).saturating_sub(from)",
            killed_by: "a2",
        },
        Mutant {
            name: "a block that begins where the range begins is left out",
            find: "at < range.end && end > range.start",
            replace: "at < range.end && at > range.start",
            killed_by: "a1",
        },
        Mutant {
            name: "from the start of the block on",
            find: "let first = range.start.saturating_sub(from).min(size) as usize;",
            replace: "let first = 0;",
            killed_by: "a2",
        },
        Mutant {
            name: "each parent begins at byte 0",
            find: "let mut at = from;",
            replace: "let from = 0_u64;\n            let mut at = from;",
            killed_by: "a3",
        },
        Mutant {
            name: "trusts the range",
            find: "let end = range.end.saturating_sub(from).min(size) as usize;",
            replace: "let end = range.end.saturating_sub(from) as usize;",
            killed_by: "a4",
        },
        Mutant {
            name: "reads all, and cuts",
            find: "if at < range.end && end > range.start {",
            replace: "if at <= end {",
            killed_by: "d1",
        },
        Mutant {
            name: "says where the range begins, and not the block",
            find: "Bad::Missing { cid: *cid, from }",
            replace: "Bad::Missing { cid: *cid, from: range.start }",
            killed_by: "d2",
        },
        Mutant {
            name: "leaves out what is missing",
            find: "None => Err(Bad::Missing { cid: *cid, from }),",
            replace: "None => Ok(1024),",
            killed_by: "d2",
        },
        Mutant {
            name: "believes the sizes",
            find: "if is != said {",
            replace: "if is > said {",
            killed_by: "d3",
        },
        Mutant {
            name: "adds sizes up",
            find: "at.saturating_add(said)",
            replace: "at + said",
            killed_by: "d4",
        },
        Mutant {
            name: "a block that ends where the range begins is read, too",
            find: "end > range.start {",
            replace: "end >= range.start {",
            killed_by: "e1",
        },
    ],
};
