use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "00-2",
    file: "e02_cid_by_hand",
    title: "A CID by hand",
    minutes: 20,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops],
    goal: "\
The same name as in 00-1, with no crate but the one that hashes. Four small functions:

    01        55        12        20         b94d27b9934d3e08…
    version   codec     hash      length     digest            all in base32, after a `b`
    varint    varint    varint    varint

After this no CID is a riddle.",
    hints: [
        "Start with `varint`. What is the largest number that fits one byte, if the high bit says whether \
         another byte follows?",
        "varint: while the number is 128 or more, push its lowest seven bits with the high bit set, and shift \
         it by seven; then push what is left. base32: keep a number with the bits that are not written yet, \
         and how many those are. Every byte adds eight; as long as there are five, the highest five are a \
         character.",
        "base32 in full: for each byte `bits = bits << 8 | byte` and `count += 8`; while `count >= 5` take 5 off \
         and push `ALPHABET[(bits >> count) & 31]`. Only the lowest `count` bits of `bits` matter, so cut the \
         others off, or it overflows. After the loop, if `count > 0`, push \
         `ALPHABET[(bits << (5 - count)) & 31]`. And `cid` is `varint(1)`, `varint(codec)`, the multihash, all \
         of it in base32 after the letter b.",
    ],
    debrief: "\
Nothing in a CID is secret or arbitrary: each byte is a number with a table behind it. Lower case base32
is the default since it survives DNS names, which know no upper case; `k…` (base36) is shorter and is used
where a label may have 63 characters at most. CIDv0 has none of this: it is the bare multihash in base58,
which is why it always begins with Qm.

What real code adds: it refuses what it cannot read (that is 00-3), and hashes without holding all bytes.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "varint: one byte, whatever the number",
            find: "while number >= 0x80 {",
            replace: "while number > u64::MAX >> 1 {",
            killed_by: "a1",
        },
        Mutant {
            name: "varint: 128 fits one byte",
            find: "while number >= 0x80 {",
            replace: "while number > 0x80 {",
            killed_by: "a1",
        },
        Mutant {
            name: "varint: without the bit that says that more follows",
            find: "number as u8 | 0x80",
            replace: "number as u8 & 0x7f",
            killed_by: "a1",
        },
        Mutant {
            name: "multihash: without the length",
            find: "    varint(digest.len() as u64, &mut out);\n",
            replace: "",
            killed_by: "a2",
        },
        Mutant {
            name: "multihash: the length in bits",
            find: "digest.len() as u64",
            replace: "digest.len() as u64 * 8",
            killed_by: "a2",
        },
        Mutant {
            name: "base32: the bits that are left are lost",
            find: "if count > 0 {",
            replace: "if count > 5 {",
            killed_by: "a3",
        },
        Mutant {
            name: "base32: in upper case, as in the RFC",
            find: "    text\n",
            replace: "    text.to_uppercase()\n",
            killed_by: "a3",
        },
        Mutant {
            name: "dag-pb for raw",
            find: "    varint(codec, &mut bytes);",
            replace: "    varint(if codec == 0x55 { 0x70 } else { codec }, &mut bytes);",
            killed_by: "c1",
        },
        Mutant {
            name: "without the letter of the base",
            find: "format!(\"b{}\", base32(&bytes))",
            replace: "base32(&bytes)",
            killed_by: "c1",
        },
        Mutant {
            name: "the codec as one byte",
            find: "varint(codec, &mut bytes);",
            replace: "bytes.push(codec as u8);",
            killed_by: "c2",
        },
    ],
};
