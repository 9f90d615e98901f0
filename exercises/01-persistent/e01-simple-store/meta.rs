use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-1",
    file: "e01_simple_store",
    title: "SimpleStore: four operations, six promises",
    minutes: 20,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms],
    goal: "\
read, write, remove and list, as the Lightning Development Kit asks them of every wallet: its `KVStoreSync`,
with the contract that its documentation states. It looks like a map and ten minutes.

A store that was published as a lesson for it fails five of the promises, while its own test passes. So the
second half is the better one: write the check that would have told them.",
    hints: [
        "What is the key of the map? If you are about to join three strings into one, think of two triples that \
         would then be the same.",
        "A tuple of three strings is a fine key. Validity is one function, called first by all four operations: \
         lengths, characters, no empty key, and no secondary namespace without a primary one. `list` compares \
         both namespaces for equality.",
        "`read` ends in `.ok_or_else(|| Error::new(ErrorKind::NotFound, …))`; `remove` ignores what \
         `BTreeMap::remove` returns. For your own check: read what is not there, remove it, list it; write twice \
         and read; write (\"ab\", \"\", \"k\") and (\"a\", \"bc\", \"k2\") beside (\"a\", \"b\", \"k\"), then read and list \
         (\"a\", \"b\") again; remove it and read. Each step that is not as promised is `false`.",
    ],
    debrief: "\
A contract is what the documentation says, and a check for each sentence is what makes it true: this
project has `datastore::contract!` for it (01-2), and mutants, wrong stores on purpose, that prove each check.

The flaws are those of a published `SimpleStore`: a missing key panics, `list` goes by prefix, joined names
collide, names are unchecked. LDK's own file store writes under a temporary name and renames, which is 01-3.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "keeps nothing",
            find: "        map.insert(triple(primary, secondary, key), value);",
            replace: "        drop((map.len(), value));",
            killed_by: "a1",
        },
        Mutant {
            name: "lists the namespaces, too",
            find: "Ok(here.map(|(_, _, key)| key.clone()).collect())",
            replace: "Ok(here.map(|(p, s, key)| format!(\"{p}/{s}/{key}\")).collect())",
            killed_by: "a2",
        },
        Mutant {
            name: "panics on missing",
            find: "found.ok_or_else(|| Error::new(ErrorKind::NotFound, \"no such key\"))",
            replace: "Ok(found.unwrap())",
            killed_by: "b1",
        },
        Mutant {
            name: "first write wins",
            find: "map.insert(triple(primary, secondary, key), value);",
            replace: "map.entry(triple(primary, secondary, key)).or_insert(value);",
            killed_by: "b2",
        },
        Mutant {
            name: "remove of missing fails",
            find: "        map.remove(&triple(primary, secondary, key));\n        Ok(())",
            replace: "        let gone = map.remove(&triple(primary, secondary, key));\n        gone.map(drop).ok_or(ErrorKind::NotFound.into())",
            killed_by: "b3",
        },
        Mutant {
            name: "list by prefix",
            find: "p == primary && s == secondary",
            replace: "p == primary && s.starts_with(secondary)",
            killed_by: "b4",
        },
        Mutant {
            name: "joined key collides",
            find: "(primary.into(), secondary.into(), key.into())",
            replace: "(primary.into(), String::new(), format!(\"{secondary}{key}\"))",
            killed_by: "b5",
        },
        Mutant {
            name: "joined with a character that names may have",
            find: "(primary.into(), secondary.into(), key.into())",
            replace: "(String::new(), String::new(), format!(\"{primary}_{secondary}_{key}\"))",
            killed_by: "b5",
        },
        Mutant {
            name: "names unchecked",
            find: "    if right {",
            replace: "    if right || !primary.is_empty() {",
            killed_by: "b6",
        },
        Mutant {
            name: "only the key is checked",
            find: "let right = name(primary)\n        && name(secondary)\n        && ",
            replace: "let right = ",
            killed_by: "b6",
        },
        Mutant {
            name: "the check never says yes",
            find: "        && has(\"ab\", \"\", \"k\", b\"3\")",
            replace: "        && has(\"ab\", \"\", \"k\", b\"4\")",
            killed_by: "b7",
        },
        Mutant {
            name: "the check does not look at lists",
            find: "        && store.list(\"a\", \"b\").is_ok_and(|keys| keys == [\"k\"])\n",
            replace: "",
            killed_by: "b8",
        },
        Mutant {
            name: "the check writes once",
            find: "        && store.write(\"a\", \"b\", \"k\", b\"1\".to_vec()).is_ok()\n",
            replace: "",
            killed_by: "b8",
        },
    ],
};
