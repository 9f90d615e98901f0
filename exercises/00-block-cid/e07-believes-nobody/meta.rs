use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "00-7",
    file: "e07_believes_nobody",
    title: "A store that does not believe you",
    minutes: 25,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives],
    goal: "\
Keep blocks by CID, and believe neither who puts them nor the disk they lie on. The shelf is a map of
bytes to bytes, which the checks damage behind your back.

    put(cid, bytes) ──prove──► shelf ──prove──► get(cid)

Absent is `None`. CIDv0 and CIDv1 of the same bytes are one block. Identity needs no shelf.",
    hints: [
        "Under which key do a CIDv0 and a CIDv1 meet? And in how many places does the question \"are these the \
         bytes?\" come up?",
        "The key is the multihash in binary; version and codec are left out. One function from CID and bytes to yes \
         or no serves `put` and `get`: it hashes by what the CID says, and refuses a code it does not know. Then \
         `put` is: prove, and insert even if something is there. `get` is: find, and prove.",
        "Match on `cid.hash().code()`: 0x00 is identity, and the digest has to be the block itself; 0x12 is \
         `Sha256::digest`, 0x1e is `blake3::hash`; all else is `Err(Refused::Hash(code))`. For an identity CID `put` \
         inserts nothing, and `get` answers with `cid.hash().digest()` before it looks at the shelf. `let … else` \
         makes the absent case one line.",
    ],
    debrief: "\
This is `Blocks` of module 00, in small. Kubo hashes on put, and on read only if told so
(`Datastore.HashOnRead`); here reads are always hashed, since a block is small and a lie travels far.

One promise comes for free: `put` takes `&[u8]`, so the caller's buffer cannot be kept. In Go, where
slices share memory, stores have handed out blocks that their callers changed later.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "knows sha2-256 only",
            find: "        0x1e => Ok(digest == blake3::hash(block).as_bytes()),\n",
            replace: "",
            killed_by: "a1",
        },
        Mutant {
            name: "absent is an error",
            find: "            return Ok(None);",
            replace: "            return Err(Refused::Damaged);",
            killed_by: "b1",
        },
        Mutant {
            name: "keyed by the CID",
            find: "cid.hash().to_bytes()",
            replace: "cid.to_bytes()",
            killed_by: "b2",
        },
        Mutant {
            name: "keeps identity on the shelf",
            find: "if cid.hash().code() != IDENTITY {",
            replace: "if cid.hash().code() != 0xd5 {",
            killed_by: "b3",
        },
        Mutant {
            name: "identity has to be put first",
            find: "if cid.hash().code() == IDENTITY {",
            replace: "if cid.hash().code() == 0xd5 {",
            killed_by: "b3",
        },
        Mutant {
            name: "believes whoever puts",
            find: "        if !is(cid, block)? {\n            return Err(Refused::Wrong);\n        }\n",
            replace: "",
            killed_by: "d1",
        },
        Mutant {
            name: "refuses a lie after keeping it",
            find: "        if !is(cid, block)? {",
            replace: "        self.shelf().insert(key(cid), block.to_vec());\n        if !is(cid, block)? {",
            killed_by: "d1",
        },
        Mutant {
            name: "believes the disk",
            find: "        if !is(cid, &block)? {\n            return Err(Refused::Damaged);\n        }\n",
            replace: "",
            killed_by: "d2",
        },
        Mutant {
            name: "compares the first byte of the digest",
            find: "0x12 => Ok(digest == &Sha256::digest(block)[..]),",
            replace: "0x12 => Ok(block.first() == Some(&b'H')),",
            killed_by: "d2",
        },
        Mutant {
            name: "does not put what is there",
            find: "self.shelf().insert(key(cid), block.to_vec());",
            replace: "self.shelf().entry(key(cid)).or_insert(block.to_vec());",
            killed_by: "d3",
        },
        Mutant {
            name: "believes hashes that it does not know",
            find: "code => Err(Refused::Hash(code)),",
            replace: "_ => Ok(true),",
            killed_by: "d4",
        },
    ],
};
