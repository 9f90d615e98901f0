use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "06-3",
    file: "e03_directories",
    title: "Directories, up to the switch and beyond",
    minutes: 60,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops],
    goal: "\
A flat directory is a block that lists its entries. One with a million entries would be a block that nobody sends; so a
directory of more than 262,144 bytes becomes a HAMT, a trie over the hashes of the names:

    hash of \"file 7\" = 3a 91 …    root: place 3A ──► one name there: link \"3Afile 7\"
                                                 └─► several: link \"3A\" to a shard, and in it the place 91

    data of a shard   1: Type, 5   2: which places are taken, a bit each   5: hashType, 0x22   6: fanout, 256

The bits are one large number, in which place 0 is the lowest bit, written big-endian and without zero bytes in front. Two
profiles estimate the size in two ways. Each detail decides the CID.",
    hints: [
        "Which is simpler: to add entries to a HAMT one by one, or to make it of all of them at once?",
        "For a shard, put the entries into a map by place. A place with one entry gives a link with the place in hexadecimal \
         before the name; one with several is the same task, one level down, with a link whose name is the place alone. To find \
         a name, make its place and look for both kinds of link. What would a link to a shard be found by, and what name is that?",
        "`murmur3::x64_64(name).to_be_bytes()[level]` is the place, `format!(\"{place:02X}\")` the prefix. Bits: an array of 32 \
         bytes, in which place p is in byte `31 - p / 8`, bit `p % 8`; skip the zero bytes in front when it is written. `store.put` \
         gives a link with the size of all that is below, and an empty name: put the prefix in front of it. `find` goes over the \
         levels: in a flat node the name itself; in a shard prefix and name, unless the name is empty, which would \
         find the link to a shard; and else down over the prefix alone, or `None`.",
    ],
    debrief: "\
Before 2021 sharding was a switch that one had to set, and a large folder was a block that could not be sent. Since then Kubo
switches by itself, at an estimate: names and CIDs without the bytes of protobuf around them, which is why the two profiles
differ. It also switches back, when entries are removed.

The hash of the HAMT is no cryptographic one. Somebody who chooses names can make a path of eight levels for two of them, but not
a folder in which they cannot be told apart, unless both hashes are equal: then Kubo gives up, and so does this `find`.

`ls` of a HAMT lists names in the order of their hashes. The library of module 06 reads one as a stream, shard by shard.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "switches at the limit, and not above",
            find: "size > 262_144",
            replace: "size >= 262_144",
            killed_by: "a1",
        },
        Mutant {
            name: "estimates by links in both profiles",
            find: "Estimate::Block => flat(entries).block().len(),",
            replace: "Estimate::Block if is_sharded(entries, Estimate::Links) => 262_145,\n        Estimate::Block => 0,",
            killed_by: "a1",
        },
        Mutant {
            name: "finds whatever ends in the name",
            find: "node.links.iter().find(|link| link.name == name)",
            replace: "node.links.iter().find(|link| link.name.ends_with(name))",
            killed_by: "a2",
        },
        Mutant {
            name: "asks the same byte on each level",
            find: "format!(\"{:02X}\", place(name, level))",
            replace: "format!(\"{:02X}\", place(name, level * 0))",
            killed_by: "a3",
        },
        Mutant {
            name: "the empty name finds a shard",
            find: "if entry.is_some() && !name.is_empty() {",
            replace: "if entry.is_some() {",
            killed_by: "a4",
        },
        Mutant {
            name: "in the order in which they come",
            find: "    links.sort_by(|a, b| a.name.cmp(&b.name));\n",
            replace: "    links.rotate_left(0);\n",
            killed_by: "c1",
        },
        Mutant {
            name: "the lowest byte of the hash first",
            find: ".to_be_bytes()[level]",
            replace: ".to_le_bytes()[level]",
            killed_by: "c2",
        },
        Mutant {
            name: "places in small letters",
            find: "link.name = format!(\"{place:02X}{}\", link.name);",
            replace: "link.name = format!(\"{place:02x}{}\", link.name);",
            killed_by: "c2",
        },
        Mutant {
            name: "the bits of each byte from the other end",
            find: "|= 1 << (place % 8);",
            replace: "|= 0x80 >> (place % 8);",
            killed_by: "c3",
        },
        Mutant {
            name: "with the zeros in front",
            find: "&taken[zeros..]",
            replace: "&taken[zeros * 0..]",
            killed_by: "c2",
        },
        Mutant {
            name: "names the sha2-256 hash in the shards",
            find: "number(5, 0x22)",
            replace: "number(5, 0x12)",
            killed_by: "c3",
        },
    ],
};
