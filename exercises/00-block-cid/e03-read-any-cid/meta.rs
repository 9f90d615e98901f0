use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "00-3",
    file: "e03_read_any_cid",
    title: "Read any CID",
    minutes: 25,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops, Mark::Survives],
    goal: "\
The way back: from bytes to fields. Writing a CID is easy; reading one means to refuse all that is none,
and to say why, since the bytes come from strangers.

    01 55 12 20 6104…      CIDv1        12 20 6104…      CIDv0: codec dag-pb, not written

No varint has more than nine bytes, no digest more than 128. Never panic, whatever comes.",
    hints: [
        "What does every step leave behind for the next one? A function that gives the value *and the rest* \
         of the bytes makes the others short.",
        "In `varint`, count the bytes: at the tenth it is too long; at one below 0x80 it ends; if that one is 0 \
         and not the first, it was not needed. If the bytes are over before that, it is cut off, unless there were \
         nine already. In `read`, `?` does the rest; check the length before you take so many bytes.",
        "`slice::split_at_checked` gives `None` instead of a panic: `rest.split_at_checked(length as \
         usize).ok_or(Refused::CutOff)?`. The order of the checks is the order of the bytes: version (`if version \
         != 1`), codec, hash, length (`> 128`), digest, and then `rest.is_empty()`. For a CIDv0, which begins with \
         12 20, start at the hash with version 0 and DAG_PB.",
    ],
    debrief: "\
Every refusal here is one that real libraries got wrong at some time. `zQm…`, trailing bytes and long
varints are taken by some of them to this day: each is a second name for one block, and caches, block
lists and links that compare names are wrong from then on. The limit of 128 bytes for identity is Kubo's.

The library of module 00 reads CIDs itself for this reason, and says at which byte it went wrong.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "the codec is the hash, and the hash the codec",
            find: "let (hash, rest) = varint(rest)?;",
            replace: "let (hash, rest) = varint(rest)?;\n    let (hash, codec) = (codec, hash);",
            killed_by: "a1",
        },
        Mutant {
            name: "a CIDv0 is raw",
            find: "(0, DAG_PB, bytes)",
            replace: "(0, 0x55, bytes)",
            killed_by: "a2",
        },
        Mutant {
            name: "knows sha2-256 only",
            find: "    if length > 128 {",
            replace: "    if hash != 0x12 || length > 128 {",
            killed_by: "c1",
        },
        Mutant {
            name: "trusts the length",
            find: "        .split_at_checked(length as usize)\n        .ok_or(Refused::CutOff)?",
            replace: "        .split_at(length as usize)",
            killed_by: "d1",
        },
        Mutant {
            name: "fills a digest that is cut off with zeros",
            find: "let (digest, rest) = rest",
            replace: "let filled = [rest, &vec![0; (length as usize).saturating_sub(rest.len())]].concat();\n    let (digest, rest) = filled",
            killed_by: "d1",
        },
        Mutant {
            name: "takes d5 00 for 55",
            find: "if byte == 0 && at > 0 {",
            replace: "if byte == 0 && at > 8 {",
            killed_by: "d2",
        },
        Mutant {
            name: "shifts as far as the bytes go",
            find: "if at == 9 {",
            replace: "if at == 900 {",
            killed_by: "d3",
        },
        Mutant {
            name: "no limit for identity",
            find: "if length > 128 {",
            replace: "if length > 1 << 40 {",
            killed_by: "d4",
        },
        Mutant {
            name: "127 bytes are the most",
            find: "if length > 128 {",
            replace: "if length >= 128 {",
            killed_by: "d4",
        },
        Mutant {
            name: "ignores what follows",
            find: "if !rest.is_empty() {",
            replace: "if rest.len() > 9 {",
            killed_by: "d5",
        },
        Mutant {
            name: "any version will do",
            find: "if version != 1 {",
            replace: "if version > 9 {",
            killed_by: "d6",
        },
    ],
};
