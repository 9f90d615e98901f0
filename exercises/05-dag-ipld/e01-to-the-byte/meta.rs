use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "05-1",
    file: "e01_to_the_byte",
    title: "DAG-CBOR, to the byte",
    minutes: 45,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Interops, Mark::Survives],
    goal: "\
A value that is linked to needs one spelling. CBOR has many for most values; DAG-CBOR takes one of them and refuses the rest.

    head    ttt nnnnn   type and number; 0 to 23 is the number itself, 24 25 26 27: it follows in 1 2 4 8 bytes
    types   0 n   1 -1-n   2 bytes   3 text   4 list   5 map   6 tag: 42 is a link   7: 20 false 21 true 22 null

Numbers take as few bytes as they fit in; shorter keys come first, and keys of one length by their bytes; a link is the tag 42
and then bytes: a zero, and the CID. Floats are left out here.",
    hints: [
        "Everything begins with a head. What do the lengths of texts, lists and maps have in common with integers?",
        "Write `head` first, and everything else in `encode` is a head and what follows. To decode, have one \
         function that takes bytes away from the front of a slice, or says that it is cut off. Then think about \
         being strict: there are many ways to be wrong, and you have a function that knows the right one.",
        "After reading the value, compare `encode(&value)` with the bytes: one comparison refuses long numbers, keys out of \
         order, double keys and what follows the end. What is left for the reader: `first & 31` is the number or where it \
         stands, 28 to 31 are refused; `first >> 5` is the type. `rest.split_at_checked(len).ok_or(\"cut off\")?` \
         takes bytes. Count the depth down with `checked_sub`, and let lists grow as they are read: a length is a claim, so no \
         `with_capacity`. For the order of keys, `sort_by_key` with the length and then the key.",
    ],
    debrief: "\
The order of keys, shorter first, is that of the old RFC 7049; RFC 8949 sorts by bytes alone. For text keys the two agree,
since the head with the length comes first among the bytes: \"aa\" is 62 61 61, and \"b\" is 61 62.

To encode again and compare is the simplest strict decoder there is, and costs as much as decoding. The library of module 05
checks while it reads, to say at which byte it went wrong. DASL calls such a strict format DRISL; other readers are less
strict and take keys in any order, and so there are blocks out there that have them.

Floats have 64 bits always, and no NaN and no infinity.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "24 fits the first byte",
            find: "        0..=23 => (number as u8, 0),\n        24..=0xff => (24, 1),",
            replace: "        0..=24 => (number as u8, 0),\n        25..=0xff => (24, 1),",
            killed_by: "a1",
        },
        Mutant {
            name: "-n, and not -1-n",
            find: "head(1, (-1 - n) as u64)",
            replace: "head(1, -n as u64)",
            killed_by: "a1",
        },
        Mutant {
            name: "the length of a text in characters",
            find: "head(3, text.len() as u64)",
            replace: "head(3, text.chars().count() as u64)",
            killed_by: "a2",
        },
        Mutant {
            name: "keys by the alphabet",
            find: "(key.len(), *key)",
            replace: "*key",
            killed_by: "b1",
        },
        Mutant {
            name: "the longer key first",
            find: "(key.len(), *key)",
            replace: "(usize::MAX - key.len(), *key)",
            killed_by: "c1",
        },
        Mutant {
            name: "a link without the zero byte",
            find: "let bytes = [vec![0], cid.to_bytes()].concat();",
            replace: "let bytes = cid.to_bytes();",
            killed_by: "c2",
        },
        Mutant {
            name: "a link is a text",
            find: "encode(&Value::Bytes(bytes))].concat()",
            replace: "encode(&Value::Text(cid.to_string()))].concat()",
            killed_by: "c2",
        },
        Mutant {
            name: "takes every spelling",
            find: "if encode(&value) != bytes {",
            replace: "if encode(&value).len() > bytes.len() {",
            killed_by: "d1",
        },
        Mutant {
            name: "compares the lengths only",
            find: "if encode(&value) != bytes {",
            replace: "if encode(&value).len() != bytes.len() {",
            killed_by: "d2",
        },
        Mutant {
            name: "trusts what is behind the zero",
            find: ".map_err(|_| \"a link to no CID\")?",
            replace: ".unwrap()",
            killed_by: "d3",
        },
        Mutant {
            name: "trusts the length",
            find: "rest.split_at_checked(len).ok_or(\"cut off\")?",
            replace: "rest.split_at(len)",
            killed_by: "d4",
        },
        Mutant {
            name: "makes room for what is claimed",
            find: "            let mut map = BTreeMap::new();",
            replace: "            drop(Vec::<Value>::with_capacity(number as usize));\n            let mut map = BTreeMap::new();",
            killed_by: "d5",
        },
        Mutant {
            name: "as deep as it goes",
            find: "depth.checked_sub(1).ok_or(\"too deep\")?",
            replace: "depth.wrapping_sub(1)",
            killed_by: "d5",
        },
    ],
};
