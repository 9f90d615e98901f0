use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-4",
    file: "e04_kubos_own_folder",
    title: "Kubo's own folder",
    minutes: 30,
    stretch: false,
    marks: &[Mark::Works, Mark::Interops, Mark::Survives],
    goal: "\
Kubo keeps each block in a file of its own, in folders named by two characters of its name (go-ds-flatfs).
Read such a folder, and write what Kubo reads.

    blocks/SHARDING                        /repo/flatfs/shard/v1/next-to-last/2
    blocks/X3/CIQFTFEEHEDF…MLX3Y.data      the empty directory, 4 bytes
           └─ the two before the last ─┘",
    hints: [
        "The name of a file is made of the multihash alone. So which CIDs find this block: v0, v1, raw, dag-pb?",
        "For `shard`, put as many underscores before the name as could be missing, and then cut from the end; for a \
         prefix behind it, and from the start. For `list`, a file is a block if it ends in .data, its name can be \
         decoded, and it lies in the folder that `shard` gives for it.",
        "`BASE32_NOPAD.encode` is the name. NextToLast(n) of `filled = \"_\".repeat(n + 1) + name` is \
         `filled[filled.len() - n - 1..filled.len() - 1]`. `put`: `fs::create_dir_all` of `.temp`, `fs::write` there, \
         `fs::create_dir_all` of the shard's folder, `fs::rename`. `sharding`: `strip_prefix` up to and with `v1/`, then \
         `split_once('/')`, and every None becomes the same InvalidData.",
    ],
    debrief: "\
The engine `file` of module 01 is this, byte for byte both ways, plus what 01-3 taught: flushes before and
after the rename. One file a block is easy to copy, to look at and to repair, and costs an inode and a flush or
two each; at millions of small blocks a log (01-5) or a tree is better.

next-to-last/2 makes 1,024 folders. The last character of a sha2-256 name carries only some bits of the digest,
so folders by suffix would be uneven, and the first characters are CIQ for every block there is.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "in lower case",
            find: "    BASE32_NOPAD.encode(multihash)\n",
            replace: "    BASE32_NOPAD.encode(multihash).to_lowercase()\n",
            killed_by: "a1",
        },
        Mutant {
            name: "only the digest",
            find: "    BASE32_NOPAD.encode(multihash)\n",
            replace: "    BASE32_NOPAD.encode(&multihash[2..])\n",
            killed_by: "a1",
        },
        Mutant {
            name: "the last two",
            find: "filled[filled.len() - n - 1..filled.len() - 1]",
            replace: "filled[filled.len() - n..filled.len()]",
            killed_by: "a2",
        },
        Mutant {
            name: "absent is an error",
            find: "            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),\n",
            replace: "",
            killed_by: "a3",
        },
        Mutant {
            name: "lists texts instead of multihashes",
            find: "found.push(multihash);",
            replace: "found.push([multihash, Vec::new()].concat()[2..].to_vec());",
            killed_by: "c1",
        },
        Mutant {
            name: "without the extension",
            find: "folder.join(name + \".data\")",
            replace: "folder.join(name)",
            killed_by: "c1",
        },
        Mutant {
            name: "leaves its temporary file",
            find: "fs::rename(&temp, &path)",
            replace: "fs::copy(&temp, &path).map(drop)",
            killed_by: "c2",
        },
        Mutant {
            name: "too short a name panics",
            find: "let filled = \"_\".repeat(n + 1) + name;",
            replace: "let filled = name;",
            killed_by: "c3",
        },
        Mutant {
            name: "a prefix is filled in front",
            find: "(name.to_owned() + &\"_\".repeat(n))[..n]",
            replace: "(\"_\".repeat(n.saturating_sub(name.len())) + name)[..n]",
            killed_by: "c3",
        },
        Mutant {
            name: "any version will do",
            find: "strip_prefix(\"/repo/flatfs/shard/v1/\")",
            replace: "splitn(6, '/').last()",
            killed_by: "d1",
        },
        Mutant {
            name: "guesses the default",
            find: "        _ => Err(unknown()),",
            replace: "        _ => Ok(Sharding::NextToLast(2)),",
            killed_by: "d1",
        },
        Mutant {
            name: "lists what lies in the wrong folder",
            find: "(true, Ok(multihash)) = (is_here, ",
            replace: "(true, Ok(multihash)) = (is_here || name.len() == 55, ",
            killed_by: "d2",
        },
        Mutant {
            name: "writes in place",
            find: "        fs::rename(&temp, &path)",
            replace: "        fs::write(&path, block)?;\n        fs::remove_file(&temp)",
            killed_by: "d3",
        },
    ],
};
