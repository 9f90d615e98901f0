use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "05-2",
    file: "e02_walk_a_path",
    title: "Walk a path",
    minutes: 30,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives],
    goal: "\
A CID and a path name a value anywhere in a graph:

    root ──► name: \"Ada Lovelace\"        root/name
             posts: [ ──► title: …        root/posts/0/title        over a list, and over a link
                          written in ──►  root/posts/0/written in   ends in the block of the city

A path does not show where one block ends and the next begins. So when a block is missing, the reader has to be
told: which, how far the path led, and what is left of it.",
    hints: [
        "What is the same in each step? And what has to happen once more at the end than there are names?",
        "Begin with a value that is a link to the root; then a step is: if this is a link, load the block; if there \
         is one more name, take that entry. For the index, `parse` takes more than it should: which texts other than \
         \"7\" does it read as 7?",
        "`for at in 0..=names.len()` goes round once more than there are names, and `names.split_at(at)` gives what was \
         walked and what is left. `rest.first()` is the next name, if any; `join(\"/\")` makes both texts of the error. An \
         index is right if `index.to_string() == name`, which refuses +7 and 07. `ok_or_else` makes the error from \
         a missing block or a missing entry.",
    ],
    debrief: "\
\"Missing\" and \"no entry\" look alike and are opposites. A missing block may be at the next peer; an entry that a proven
block does not have is nowhere. A gateway answers 504 to the one and 404 to the other.

The paths of files are others: `/ipfs/CID/docs/a.txt` walks the names of UnixFS directories, of which the fields in
dag-pb are Links, 0, Hash. Kubo has both: `ipfs cat` and `ipfs dag get`. Kubo and module 05 take 07 for 7; here an index
has one text. A path costs a block for each link on it, and a stranger can make it long: who serves others needs a limit.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "in a map, too, a number is an index",
            find: "Value::Map(map) => map.get(name),",
            replace: "Value::Map(map) => match name.parse::<usize>() {\n            Ok(index) => map.values().nth(index),\n            Err(_) => map.get(name),\n        },",
            killed_by: "a1",
        },
        Mutant {
            name: "counts from one",
            find: "list.get(index)",
            replace: "list.get(index.wrapping_sub(1))",
            killed_by: "a2",
        },
        Mutant {
            name: "ends at the link",
            find: "    for at in 0..=names.len() {",
            replace: "    for at in 0..names.len() {",
            killed_by: "b1",
        },
        Mutant {
            name: "an empty name is a name",
            find: ".filter(|name| !name.is_empty())",
            replace: ".filter(|_| !path.is_empty())",
            killed_by: "b2",
        },
        Mutant {
            name: "an index is what parses",
            find: ".filter(|_| index.to_string() == name)",
            replace: "",
            killed_by: "b3",
        },
        Mutant {
            name: "what is left lacks the name that comes next",
            find: "rest: rest.join(\"/\"),",
            replace: "rest: rest.get(1..).unwrap_or_default().join(\"/\"),",
            killed_by: "d1",
        },
        Mutant {
            name: "names the root, whichever is missing",
            find: "cid: cid.to_string(),",
            replace: "cid: root.to_string(),",
            killed_by: "d1",
        },
        Mutant {
            name: "the whole path is as far as it came",
            find: "                so_far: so_far.join(\"/\"),\n                name:",
            replace: "                so_far: path.to_string(),\n                name:",
            killed_by: "d2",
        },
        Mutant {
            name: "what is no map panics",
            find: "        _ => None,",
            replace: "        _ => panic!(\"neither a map nor a list\"),",
            killed_by: "d2",
        },
    ],
};
