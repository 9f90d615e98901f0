use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "06-4",
    file: "e04_car",
    title: "A CAR, written and read as a stream",
    minutes: 40,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops, Mark::Survives],
    goal: "\
A CAR is blocks in a row, in a file or over a wire: what `ipfs dag export` writes, and a gateway sends.

    length  header             length  CID  bytes             length  CID  bytes      …
    varint  the roots, CBOR    varint  └─ of both together ─┘

It comes from strangers, and may be larger than memory. So each block is proven as it comes; the reader stops at the first
lie; what ends too early is said to; and no length is believed.",
    hints: [
        "The header and the blocks have the same frame around them. Which two functions do you write once, and use twice?",
        "Reading a section ends in one of three ways: the stream is over before its first byte, which is a good end; it is \
         over within, which is not; or it is whole. To read a long one without room for what is only claimed, take so many \
         bytes of the stream and see how many there were. After an error an iterator has to end.",
        "For the length, read one byte at a time with `read_exact`; `ErrorKind::UnexpectedEof` at the first byte is the end, \
         later it is `CutOff`. Stop as soon as the length is over LONGEST or has nine bytes. Then \
         `from.take(len).read_to_end(&mut bytes)`, and compare `bytes.len()` with `len`. `Cid::read_bytes(&mut rest)` takes the CID from \
         the front of a slice and leaves the block, which is proven if `naming::v1(cid.codec(), rest).hash()` is \
         `cid.hash()`. `transpose` turns a `Result` of an `Option` around, and `over` remembers an error.",
    ],
    debrief: "\
Nothing in a CAR says how long it is, so a stream that breaks between two sections looks whole. Who needs to know walks the
DAG from the root, and sees what is missing; a gateway closes the connection in a way that HTTP can tell.

CARv2 puts a header with offsets in front, and an index behind. An index is a hint: the library of module 06 proves
each block that it reads by one. go-car, which Kubo reads with, takes sections up to 8 MiB; peers send blocks up to 2 MiB.

A hash that you cannot compute proves nothing: this reader says Digest to BLAKE3. The library knows the hashes that Kubo knows.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "the length is that of the block, without its CID",
            find: "car.extend(section(&[&cid.to_bytes(), &block[..]].concat()));",
            replace: "car.extend(varint(block.len() as u64));\n        car.extend([&cid.to_bytes(), &block[..]].concat());",
            killed_by: "a1",
        },
        Mutant {
            name: "the length in one byte",
            find: "[&varint(bytes.len() as u64), bytes].concat()",
            replace: "[&[bytes.len() as u8], bytes].concat()",
            killed_by: "c1",
        },
        Mutant {
            name: "writes CIDv1 for CIDv0",
            find: "&cid.to_bytes(), &block[..]",
            replace: "&naming::v1(cid.codec(), block).to_bytes(), &block[..]",
            killed_by: "c2",
        },
        Mutant {
            name: "a stream that ends early is at its end",
            find: "        return Err(Bad::CutOff);\n",
            replace: "        return Ok(None);\n",
            killed_by: "d1",
        },
        Mutant {
            name: "cut off within a length is an end, too",
            find: "error.kind() == ErrorKind::UnexpectedEof && at == 0",
            replace: "error.kind() == ErrorKind::UnexpectedEof && at < 9",
            killed_by: "d1",
        },
        Mutant {
            name: "believes the CID",
            find: "if naming::v1(cid.codec(), rest).hash() != cid.hash() {",
            replace: "if cid.hash().size() == 0 {",
            killed_by: "d2",
        },
        Mutant {
            name: "goes on after a lie",
            find: "self.over = next.is_err();",
            replace: "self.over = false;",
            killed_by: "d2",
        },
        Mutant {
            name: "no limit for a length",
            find: "        if len > LONGEST || at == 8 {\n            return Err(Bad::Long(len));\n        }\n",
            replace: "",
            killed_by: "d3",
        },
        Mutant {
            name: "one byte too many",
            find: "if len > LONGEST || at == 8 {",
            replace: "if len > LONGEST + 1 || at == 8 {",
            killed_by: "d3",
        },
        Mutant {
            name: "trusts that a section begins with a CID",
            find: ".map_err(|_| Bad::NoCid)?",
            replace: ".unwrap()",
            killed_by: "d4",
        },
        Mutant {
            name: "reads all of it first",
            find: "    let mut len = 0;\n",
            replace: "    let mut all = Vec::new();\n    let _ = from.read_to_end(&mut all);\n    let from = &mut &all[..];\n    let mut len = 0;\n",
            killed_by: "d5",
        },
    ],
};
