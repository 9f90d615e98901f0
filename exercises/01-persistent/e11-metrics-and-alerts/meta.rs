use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "01-11",
    file: "e11_metrics_and_alerts",
    title: "Metrics and alerts",
    minutes: 40,
    stretch: true,
    marks: &[Mark::Works, Mark::Conforms, Mark::Costs],
    goal: "\
Know how a store is doing, at next to no cost, and be told once when it does badly. Three small things: a histogram
with a bucket for each power of two, an alarm with two limits, and a wrapper around any store that notes times, bytes
and errors and is otherwise that store.

The clock is given from outside, so nothing here waits.",
    hints: [
        "How far off can a p99 be that is made of buckets? And why does an alarm with one limit ring all night?",
        "record: the bucket is the logarithm of the time, `ilog2`; of 0 there is none. quantile: the rank is the count times \
         so many of a thousand, rounded up; add up buckets until it is reached, and give the largest time of that bucket. \
         Alarm: while it is off only `raise` counts, while it is on only `clear`. The wrapper has two helpers: one counts \
         errors on the way through, the other notes the time around a call as well.",
        "`micros.max(1).ilog2()` cut to BUCKETS - 1; the largest of bucket n is `(2 << n) - 1`; the rank is `(count * \
         of_1000).div_ceil(1_000).max(1)`. told(result) adds to errors if it is one and hands it back; timed(histogram, call) \
         reads the clock, calls, reads it again. Forward *every* method, also those with a default: `has` by default reads a \
         size, `apply` puts one by one. Bytes are added after the call succeeded, for `apply` the sum over `Op::Put`.",
    ],
    debrief: "\
40 numbers for every time from a microsecond to a week: an addition costs nothing, histograms of many machines can be
added up, and percentiles of percentiles, which mean nothing, never come up. Prometheus works so; finer ones (HDR) split
each power of two again. The two limits are called hysteresis; a thermostat has them.

`persistent::wrappers::Measure` is this, with the output that Prometheus reads. That the wrapper costs no call more is
what is checked here; what it costs in time, `cargo bench -p benches` can say.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "a time of 0 panics",
            find: "micros.max(1).ilog2()",
            replace: "micros.ilog2()",
            killed_by: "a1",
        },
        Mutant {
            name: "what is too long is not counted",
            find: ".min(BUCKETS - 1)",
            replace: "",
            killed_by: "a1",
        },
        Mutant {
            name: "nothing has a median of 1",
            find: "if count > 0 && seen >= rank {",
            replace: "if count == 0 || seen >= rank {",
            killed_by: "a1",
        },
        Mutant {
            name: "hundredths for thousandths",
            find: "(count * of_1000).div_ceil(1_000)",
            replace: "(count * (of_1000 / 10)).div_ceil(100)",
            killed_by: "a2",
        },
        Mutant {
            name: "raised above the limit only",
            find: "value >= self.raise",
            replace: "value > self.raise",
            killed_by: "a3",
        },
        Mutant {
            name: "never cleared",
            find: "self.on && value <= self.clear",
            replace: "self.on && value > u64::MAX - 1",
            killed_by: "a3",
        },
        Mutant {
            name: "the smallest time of the bucket",
            find: "Some((2 << bucket) - 1)",
            replace: "Some(1 << bucket)",
            killed_by: "b1",
        },
        Mutant {
            name: "the rank is rounded down",
            find: "(count * of_1000).div_ceil(1_000).max(1)",
            replace: "(count * of_1000 / 1_000).max(1)",
            killed_by: "b1",
        },
        Mutant {
            name: "one limit for both",
            find: "self.on && value <= self.clear",
            replace: "self.on && value < self.raise && self.clear < u64::MAX",
            killed_by: "b2",
        },
        Mutant {
            name: "swallows what is absent",
            find: "self.told(self.inner.size(key))",
            replace: "self.told(self.inner.size(key)).map(|size| size.or(Some(0)))",
            killed_by: "b3",
        },
        Mutant {
            name: "a batch has no bytes",
            find: "        self.metrics.bytes.fetch_add(bytes, Ordering::Relaxed);",
            replace: "        self.metrics.bytes.fetch_add(bytes * 0, Ordering::Relaxed);",
            killed_by: "b4",
        },
        Mutant {
            name: "the clock is read after the call only",
            find: "        let start = self.clock.now();\n        let result = self.told(call());",
            replace: "        let result = self.told(call());\n        let start = self.clock.now() * 2;",
            killed_by: "b4",
        },
        Mutant {
            name: "errors are not counted",
            find: "if result.is_err() {",
            replace: "if result.is_err() && self.clock.now() == u64::MAX {",
            killed_by: "b5",
        },
        Mutant {
            name: "counts bytes that were never stored",
            find: "        self.timed(&self.metrics.put, || self.inner.put(key, value))?;\n",
            replace: "        self.metrics.bytes.fetch_add(1, Ordering::Relaxed);\n        self.timed(&self.metrics.put, || self.inner.put(key, value))?;\n",
            killed_by: "b5",
        },
        Mutant {
            name: "a batch as single puts",
            find: "self.told(self.inner.apply(batch))?;",
            replace: "for op in batch {\n            match op {\n                datastore::Op::Put(key, value) => self.told(self.inner.put(&key, &value))?,\n                datastore::Op::Delete(key) => self.told(self.inner.delete(&key))?,\n            }\n        }",
            killed_by: "e1",
        },
        Mutant {
            name: "has reads the value",
            find: "self.told(self.inner.has(key))",
            replace: "Ok(self.told(self.inner.get(key))?.is_some())",
            killed_by: "e1",
        },
    ],
};
