use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "00-1",
    file: "e01_hello_cid",
    title: "Hello, CID",
    minutes: 5,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops],
    goal: "\
Give \"Hello IPFS!\" its name: the CIDv1 of the bytes as they are (codec raw), by sha2-256.

    bytes ──sha2-256──► digest ──0x12, length──► multihash ──1, 0x55──► CID

Three small crates are there: `sha2` hashes, `multihash` says which hash it was, `cid` says what the
bytes mean.",
    hints: [
        "A CID is made from the inside out. Which three values are there, and which contains which?",
        "`Sha256::digest` takes the bytes. `Multihash::wrap` takes the code of the hash and the digest, and \
         `Cid::new_v1` takes the codec and the multihash. The two codes are constants in the file.",
        "The digest first: `let digest = Sha256::digest(block);`. A `Multihash` has room for 64 bytes, so \
         wrapping 32 of them cannot fail: `.expect(\"32 bytes fit in 64\")` is honest here. The last line is \
         `Cid::new_v1(RAW, hash)`.",
    ],
    debrief: "\
The name came from the bytes alone: no server was asked, no number was drawn. Whoever has the same
eleven bytes gets the same CID, and whoever gets bytes for this CID can prove them.

`ipfs block put` and `ipfs add --cid-version=1 --raw-leaves` print this CID for a file with these bytes.
Plain `ipfs add` prints another, Qm…: it wraps the bytes in a small file header (dag-pb) first.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "says dag-pb",
            find: "Cid::new_v1(RAW, hash)",
            replace: "Cid::new_v1(0x70, hash)",
            killed_by: "a1",
        },
        Mutant {
            name: "hashes the hexadecimal digits of the digest",
            find: "let digest = Sha256::digest(block);",
            replace: "let digest = Sha256::digest(format!(\"{:02x?}\", Sha256::digest(block)));",
            killed_by: "a1",
        },
        Mutant {
            name: "knows one answer by heart",
            find: "let digest = Sha256::digest(block);",
            replace: "let digest = Sha256::digest(if block.len() == 11 { b\"Hello IPFS!\" } else { block });",
            killed_by: "a2",
        },
        Mutant {
            name: "takes the line end for a part of the text",
            find: "let digest = Sha256::digest(block);",
            replace: "let digest = Sha256::digest([block, if block.first() == Some(&b'H') { b\"\" } else { b\"\\n\" }].concat());",
            killed_by: "c1",
        },
    ],
};
