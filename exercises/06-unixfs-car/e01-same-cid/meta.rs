use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "06-1",
    file: "e01_same_cid",
    title: "The same CID as ipfs add",
    minutes: 60,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Interops],
    goal: "\
Chunk, wrap, balance: three steps, and the name of a file is the one that every node gives it.

    profile           CID   leaves             a chunk has       a block has at most
    unixfs-v0-2015    v0    UnixFS in dag-pb   262,144 bytes     174 links
    unixfs-v1-2025    v1    raw                1,048,576 bytes   1024 links

    dag-pb block   2: link (repeated)   1: data
    link           1: Hash, the CID in binary   2: Name, empty   3: Tsize, bytes of all blocks there and below
    UnixFS data    1: Type, 2 for a file   2: Data   3: filesize   4: blocksizes (repeated, one field each)

Leaves in a row get parents of so many links, from the left; the parents in a row get parents, and so on. `proto`
writes the fields, `naming` makes the CIDs. Each wrong byte is another CID, and nothing but the CID will tell.",
    hints: [
        "Which of the functions needs no other of them? Begin there: `unixfs`, then `dag_pb`, and look at the bytes of \
         b1 by hand.",
        "An empty field is not a missing field: Name is written although it is empty, Data of UnixFS is not. A link has two \
         sizes to do with: Tsize counts the bytes of blocks, the blocksizes count bytes of the file. And protobuf \
         libraries write fields by number, but dag-pb has the links, which are field 2, first.",
        "`level.chunks(profile.max_links)` makes the groups, and gives the last one a parent even if it has one child: \
         that is what balanced means, and a file of 175 chunks shows it. The loop ends when one node is left, \
         which is at once if there is one leaf: `while level.len() > 1`. An empty file has no chunks, but it has a leaf: \
         push one. In `parent`, the data of UnixFS has no content, the sum of the file sizes, and the file size of each \
         child; the DAG size is the length of the block plus the DAG sizes of the children.",
    ],
    debrief: "\
A CID of a file says by which bytes, and not how they were cut: chunk, links and leaves are not in it. That is why two
programs disagree about one file, and why IPIP-499 gives the settings names. Kubo has them as profiles of its configuration.

Some of what is here is there for no reason but age. 174 links came from 8 KiB of them; Links stand before
Data since an early encoder did so; the empty Name costs two bytes in every link. Changing it would change every CID.

The library of module 06 does the same in a stream: a level keeps at most 1024 nodes in memory, and hands them up.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "174 links in the v1 profile",
            find: "max_links: 1024,",
            replace: "max_links: 174,",
            killed_by: "a1",
        },
        Mutant {
            name: "an empty file has an empty Data",
            find: "if !content.is_empty() {",
            replace: "if !content.is_empty() || block_sizes.is_empty() {",
            killed_by: "a2",
        },
        Mutant {
            name: "an empty file has no leaf",
            find: "if file.is_empty() {",
            replace: "if file.len() == usize::MAX {",
            killed_by: "a2",
        },
        Mutant {
            name: "Data before Links",
            find: "    block.extend(bytes(1, data));\n    block\n",
            replace: "    [bytes(1, data), block].concat()\n",
            killed_by: "b1",
        },
        Mutant {
            name: "the DAG is as large as its root",
            find: "block.len() as u64 + below,",
            replace: "block.len() as u64,",
            killed_by: "b2",
        },
        Mutant {
            name: "leaf without filesize",
            find: "    data.extend(number(3, file_size));\n",
            replace: "    if content.is_empty() {\n        data.extend(number(3, file_size));\n    }\n",
            killed_by: "c1",
        },
        Mutant {
            name: "one chunk still gets a root",
            find: "    while level.len() > 1 {\n",
            replace: "    for round in 0.. {\n        if round > 0 && level.len() == 1 {\n            break;\n        }\n",
            killed_by: "c2",
        },
        Mutant {
            name: "link without the empty Name",
            find: "        link.extend(bytes(2, b\"\"));\n",
            replace: "",
            killed_by: "c3",
        },
        Mutant {
            name: "Tsize is the size of the file",
            find: "link.extend(number(3, child.dag_size));",
            replace: "link.extend(number(3, child.file_size));",
            killed_by: "c3",
        },
        Mutant {
            name: "no blocksizes",
            find: "    for &size in block_sizes {\n",
            replace: "    for &size in &block_sizes[..0] {\n",
            killed_by: "c4",
        },
        Mutant {
            name: "1024 links in the v0 profile",
            find: "max_links: 174,",
            replace: "max_links: 1024,",
            killed_by: "c5",
        },
        Mutant {
            name: "a lone last leaf is promoted",
            find: "parents.map(|children| parent(children, profile)).collect()",
            replace: "parents\n            .map(|children| match children {\n                [one] => *one,\n                _ => parent(children, profile),\n            })\n            .collect()",
            killed_by: "c6",
        },
    ],
};
