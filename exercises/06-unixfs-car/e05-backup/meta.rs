use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "06-5",
    file: "e05_backup",
    title: "Backup and restore a folder",
    minutes: 40,
    stretch: true,
    marks: &[Mark::Works, Mark::Survives],
    goal: "\
To save a folder is a walk. To restore one is to let a stranger write on your disk: the backup is proven by its CID, and
that says that nobody has changed it, not that it means well.

    name   ..            leads to the folder above
    name   a\\0.txt       is a, to the system
    link   out ──► /     and then a file out/etc/passwd

What is restored stays inside the folder; what would not is refused before anything is written. The disk is one in
memory, which follows links as a real one does, and shows what was written where.",
    hints: [
        "A name leads to one entry of the folder that it stands in. Which texts lead somewhere else?",
        "Go over the backup twice: once to look at it, once to write. While you look, count, note the names of each \
         folder, and know how deep you are. A link may begin with as many `..` as there are folders above it in the \
         backup. Why is `..` behind a name more than it seems, if that name may be a link?",
        "A name is none if it is empty, `.` or `..`, or contains `/` or NUL. A target is split at `/`; parts that are \".\" mean \
         nothing; count the `..` at its beginning, at most the level of its folder, and all parts after them have to be \
         names: an absolute target begins with an empty part, which is none. `examine(vault, cid, level, left)` calls \
         itself with `level + 1` for each entry, after the name was found good and new: `names.insert(name)` is false \
         for the second of two. `left.checked_sub(1)` is `None` at the limit.",
    ],
    debrief: "\
A proof of content is no proof of good will. The CID of an evil folder is as right as any.

On a real disk this is not enough: between looking and writing, another process can put a link into the way. So the library of
module 06 opens each folder once and goes on from there, and never resolves a path a second time; on Linux the kernel has
`openat2` for it. And on disks that do not tell A from a, two names are one: \"a\" as a link and \"A\" as a folder is the
attack of d4 again, which git had in 2021 and 2024.

Whether links that lead out are restored is a choice: they do no harm until somebody writes through them.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "empty folders are left out",
            find: "            Kind::Folder => backup(disk, &at, vault),",
            replace: "            Kind::Folder if disk.entries(&at).is_empty() => continue,\n            Kind::Folder => backup(disk, &at, vault),",
            killed_by: "a1",
        },
        Mutant {
            name: "saves what a link leads to",
            find: "vault.put(Item::Link(disk.target(&at)))",
            replace: "vault.put(Item::File(disk.read(&at)))",
            killed_by: "a2",
        },
        Mutant {
            name: "a folder that is there will do",
            find: "            disk.make_folder(at)?;\n",
            replace: "            disk.make_folder(at).ok();\n",
            killed_by: "a3",
        },
        Mutant {
            name: "any name will do",
            find: "    !matches!(name, \"\" | \".\" | \"..\") && !name.contains(['/', '\\0'])\n",
            replace: "    name.len() < 256\n",
            killed_by: "d1",
        },
        Mutant {
            name: "refuses .. and no other name",
            find: "!matches!(name, \"\" | \".\" | \"..\") && !name.contains(['/', '\\0'])",
            replace: "name != \"..\"",
            killed_by: "d1",
        },
        Mutant {
            name: "forgets NUL",
            find: "!name.contains(['/', '\\0'])",
            replace: "!name.contains('/')",
            killed_by: "d1",
        },
        Mutant {
            name: "links lead where they want",
            find: "if !stays_inside(&target, level - 1) {",
            replace: "if target.is_empty() {",
            killed_by: "d2",
        },
        Mutant {
            name: "one level too many",
            find: "stays_inside(&target, level - 1)",
            replace: "stays_inside(&target, level)",
            killed_by: "d2",
        },
        Mutant {
            name: "counts up against down",
            find: "    let mut parts = target.split('/').filter(|part| *part != \".\").peekable();",
            replace: "    let mut depth = level as isize;\n    for part in target.split('/') {\n        depth += if part == \"..\" { -1 } else { 1 };\n        if depth < 0 {\n            return false;\n        }\n    }\n    let mut parts = \"x\".split('/').peekable();",
            killed_by: "d3",
        },
        Mutant {
            name: "one name twice",
            find: "if !is_name(&name) || !names.insert(name.clone()) {",
            replace: "names.insert(name.clone());\n                if !is_name(&name) {",
            killed_by: "d4",
        },
        Mutant {
            name: "writes, and looks at the next one then",
            find: "    examine(vault, root, 0, &mut left)?;\n    write(vault, root, disk, to)\n",
            replace: "    write(vault, root, disk, to)?;\n    examine(vault, root, 0, &mut left)\n",
            killed_by: "d5",
        },
        Mutant {
            name: "no limit",
            find: "left.checked_sub(1).ok_or(Refused::TooMany)?",
            replace: "left.saturating_sub(1)",
            killed_by: "d6",
        },
    ],
};
