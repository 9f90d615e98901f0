use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-3",
    file: "e03_file_that_survives",
    title: "A file that survives",
    minutes: 40,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives, Mark::Costs],
    goal: "\
One file for each key, and when `put` returns, the value is on the disk: no loss of power takes it away.

The folder you get (the trait `Folder`, beside the checks in checks/folder.rs) lies on a disk in memory that
loses its power after every single step, in every way a real one may: bytes that were not flushed may be there
or not, names too, in any combination. A reader then opens what is left. `put` has five steps; their order
is the exercise.",
    hints: [
        "Until the new value is whole, where is the old one? And what may be true of a new name, if only the bytes \
         were flushed?",
        "Never write into a file that has a value: write beside it, under a name that no other writer uses at this \
         moment, and let the rename be the only step that anybody sees. Two kinds of flush are there; one belongs \
         before the rename, the other after it. A crash leaves temporary files: `open` may clear them away.",
        "create(temp), append(temp), flush(temp), rename(temp to name), flush_names(), each with `?`, for a \
         temporary name with a number from an `AtomicU64`. A delete is remove and flush_names, and NotFound is fine. \
         For the file name, two hexadecimal digits a byte with a letter in front: `key.bytes().map(|byte| \
         format!(\"{byte:02x}\"))`. Nothing of a key can then lead anywhere, an empty key has a file too, and \
         temporary names, which have a dot, cannot be read back as keys.",
    ],
    debrief: "\
The five steps are those of Kubo's flatfs and of every careful program; sqlite, git and editors do the same.
What each one is for, you have seen: without the first flush the name comes before the bytes, without the
second the value is there and nobody finds it, and written in place the old value is gone before the new one is
there. The LDK lesson's `FileStore` writes in place; its own documentation asks for the rename.

Kubo flushes the names only when asked to (`Sync`), since most blocks can be fetched again. And hexadecimal is
the simplest of names: 01-4 uses Kubo's base32, and folders of a thousand files instead of one of millions.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "the deletion of nothing fails",
            find: "            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),\n",
            replace: "",
            killed_by: "a1",
        },
        Mutant {
            name: "an empty value is written by leaving it out",
            find: "        self.folder.create(&temp)?;",
            replace: "        if value.is_empty() {\n            return Ok(());\n        }\n        self.folder.create(&temp)?;",
            killed_by: "a1",
        },
        Mutant {
            name: "begins anew at every open",
            find: "if name.ends_with(TEMP) {",
            replace: "if !name.is_empty() {",
            killed_by: "a2",
        },
        Mutant {
            name: "a key with a slash or dots leads out of the folder",
            find: "let digits: String = key.bytes().map(|byte| format!(\"{byte:02x}\")).collect();\n    format!(\"k{digits}\")",
            replace: "key.to_owned()",
            killed_by: "b1",
        },
        Mutant {
            name: "slashes become underscores",
            find: "let digits: String = key.bytes().map(",
            replace: "let key = key.replace('/', \"_\");\n    let digits: String = key.bytes().map(",
            killed_by: "b1",
        },
        Mutant {
            name: "letters as they are",
            find: "format!(\"{byte:02x}\")",
            replace: "if byte.is_ascii_alphabetic() { (byte as char).to_string() } else { format!(\"{byte:02x}\") }",
            killed_by: "b2",
        },
        Mutant {
            name: "no fsync before rename",
            find: "        self.folder.flush(&temp)?;\n",
            replace: "",
            killed_by: "d1",
        },
        Mutant {
            name: "no fsync of the folder",
            find: "        self.folder.rename(&temp, &name)?;\n        self.folder.flush_names()",
            replace: "        self.folder.rename(&temp, &name)",
            killed_by: "d1",
        },
        Mutant {
            name: "fsync after rename",
            find: "        self.folder.flush(&temp)?;\n        self.folder.rename(&temp, &name)?;",
            replace: "        self.folder.rename(&temp, &name)?;\n        self.folder.flush(&name)?;",
            killed_by: "d1",
        },
        Mutant {
            name: "overwrite in place",
            find: "        self.folder.create(&temp)?;\n        self.folder.append(&temp, value)?;\n        self.folder.flush(&temp)?;\n        self.folder.rename(&temp, &name)?;",
            replace: "        if self.folder.read(&name)?.is_none() {\n            self.folder.create(&temp)?;\n            self.folder.rename(&temp, &name)?;\n        }\n        self.folder.cut(&name, 0)?;\n        self.folder.append(&name, value)?;\n        self.folder.flush(&name)?;",
            killed_by: "d2",
        },
        Mutant {
            name: "removes the old value first",
            find: "        self.folder.rename(&temp, &name)?;",
            replace: "        let _ = self.folder.remove(&name);\n        self.folder.flush_names()?;\n        self.folder.rename(&temp, &name)?;",
            killed_by: "d2",
        },
        Mutant {
            name: "a delete is not flushed",
            find: "            Ok(()) => self.folder.flush_names(),",
            replace: "            Ok(()) => Ok(()),",
            killed_by: "d3",
        },
        Mutant {
            name: "leftover .tmp listed as a key",
            find: "let digits = name.strip_prefix('k')?;",
            replace: "let digits = name.strip_prefix('k')?.split('.').next()?;",
            killed_by: "d4",
        },
        Mutant {
            name: "leftovers stay",
            find: "                folder.remove(&name)?;\n",
            replace: "",
            killed_by: "d4",
        },
        Mutant {
            name: "temp name shared by two writers",
            find: "let temp = format!(\"{name}.{number}{TEMP}\");",
            replace: "let temp = format!(\"{name}.{}{TEMP}\", number * 0);",
            killed_by: "d5",
        },
        Mutant {
            name: "error swallowed",
            find: "        self.folder.flush(&temp)?;\n",
            replace: "        let _ = self.folder.flush(&temp);\n",
            killed_by: "d6",
        },
        Mutant {
            name: "flushes the names once more, to be sure",
            find: "        self.folder.flush(&temp)?;\n",
            replace: "        self.folder.flush(&temp)?;\n        self.folder.flush_names()?;\n",
            killed_by: "e1",
        },
    ],
};
