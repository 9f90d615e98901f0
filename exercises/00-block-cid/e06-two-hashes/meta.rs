use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "00-6",
    file: "e06_two_hashes",
    title: "Two hashes, one block",
    minutes: 10,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops],
    goal: "\
Name the same bytes by sha2-256 and by BLAKE3, and see what stays and what changes. Then the question
that stores ask all day: do two CIDs name the same bytes? There are three answers, not two.",
    hints: [
        "Both digests have 32 bytes. By what does a reader know which function to run?",
        "`name` differs in two values only, the code and the digest, and a `match` gives both at once. For \
         `same_bytes`: which fields of a CID are about the bytes, and which about their meaning? When are two \
         digests comparable at all?",
        "`blake3::hash(block).as_bytes()` are the 32 bytes; the codes are 0x12 and 0x1e. Two CIDs can be compared \
         only if the codes of their hashes and the lengths of their digests are the same: then the answer is \
         whether the digests are, and otherwise it is `None`. Version, codec and base have no part in it.",
    ],
    debrief: "\
The same block under two hashes is two blocks to every store: they are found by multihash, and nobody
recomputes the other one. That is the price of being able to change the hash at all, and the reason why
a network agrees on one: sha2-256 for nearly everything in IPFS today, BLAKE3 where large files are
verified in parts.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "calls BLAKE3 sha2-256",
            find: "(0x1e, *blake3",
            replace: "(0x12, *blake3",
            killed_by: "a1",
        },
        Mutant {
            name: "compares whole CIDs",
            find: "let (a, b) = (a.hash(), b.hash());",
            replace: "let whole = a == b;\n    let (a, b) = (a.hash(), b.hash());\n    if a.code() == b.code() {\n        return Some(whole);\n    }",
            killed_by: "a2",
        },
        Mutant {
            name: "what is comparable is the same",
            find: "Some(a.digest() == b.digest())",
            replace: "Some(true)",
            killed_by: "a3",
        },
        Mutant {
            name: "another hash means other bytes",
            find: "        return None;",
            replace: "        return Some(false);",
            killed_by: "a4",
        },
        Mutant {
            name: "does not look at the length",
            find: " || a.size() != b.size()",
            replace: "",
            killed_by: "a4",
        },
        Mutant {
            name: "BLAKE3 of the sha2-256 digest",
            find: "*blake3::hash(block).as_bytes()",
            replace: "if block.ends_with(b\"d\") { *blake3::hash(&Sha256::digest(block)).as_bytes() } else { *blake3::hash(block).as_bytes() }",
            killed_by: "c1",
        },
    ],
};
