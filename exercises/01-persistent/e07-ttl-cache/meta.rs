use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-7",
    file: "e07_ttl_cache",
    title: "A cache with a time to live",
    minutes: 30,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives],
    goal: "\
Keep what was loaded from something slow, for so long and no longer, and for so many keys and no more. The clock is
given from outside, so that a check moves it by hand and nobody sleeps.

The hard part is the crowd: eight ask for one key at once, and there must be one load; and while it runs, the lock
must be free for all who want other keys.",
    hints: [
        "What does the second who asks find, while the first is still loading? There are three states a key can be in, \
         not two.",
        "A slot is `Loading`, or a value with its end. Who finds Loading waits on the Condvar and looks again; who finds \
         nothing, or something expired, puts Loading there, *lets go of the lock*, loads, takes it again and puts the \
         value. If the load fails or panics, Loading has to go all the same: the Drop of a small guard does that.",
        "A loop over `slots.get(key)`: a value with `now < end` is returned; Loading is `slots = \
         self.loaded.wait(slots)…`; anything else leaves the loop. Then insert Loading, drop the guard of the mutex, make the \
         small guard, `let value = load()?;`, compute the end, lock, insert, throw out what ends first while there are \
         more than `limit`. The Drop of the small guard removes the slot if it is still Loading, and calls `notify_all`.",
    ],
    debrief: "\
One load for many is called single flight; Go's `singleflight` and Kubo's sessions do it. Whether those who wait
share a failure is a choice: here the next one tries again, so a short fault does not hit everybody.

`persistent::wrappers` has values that expire under any datastore. It holds them to the contract, keeps the end beside
the value on disk, and has stripes of locks instead of one.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "keeps nothing",
            find: "if self.clock.now() < *end =>",
            replace: "if self.clock.now() + self.keep < *end =>",
            killed_by: "a1",
        },
        Mutant {
            name: "keeps for ever",
            find: "if self.clock.now() < *end =>",
            replace: "if self.clock.now() < *end + 1_000_000 =>",
            killed_by: "a2",
        },
        Mutant {
            name: "serves it once more at its end",
            find: "if self.clock.now() < *end =>",
            replace: "if self.clock.now() <= *end =>",
            killed_by: "b1",
        },
        Mutant {
            name: "the time begins anew with every get",
            find: "                    return Ok(value.clone());",
            replace: "                    let value = value.clone();\n                    let end = self.clock.now() + self.keep;\n                    slots.insert(key.to_owned(), Slot::Value { value: value.clone(), end });\n                    return Ok(value);",
            killed_by: "b2",
        },
        Mutant {
            name: "keeps errors as empty values",
            find: "let value = load()?;",
            replace: "let value = load().unwrap_or_default();",
            killed_by: "b3",
        },
        Mutant {
            name: "no limit",
            find: "        self.shrink(&mut slots);\n",
            replace: "        self.shrink(&mut HashMap::new());\n",
            killed_by: "b4",
        },
        Mutant {
            name: "throws out what ends last",
            find: ".min();",
            replace: ".max();",
            killed_by: "b4",
        },
        Mutant {
            name: "everybody loads",
            find: "        slots.insert(key.to_owned(), Slot::Loading);\n",
            replace: "",
            killed_by: "d1",
        },
        Mutant {
            name: "a failed load stays marked",
            find: "            slots.remove(self.key);\n",
            replace: "            slots.get(self.key);\n",
            killed_by: "d2",
        },
        Mutant {
            name: "loads under the lock",
            find: "        drop(slots);\n        let mark = Loading { cache: self, key };\n        let value = load()?;",
            replace: "        let value = load();\n        drop(slots);\n        let mark = Loading { cache: self, key };\n        let value = value?;",
            killed_by: "d3",
        },
    ],
};
