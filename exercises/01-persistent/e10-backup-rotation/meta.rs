use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-10",
    file: "e10_backup_rotation",
    title: "Backups that rotate",
    minutes: 50,
    stretch: true,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives],
    goal: "\
All blocks of a store in one file that is there whole or not at all, and that proves itself when it is read; and of
many such files the right ones kept: seven daily, four weekly, twelve monthly.

`keep` is a pure function, from days to days: begin with it. A restore proves everything before it puts anything.",
    hints: [
        "Which of the three functions needs no disk, no store and no clock? And what do you know of a file before you \
         have read all of it?",
        "keep: three rules, the union of what each keeps; for weeks and months take each part of the calendar in turn, \
         and the last day in it. backup: first all bytes in memory, each block proven by its key, then sha2-256 of them \
         behind; then the five steps of 01-3. restore: the hash first, then each record with lengths that you do not \
         believe, each block proven; collect a Batch, and apply it at the very end.",
        "keep: `days.range(today.saturating_sub(6)..)` is the week; then for (7, 4) and (30, 12), for each part from `now - \
         (count - 1)` to `now`, where `now = today / length`, add `days.range(part * length..(part + 1) * \
         length).next_back()`. In restore `split_first_chunk::<2>()` and `::<4>()` take the lengths, `split_at_checked` the \
         rest, and each None is InvalidData. In backup the keys come from `query(&Key::blocks())`, sorted; remove a leftover \
         NAME.new before you create it, and refuse if NAME is there.",
    ],
    debrief: "\
`01-persistent backup` writes such a file as a CAR, which any IPFS tool reads, with a block behind all that lists
what has to be there; other keys go with it. `restore` swaps the new store in and keeps the old one.

Two things people learn too late: a backup of damage pushes the last good one out of the rotation, so proving
belongs into the backup as well; and a backup that was never restored is a hope.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "saves other keys as well",
            find: "store.query(&Key::blocks())",
            replace: "store.query(&Key::root())",
            killed_by: "a1",
        },
        Mutant {
            name: "proves, and puts nothing",
            find: "    store.apply(batch).map_err(io::Error::other)?;\n",
            replace: "",
            killed_by: "a1",
        },
        Mutant {
            name: "six days are a week",
            find: "today.saturating_sub(6)",
            replace: "today.saturating_sub(5)",
            killed_by: "a2",
        },
        Mutant {
            name: "the oldest of a week stands for it",
            find: ".next_back();",
            replace: ".next();",
            killed_by: "a2",
        },
        Mutant {
            name: "every week of the year",
            find: "[(7, 4), (30, 12)]",
            replace: "[(7, 52), (30, 12)]",
            killed_by: "b1",
        },
        Mutant {
            name: "eleven months are a year",
            find: "saturating_sub(count - 1)",
            replace: "saturating_sub(count - 2)",
            killed_by: "b1",
        },
        Mutant {
            name: "what comes from the future goes",
            find: "days.range(today.saturating_sub(6)..)",
            replace: "days.range(today.saturating_sub(6)..=today)",
            killed_by: "b2",
        },
        Mutant {
            name: "in the order of the store",
            find: "    blocks.sort();\n",
            replace: "    let mut hash = std::collections::hash_map::RandomState::new();\n    blocks.sort_by_cached_key(|(key, _)| std::hash::BuildHasher::hash_one(&mut hash, key.as_bytes()));\n",
            killed_by: "b3",
        },
        Mutant {
            name: "overwrites",
            find: "        return Err(io::Error::new(ErrorKind::AlreadyExists, name));",
            replace: "        folder.remove(name)?;",
            killed_by: "b4",
        },
        Mutant {
            name: "does not look at the hash",
            find: "    if hash != &Sha256::digest(body)[..] {",
            replace: "    if hash.len() != 32 {",
            killed_by: "d1",
        },
        Mutant {
            name: "puts what it has read so far",
            find: "        batch.put(key, block.to_vec());",
            replace: "        store.put(&key, block).map_err(io::Error::other)?;\n        batch.put(key, block.to_vec());",
            killed_by: "d3",
        },
        Mutant {
            name: "a file that is too short panics",
            find: "bytes.len().checked_sub(32).ok_or_else(cut)?",
            replace: "bytes.len() - 32",
            killed_by: "d2",
        },
        Mutant {
            name: "believes the hash of the whole",
            find: "    digest.is_none_or(|digest| digest == &Sha256::digest(block)[..])",
            replace: "    digest.is_none_or(|digest| digest != block)",
            killed_by: "d3",
        },
        Mutant {
            name: "saves damage",
            find: "        if !proven(key, block) {",
            replace: "        if !proven(key, block) && block.len() > 6 {",
            killed_by: "d3",
        },
        Mutant {
            name: "writes under the name itself",
            find: "let temp = format!(\"{name}.new\");",
            replace: "let temp = name.to_owned();",
            killed_by: "d4",
        },
        Mutant {
            name: "stumbles over what a crash left",
            find: "        folder.remove(&temp)?;\n",
            replace: "",
            killed_by: "d4",
        },
        Mutant {
            name: "does not flush the file",
            find: "    folder.flush(&temp)?;\n",
            replace: "",
            killed_by: "d4",
        },
        Mutant {
            name: "does not flush the name",
            find: "    folder.flush_names()?;\n",
            replace: "",
            killed_by: "d4",
        },
    ],
};
