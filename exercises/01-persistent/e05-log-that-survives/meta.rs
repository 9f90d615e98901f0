use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-5",
    file: "e05_log_that_survives",
    title: "A log that survives",
    minutes: 60,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives, Mark::Costs],
    goal: "\
One file, to which everything is appended: one flush a put instead of two. What it costs is a start that
reads it, an index in memory, and a compaction now and then.

    log    sum lens key value │ sum lens key value │ sum lens ke      ◄ torn: power was lost here
           └──── whole ─────┘                       never acknowledged, cut off

A torn tail is what a loss of power leaves, and no damage. A damaged record with whole ones behind it is damage,
and must not be cut off with them. Write encode and decode first; everything else is made of them.",
    hints: [
        "When power is lost in a put, which part of the file may be wrong, and what can be behind it? And what if a \
         bit flips in the middle?",
        "`decode` gives None for anything that is not whole and right; it takes no length for granted, since `get` and \
         `split_at_checked` give None as well. `open` decodes until None. If a whole record can be decoded anywhere \
         behind that place, the place is damaged; if none can, it is the tail, and is cut off *and flushed*. The index \
         has offset and length of each key's last record. A compaction is a put of 01-3: new file, flush, rename, flush \
         of names.",
        "open: `while let Some((record, len)) = bytes.get(at..).and_then(decode)` notes the record and adds len to at. \
         Then `(at + 1..bytes.len()).any(|from| decode(&bytes[from..]).is_some())` is damage; else `cut(LOG, at)` and \
         `flush(LOG)`. A deletion is a record without a value (length u32::MAX), and takes the key out of the index. put: \
         append, flush, note; if one of the two fails, set `broken`, and refuse every write from then on: what is in the \
         file nobody knows before it is opened again. Do not forget `flush_names` after the log was made.",
    ],
    debrief: "\
This is Bitcask, and the idea of `pack`, the engine of module 01: there the log is a CAR, so that a record is a
block that proves itself, and many writers share one flush.

Two traps that catch real stores: an append of which only the length reached the disk is zeros, so a checksum of
nothing must not be zero; and after a flush that failed, a second one that succeeds proves nothing (Rebello et al.,
\"Can Applications Recover from fsync Failures?\", 2020). Real logs are cut into segments, so that a start and a
compaction do not read everything, and keep the index on disk too.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "an empty value is a deleted one",
            find: "let value = (len != DELETED).then(|| value.to_vec());",
            replace: "let value = (!value.is_empty()).then(|| value.to_vec());",
            killed_by: "a1",
        },
        Mutant {
            name: "a deletion is not written down",
            find: "        self.write(&mut state, &Record { key, value: None })",
            replace: "        state.index.remove(&key);\n        Ok(())",
            killed_by: "a2",
        },
        Mutant {
            name: "the first record of a key counts",
            find: "Some(_) => drop(self.index.insert(key, (self.end, len))),",
            replace: "Some(_) => drop(self.index.entry(key).or_insert((self.end, len))),",
            killed_by: "a1",
        },
        Mutant {
            name: "the index keeps the old offsets",
            find: "        *state = new;\n",
            replace: "",
            killed_by: "b1",
        },
        Mutant {
            name: "a compaction writes more than it keeps",
            find: "        self.folder.append(NEW, &bytes)?;",
            replace: "        let bytes = [bytes, vec![0; 900]].concat();\n        self.folder.append(NEW, &bytes)?;",
            killed_by: "b1",
        },
        Mutant {
            name: "half a record at the end is an error",
            find: "if (at + 1..bytes.len()).any(whole) {",
            replace: "if (at + 1..bytes.len()).any(whole) || at < bytes.len() {",
            killed_by: "d1",
        },
        Mutant {
            name: "half a record stays where it is",
            find: "            folder.cut(LOG, at as u64)?;\n            folder.flush(LOG)?;\n",
            replace: "",
            killed_by: "d1",
        },
        Mutant {
            name: "cuts off at the first damage, with all that is behind it",
            find: "if (at + 1..bytes.len()).any(whole) {",
            replace: "if at > bytes.len() {",
            killed_by: "d2",
        },
        Mutant {
            name: "the checksum is that of the value alone",
            find: "    if checksum(bytes.get(4..end)?) != sum {\n        return None;\n    }\n",
            replace: "    if checksum(value) != checksum(bytes.get(HEAD + key_len..end)?) || sum == 1 {\n        return None;\n    }\n",
            killed_by: "d2",
        },
        Mutant {
            name: "skips what is damaged",
            find: "        while let Some((record, len)) = bytes.get(at..).and_then(decode) {\n            state.note(&record, len);\n            at += len;\n        }\n",
            replace: "        while at < bytes.len() {\n            match bytes.get(at..).and_then(decode) {\n                Some((record, len)) => {\n                    state.end = at as u64;\n                    state.note(&record, len);\n                    at += len;\n                }\n                None => at += 1,\n            }\n        }\n",
            killed_by: "d2",
        },
        Mutant {
            name: "no flush",
            find: "            .and_then(|()| self.folder.flush(LOG));",
            replace: "            .map(drop);",
            killed_by: "d3",
        },
        Mutant {
            name: "the name of the log is not flushed",
            find: "        folder.flush_names()?;\n        let bytes = folder",
            replace: "        let bytes = folder",
            killed_by: "d3",
        },
        Mutant {
            name: "renames before the new log is flushed",
            find: "        self.folder.flush(NEW)?;\n",
            replace: "",
            killed_by: "d4",
        },
        Mutant {
            name: "the new name is not flushed",
            find: "        *state = new;\n        self.folder.flush_names()",
            replace: "        *state = new;\n        Ok(())",
            killed_by: "d4",
        },
        Mutant {
            name: "goes on after a flush that failed",
            find: "            Err(_) => state.broken = true,",
            replace: "            Err(_) => state.end += bytes.len() as u64,",
            killed_by: "d5",
        },
        Mutant {
            name: "flushes names with each put",
            find: "            Ok(()) => state.note(record, bytes.len()),",
            replace: "            Ok(()) => {\n                self.folder.flush_names()?;\n                state.note(record, bytes.len());\n            }",
            killed_by: "e1",
        },
    ],
};
