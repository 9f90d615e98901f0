use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "00-4",
    file: "e04_v0_and_v1",
    title: "v0 to v1 and back",
    minutes: 10,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops, Mark::Survives],
    goal: "\
Qm… and bafybei… may be one block. Write the way from CIDv0 to CIDv1, which always is there, and the way
back, which is not: a CIDv0 has no room for what it does not say. Name what does not fit.",
    hints: [
        "What does a CIDv0 say without writing it? Each of these things has to hold on the way back.",
        "The crate answers for a CIDv0 as well: ask one for its codec. On the way back compare the codec, then \
         the code of the hash, then the length of the digest, in this order, and return at the first that is \
         wrong.",
        "There: `Cid::new_v1` with the codec and the hash of the CID that was given. Back: `Cid::new_v0(hash)` \
         refuses hashes that are not sha2-256 of 32 bytes, but it never sees the codec, so that is yours to \
         compare; and its error does not say which of the two it was, so look at `hash.code()` before you call \
         it.",
    ],
    debrief: "\
To v1 is safe and loses nothing; to v0 is for old software only. Two CIDs that differ may well name one
block: stores therefore look at the multihash alone (00-7), and `get` answers under the name that was
asked for.

Kubo's `ipfs cid format -v 0` refuses in the same cases, and `ipfs add` still gives CIDv0 unless told otherwise.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "hands the CIDv0 back as it is",
            find: "Cid::new_v1(cid.codec(), *cid.hash())",
            replace: "*cid",
            killed_by: "a1",
        },
        Mutant {
            name: "makes everything dag-pb",
            find: "Cid::new_v1(cid.codec(), *cid.hash())",
            replace: "Cid::new_v1(DAG_PB, *cid.hash())",
            killed_by: "a2",
        },
        Mutant {
            name: "has no way back",
            find: "if hash.code() != SHA2_256 {",
            replace: "if hash.code() == SHA2_256 {",
            killed_by: "a3",
        },
        Mutant {
            name: "makes a CIDv0 raw",
            find: "Cid::new_v1(cid.codec(), *cid.hash())",
            replace: "Cid::new_v1(if cid.version() == Version::V0 { 0x55 } else { cid.codec() }, *cid.hash())",
            killed_by: "c1",
        },
        Mutant {
            name: "does not look at the codec",
            find: "cid.version() == Version::V1 && cid.codec() != DAG_PB",
            replace: "cid.codec() == 0",
            killed_by: "d1",
        },
        Mutant {
            name: "looks at the length alone",
            find: "    Cid::new_v0(*hash).map_err(|_| NoV0::Length(hash.size()))",
            replace: "    Cid::new_v0(*hash).map_err(|_| NoV0::Length(32))",
            killed_by: "d3",
        },
        Mutant {
            name: "takes every hash for sha2-256",
            find: "if hash.code() != SHA2_256 {",
            replace: "if hash.code() == 0 {",
            killed_by: "d2",
        },
    ],
};
