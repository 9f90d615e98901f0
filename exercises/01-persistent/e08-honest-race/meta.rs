use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-8",
    file: "e08_honest_race",
    title: "Race the engines, honestly",
    minutes: 30,
    stretch: false,
    marks: &[Mark::Works, Mark::Survives],
    goal: "\
Which engine is the fastest? Anybody can make one win. Here the *method* is graded: the engines are simulated, on
a machine whose clock moves only while they work, so that the right figures are known. Some of them cheat, as real
ones do: they notice equal values, write only at the sync, lose some.

Then find the faults of benchmarks that others published.",
    hints: [
        "Name four ways in which a slow engine could look quick without anybody lying. Against each there is one rule.",
        "Values made from their number by a random generator are different and cannot be compressed. In every round each \
         engine has its turn, with keys that it never had; the sync comes before the clock is read the second time, and \
         the values are made before the first. Count at the end.",
        "Two loops: rounds outside, engines inside. `let start = clock.now();`, the puts, `engine.sync();`, then \
         `clock.now() - start`. The keys of a round are `round * puts..(round + 1) * puts`. Sort the times of an engine: \
         the median is in the middle, low and high are at the ends. The winner is the line with the smallest high, if \
         every other line's low is larger than that.",
    ],
    debrief: "\
Now the real thing: `cargo run --release -p persistent --example compare` prints such a table for the engines of
module 01, and its method is this one. The table of the project that ours follows had one row a backend, the
same data for each, and no sync inside the clock.

What even an honest race does not say: how it is with other sizes, with more data than memory, with many writers.
A table is honest only with a line under it that says so.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "the sum of all rounds",
            find: "median: at(times.len() / 2),",
            replace: "median: times.iter().sum(),",
            killed_by: "a1",
        },
        Mutant {
            name: "the same value for every key",
            find: "let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);",
            replace: "let mut state = (n / n.max(1)).wrapping_add(1);",
            killed_by: "a2",
        },
        Mutant {
            name: "one number over and over",
            find: "        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);\n",
            replace: "",
            killed_by: "a2",
        },
        Mutant {
            name: "the same keys in each round",
            find: "let keys = round * puts..(round + 1) * puts;",
            replace: "let keys = 0..puts * (round + 1) / (round + 1);",
            killed_by: "a2",
        },
        Mutant {
            name: "the sync is behind the clock",
            find: "            engine.sync();\n            times.push(clock.now() - start);",
            replace: "            times.push(clock.now() - start);\n            engine.sync();",
            killed_by: "a3",
        },
        Mutant {
            name: "one sync at the very end",
            find: "            engine.sync();\n",
            replace: "            if round + 1 == rounds {\n                engine.sync();\n            }\n",
            killed_by: "a3",
        },
        Mutant {
            name: "the mean",
            find: "median: at(times.len() / 2),",
            replace: "median: times.iter().sum::<u64>() / times.len().max(1) as u64,",
            killed_by: "a4",
        },
        Mutant {
            name: "the best of all rounds",
            find: "high: at(times.len().saturating_sub(1)),",
            replace: "high: at(0),",
            killed_by: "a4",
        },
        Mutant {
            name: "one engine after the other",
            find: "    for round in 0..rounds {\n        for (engine, times) in engines.iter_mut().zip(&mut times) {\n",
            replace: "    for (engine, times) in engines.iter_mut().zip(&mut times) {\n        for round in 0..rounds {\n",
            killed_by: "d1",
        },
        Mutant {
            name: "nobody counts",
            find: "if has != wanted {",
            replace: "if has > wanted {",
            killed_by: "d2",
        },
        Mutant {
            name: "the smaller median wins",
            find: "low > first.high",
            replace: "low > first.low",
            killed_by: "d3",
        },
        Mutant {
            name: "compares with the next line only",
            find: "        .all(|low| low > first.high)",
            replace: "        .take(1)\n        .all(|low| low > first.high)",
            killed_by: "d3",
        },
        Mutant {
            name: "one engine alone has no turns",
            find: "if several && runs",
            replace: "if runs",
            killed_by: "d4",
        },
        Mutant {
            name: "stops at the first fault",
            find: "    faults\n",
            replace: "    faults.truncate(1);\n    faults\n",
            killed_by: "d4",
        },
    ],
};
