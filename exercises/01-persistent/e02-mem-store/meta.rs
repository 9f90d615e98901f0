use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-2",
    file: "e02_mem_store",
    title: "MemStore, to the full contract",
    minutes: 30,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Survives],
    goal: "\
The store that all others are compared with, in a `BTreeMap`. The trait `Datastore` states nine promises
(shared/datastore/src/store.rs; read them first), and the same checks that hold every engine of module 01
hold yours. It forgets everything at the end; keeping it is 01-3.",
    hints: [
        "Which of the nine promises are kept by a map behind a lock without any thought? The others are what \
         is left to do: closing, order, batches.",
        "Two helpers that take a closure, one for reading and one for writing, give `Error::Closed` in one place. \
         For the query: `Key::is_below` says strict child, `Key::as_block` says block. Collect under the lock, and \
         give out what you collected.",
        "The helper: `let map = self.map.read()…; map.as_ref().map(with).ok_or(Error::Closed)`. The query: filter by \
         `key.is_below(prefix)`, collect clones, then sort by `key.as_block().is_some()`, which is stable and puts \
         false first. A batch is one call of the write helper with the loop *inside*, or a reader comes in between. \
         `put` copies the slice into a `Bytes` before it takes the lock.",
    ],
    debrief: "\
This is the model: every engine has to be indistinguishable from it under random operations, which is how
01 is tested. Two things that the real one does otherwise: it looks up ranges instead of filtering all
keys, and a query takes pages of 256, so that a slow caller does not hold the lock or a copy of everything.

A lock that a panic poisoned is used all the same (`PoisonError::into_inner`), because no operation here can
leave the map half changed. In 01-9 that is no longer so.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "an empty value is none",
            find: "self.read(|map| map.get(key).cloned())",
            replace: "self.read(|map| map.get(key).filter(|value| !value.is_empty()).cloned())",
            killed_by: "a1",
        },
        Mutant {
            name: "absent is an empty value",
            find: "self.read(|map| map.get(key).cloned())",
            replace: "self.read(|map| Some(map.get(key).cloned().unwrap_or_default()))",
            killed_by: "a2",
        },
        Mutant {
            name: "first put wins",
            find: "self.write(|map| map.insert(key.clone(), value)).map(drop)",
            replace: "self.write(|map| drop(map.entry(key.clone()).or_insert(value)))",
            killed_by: "a3",
        },
        Mutant {
            name: "the deletion of nothing fails",
            find: "self.write(|map| map.remove(key)).map(drop)",
            replace: "self.write(|map| map.remove(key))?.map(drop).ok_or(Error::Closed)",
            killed_by: "a3",
        },
        Mutant {
            name: "keeps the first bytes of a value",
            find: "Bytes::copy_from_slice(value)",
            replace: "Bytes::copy_from_slice(&value[..value.len().min(3)])",
            killed_by: "b1",
        },
        Mutant {
            name: "children by prefix of the text",
            find: "key.is_below(prefix)",
            replace: "key.as_bytes().starts_with(prefix.as_bytes())",
            killed_by: "b2",
        },
        Mutant {
            name: "blocks come where the alphabet has them",
            find: "        found.sort_by_key(|(key, _)| key.as_block().is_some());\n",
            replace: "",
            killed_by: "b3",
        },
        Mutant {
            name: "deletes of a batch come last",
            find: "            for op in batch {",
            replace: "            let mut batch: Vec<Op> = batch.into_iter().collect();\n            batch.sort_by_key(|op| matches!(op, Op::Delete(_)));\n            for op in batch {",
            killed_by: "b4",
        },
        Mutant {
            name: "answers after its end",
            find: "map.as_ref().map(with).ok_or(Error::Closed)",
            replace: "Ok(with(map.as_ref().unwrap_or(&BTreeMap::new())))",
            killed_by: "b5",
        },
        Mutant {
            name: "closing twice fails",
            find: "        *self.map.write().unwrap_or_else(PoisonError::into_inner) = None;\n        Ok(())",
            replace: "        let old = self.map.write().unwrap_or_else(PoisonError::into_inner).take();\n        old.map(drop).ok_or(Error::Closed)",
            killed_by: "b5",
        },
        Mutant {
            name: "takes the map out while it writes",
            find: "map.as_mut().map(with).ok_or(Error::Closed)",
            replace: "let mut taken = map.take();\n        drop(map);\n        std::thread::yield_now();\n        let end = taken.as_mut().map(with).ok_or(Error::Closed);\n        *self.map.write().unwrap_or_else(PoisonError::into_inner) = taken;\n        end",
            killed_by: "d1",
        },
        Mutant {
            name: "a batch one by one",
            find: "        self.write(|map| {\n            for op in batch {\n                match op {\n                    Op::Put(key, value) => map.insert(key, value),\n                    Op::Delete(key) => map.remove(&key),\n                };\n            }\n        })",
            replace: "        for op in batch {\n            match op {\n                Op::Put(key, value) => self.put(&key, &value)?,\n                Op::Delete(key) => self.delete(&key)?,\n            }\n        }\n        Ok(())",
            killed_by: "d2",
        },
    ],
};
