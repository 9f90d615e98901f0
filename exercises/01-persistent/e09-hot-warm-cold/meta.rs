use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-9",
    file: "e09_hot_warm_cold",
    title: "Hot, warm, cold",
    minutes: 60,
    stretch: true,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives, Mark::Costs],
    goal: "\
One store of three: memory, a quick small disk, and a slow large one. What is read often comes up, what is not goes
down, each tier keeps its limit, and a value is at no moment in none of them, whenever the power goes.

    get ──► hot (copies) ──► warm ──► cold          put ──► warm          settle moves

Warm and cold are durable after a `sync`; what was not synced may be there or not, on each of them by itself.",
    hints: [
        "A value moves from warm to cold. Between which two calls is it in both, and why is that good? And what is then \
         true of a value that a reader finds in both?",
        "put: the new one into warm, sync, then delete the copies in hot and cold. delete: hot, cold, a sync of cold, and \
         warm last, since an old value may hide in cold behind a newer one. settle: read all of warm and cold, rank by \
         reads (then: what is in warm first), fill warm from the top; what does not fit goes down, what fits and is cold \
         comes up. A move of many is one batch, one sync, and then the deletes.",
        "What is in warm and in cold: warm has the newer one, so delete the one in cold first thing. Then for each value in \
         the order of the ranking: it stays in warm, or comes up, if `bytes + len <= warm_limit` and it is there already or \
         was read at all. Collect `up` and `down` as Batches. The transfer: `to.apply(values)?; to.sync()?;` and then \
         `from.delete(key)?` for each; with an empty batch do nothing. Down before up, so that there is room. At the end \
         delete from hot what is not among the most read, and put those that are. The counts begin anew at each settle \
         (`std::mem::take`).",
    ],
    debrief: "\
The rule behind all of it: first make the new state durable, then take the old one away, and have readers prefer the
new one while both are there. It is the rename of 01-3 in another dress, and that of every migration.

`persistent::wrappers` has tiers for real stores. It holds them to the whole contract of `Datastore`, moves in the
background, and pages through what does not fit memory; here all values are read at a settle, which is a shortcut.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "never looks into warm",
            find: "for tier in [&self.hot, &self.warm, &self.cold] {",
            replace: "for tier in [&self.hot, &self.cold] {",
            killed_by: "a1",
        },
        Mutant {
            name: "moves down what nobody finds",
            find: "transfer(&*self.warm, &*self.cold, down)?;",
            replace: "transfer(&*self.warm, &*self.hot, down)?;",
            killed_by: "a2",
        },
        Mutant {
            name: "lists what is warm",
            find: "for tier in [&self.warm, &self.cold] {",
            replace: "for tier in [&self.warm] {",
            killed_by: "a2",
        },
        Mutant {
            name: "hot has no limit",
            find: "if count(key) > 0 && hot_bytes + len <= self.hot_limit {",
            replace: "if count(key) > 0 {",
            killed_by: "b1",
        },
        Mutant {
            name: "warm is one value short",
            find: "warm_bytes + len <= self.warm_limit",
            replace: "warm_bytes + len < self.warm_limit",
            killed_by: "b1",
        },
        Mutant {
            name: "nothing ever comes up",
            find: "std::cmp::Reverse((count(key), *is_warm))",
            replace: "std::cmp::Reverse((*is_warm, count(key)))",
            killed_by: "b2",
        },
        Mutant {
            name: "what was read once is popular for ever",
            find: "std::mem::take(&mut *self.reads.lock().unwrap_or_else(PoisonError::into_inner))",
            replace: "self.reads.lock().unwrap_or_else(PoisonError::into_inner).clone()",
            killed_by: "b2",
        },
        Mutant {
            name: "the copy in hot stays as it was",
            find: "        self.warm.sync()?;\n        self.hot.delete(key)?;\n",
            replace: "        self.warm.sync()?;\n",
            killed_by: "b3",
        },
        Mutant {
            name: "of two values the one in cold counts",
            find: "            cold.remove(&key);\n            self.cold.delete(&key)?;",
            replace: "            self.warm.put(&key, &cold[&key])?;\n            cold.remove(&key);\n            self.cold.delete(&key)?;",
            killed_by: "b3",
        },
        Mutant {
            name: "deletes before the copy is synced",
            find: "    to.apply(values)?;\n    to.sync()?;\n    keys.iter().try_for_each(|key| from.delete(key))",
            replace: "    to.apply(values)?;\n    keys.iter().try_for_each(|key| from.delete(key))?;\n    to.sync()",
            killed_by: "d1",
        },
        Mutant {
            name: "deletes before it copies",
            find: "    to.apply(values)?;\n    to.sync()?;\n    keys.iter().try_for_each(|key| from.delete(key))",
            replace: "    keys.iter().try_for_each(|key| from.delete(key))?;\n    to.apply(values)?;\n    to.sync()",
            killed_by: "d1",
        },
        Mutant {
            name: "takes the old one away before the new one is synced",
            find: "        self.warm.put(key, value)?;\n        self.warm.sync()?;\n        self.hot.delete(key)?;\n        self.cold.delete(key)",
            replace: "        self.warm.put(key, value)?;\n        self.hot.delete(key)?;\n        self.cold.delete(key)?;\n        self.warm.sync()",
            killed_by: "d2",
        },
        Mutant {
            name: "a put is not synced",
            find: "        self.warm.sync()?;\n        self.hot.delete(key)?;\n",
            replace: "        self.hot.delete(key)?;\n",
            killed_by: "d2",
        },
        Mutant {
            name: "deletes from warm first",
            find: "        self.cold.delete(key)?;\n        self.cold.sync()?;\n        self.warm.delete(key)?;\n        self.warm.sync()",
            replace: "        self.warm.delete(key)?;\n        self.warm.sync()?;\n        self.cold.delete(key)?;\n        self.cold.sync()",
            killed_by: "d3",
        },
        Mutant {
            name: "a delete in cold is not synced",
            find: "        self.cold.delete(key)?;\n        self.cold.sync()?;\n",
            replace: "        self.cold.delete(key)?;\n",
            killed_by: "d3",
        },
        Mutant {
            name: "asks warm before hot",
            find: "for tier in [&self.hot, &self.warm, &self.cold] {",
            replace: "for tier in [&self.warm, &self.hot, &self.cold] {",
            killed_by: "e1",
        },
        Mutant {
            name: "a sync for each value",
            find: "    to.apply(values)?;\n    to.sync()?;\n",
            replace: "    for op in values {\n        to.apply([op].into_iter().collect())?;\n        to.sync()?;\n    }\n",
            killed_by: "e2",
        },
        Mutant {
            name: "writes everything anew",
            find: "(false, true) => down.put(key.clone(), value.clone()),",
            replace: "(false, _) => down.put(key.clone(), value.clone()),",
            killed_by: "e2",
        },
    ],
};
