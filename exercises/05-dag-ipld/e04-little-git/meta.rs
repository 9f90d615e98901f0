use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "05-4",
    file: "e04_little_git",
    title: "A little git",
    minutes: 40,
    stretch: false,
    marks: &[Mark::Works, Mark::Conforms, Mark::Costs],
    goal: "\
Commits link to those they follow: a DAG, and the oldest that most of us use.

    a ◄── b ◄── c ◄────── f        height of a: 0, b: 1, c and d: 2, e: 3, f: 4
          ▲               │
          └──── d ◄── e ◄─┘        merge_base(c, e) = b

Each commit keeps its height, one more than its highest parent. Whoever goes from the highest down meets no commit before all
that follow it, and knows when to stop. Blocks are counted as they are read.",
    hints: [
        "Several commits wait to be visited. Which of them can nobody lead to any more who is not visited yet?",
        "The one of the greatest height: whatever leads to it is higher. Keep those that wait in a map that is sorted by \
         height; the same commit may come to it twice, and stays one. For the base, remember of each from which of \
         the two sides it was reached, and hand that on to its parents: bits can be joined with `|`.",
        "`BTreeMap<(i128, Cid), (u32, Vec<Cid>)>` keeps height and CID with the sides (1, 2, or 3 for both) and the parents; \
         `pop_last` takes the highest. Read a block only when its CID is not waiting yet; else only join the sides. The first \
         commit that is taken out with 3 is the base: all that follow it were taken out before, and none had 3. Then \
         stop: what is below does not have to be read. `log` is the same walk, which never stops. To write it once, let \
         it take a closure that says whether to stop.",
    ],
    debrief: "\
git did this by dates for years, and wrong clocks made it walk too far or stop too soon; since 2018 it can keep such heights in a
file of its own, the commit-graph, as \"generation numbers\". They cannot be in git's commits, which are older than the idea;
in a format of your own they can.

There may be several best bases, after merges crosswise. `git merge-base` shows one, and `--all` all of them; which one
this answer gives is decided by the CIDs of those that are equally high.

The same walk answers \"what do you have that I have not\", which is what `git fetch` asks, and Graphsync in module 14.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "as high as the first parent says",
            find: "height = height.max(load(blocks, parent)?.height + 1);",
            replace: "height = load(blocks, parents.first()?)?.height + 1;\n        let _ = parent;",
            killed_by: "a1",
        },
        Mutant {
            name: "a commit that is reached twice is two",
            find: "            let known = waiting.iter_mut().find(|((_, known), _)| *known == cid);\n            if let Some((_, (before, _))) = known {\n                *before |= from;\n            } else {",
            replace: "            {",
            killed_by: "a3",
        },
        Mutant {
            name: "the log follows first parents only",
            find: "next = parents.into_iter()",
            replace: "next = parents.into_iter().take(1)",
            killed_by: "a2",
        },
        Mutant {
            name: "the oldest first",
            find: "waiting.pop_last()",
            replace: "waiting.pop_first()",
            killed_by: "b2",
        },
        Mutant {
            name: "any commit that both reach will do",
            find: "        base = both.then_some(cid);\n        both\n",
            replace: "        base = both.then_some(cid).or(base);\n        false\n",
            killed_by: "b1",
        },
        Mutant {
            name: "reads a commit each time it is reached",
            find: "            let known = waiting",
            replace: "            load(blocks, &cid)?;\n            let known = waiting",
            killed_by: "e1",
        },
        Mutant {
            name: "reads all, and then says what it found",
            find: "        base = both.then_some(cid);\n        both\n",
            replace: "        base = base.or(both.then_some(cid));\n        false\n",
            killed_by: "e2",
        },
    ],
};
