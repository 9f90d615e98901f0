use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "00-5",
    file: "e05_not_the_sha256sum",
    title: "Why is my CID not the sha256sum?",
    minutes: 15,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops],
    goal: "\
The first question of everybody. Predict it, then write the tool that answers it: a checker of files.

    one chunk     file ──────────────► raw block ──► CID: its digest is the sha256sum
    two chunks    file ──► raw, raw ──► a block that lists both ──► CID: it is not

A CID says by which hash it was made and what its block is. Believe it, and nothing else.",
    hints: [
        "A CID names exactly one block. Of which files is the whole content in one block?",
        "`slice::chunks` cuts, but cuts nothing out of nothing: an empty file needs a case of its own. For the \
         checker, ask first whether the CID names raw bytes, then which hash it has; a function from hash code and \
         bytes to a CID serves the checker and the leaves.",
        "Such a function: `match hash { SHA2_256 => Sha256::digest(block).into(), BLAKE3 => \
         *blake3::hash(block).as_bytes(), _ => return None }` gives 32 bytes, which `Multihash::wrap` takes. The \
         checker compares the CID that it made with the one that was given: the same is `Same`, another is \
         `Other`, and none at all, or a codec that is not RAW, is `CannotTell`.",
    ],
    debrief: "\
So there are three reasons why a CID is not the sha256sum: the text is base32 and has four bytes in front
(00-2), the file has several chunks, or it is wrapped in dag-pb, as `ipfs add` does without --raw-leaves.
And a fourth: another hash.

How files are cut is not a part of a CID. Kubo's default was 256 KiB for ten years, and profiles name
others (IPIP-499): to check a large file one has to import it again the same way. Module 06 does that.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "always",
            find: "    len <= CHUNK\n",
            replace: "    len < usize::MAX\n",
            killed_by: "a1",
        },
        Mutant {
            name: "a full chunk is one too many",
            find: "    len <= CHUNK\n",
            replace: "    len < CHUNK\n",
            killed_by: "a1",
        },
        Mutant {
            name: "the file is one leaf, however long",
            find: "file.chunks(CHUNK)",
            replace: "file.chunks(usize::MAX)",
            killed_by: "a2",
        },
        Mutant {
            name: "an empty file has no leaf",
            find: "if file.is_empty() {",
            replace: "if file.len() == usize::MAX {",
            killed_by: "a2",
        },
        Mutant {
            name: "says that it changed, and not into what",
            find: "Some(now) => Answer::Other(now),",
            replace: "Some(_) => Answer::Other(*cid),",
            killed_by: "a3",
        },
        Mutant {
            name: "compares the digest whatever the codec is",
            find: "if cid.codec() != RAW {",
            replace: "if cid.codec() == 0 {",
            killed_by: "a4",
        },
        Mutant {
            name: "names leaves as dag-pb",
            find: "Some(Cid::new_v1(RAW, hash))",
            replace: "Some(Cid::new_v1(0x70, hash))",
            killed_by: "c1",
        },
        Mutant {
            name: "hashes by sha2-256 whatever the CID says",
            find: "match named(cid.hash().code(), file) {",
            replace: "match named(SHA2_256, file) {",
            killed_by: "c2",
        },
    ],
};
