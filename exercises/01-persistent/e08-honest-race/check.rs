use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::answer::{Clock, Engine, Fault, Line, Run, faults, race, value, winner};

/// A machine whose time passes only while an engine works, and of which everything is known.
#[derive(Default)]
struct Machine {
    now: u64,
    /// Each put and sync slows the machine down by so many parts of a thousand, as heat does.
    heat: u64,
    work: u64,
    /// Which engine was called, in order, without repeats.
    turns: Vec<String>,
}

type Shared = Rc<RefCell<Machine>>;

struct Watch(Shared);

impl Clock for Watch {
    fn now(&self) -> u64 {
        self.0.borrow().now
    }
}

/// An engine with known costs, in microseconds.
struct Sim {
    machine: Shared,
    name: &'static str,
    put: u64,
    /// A flush, for each value that waits for it.
    flush: u64,
    /// What a value costs that is known, or that can be made shorter.
    cheap: Option<u64>,
    /// Every so many puts one is lost.
    loses: u64,
    /// What the n-th sync takes besides.
    hiccup: Option<(u64, u64)>,
    waiting: u64,
    syncs: u64,
    seen: BTreeSet<Vec<u8>>,
    keys: BTreeMap<u64, ()>,
    puts: u64,
}

fn sim(machine: &Shared, name: &'static str, put: u64, flush: u64) -> Sim {
    Sim {
        machine: machine.clone(),
        name,
        put,
        flush,
        cheap: None,
        loses: 0,
        hiccup: None,
        waiting: 0,
        syncs: 0,
        seen: BTreeSet::new(),
        keys: BTreeMap::new(),
        puts: 0,
    }
}

impl Sim {
    fn spend(&self, micros: u64) {
        let mut machine = self.machine.borrow_mut();
        machine.work += 1;
        machine.now += micros + micros * machine.heat * machine.work / 1_000;
        if machine.turns.last().map(String::as_str) != Some(self.name) {
            machine.turns.push(self.name.to_owned());
        }
    }
}

impl Engine for Sim {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn put(&mut self, key: u64, value: &[u8]) {
        self.puts += 1;
        let different = value.iter().collect::<BTreeSet<_>>().len();
        let known = !self.seen.insert(value.to_vec())
            || self.keys.contains_key(&key)
            || different < value.len().min(64) / 2;
        self.spend(self.cheap.filter(|_| known).unwrap_or(self.put));
        self.waiting += 1;
        if self.loses == 0 || !self.puts.is_multiple_of(self.loses) {
            self.keys.insert(key, ());
        }
    }

    fn sync(&mut self) {
        self.syncs += 1;
        let hiccup = self
            .hiccup
            .filter(|(at, _)| *at == self.syncs)
            .map_or(0, |(_, micros)| micros);
        self.spend(self.waiting * self.flush + hiccup);
        self.waiting = 0;
    }

    fn count(&mut self) -> u64 {
        self.keys.len() as u64
    }
}

fn run(machine: &Shared, engines: Vec<Sim>) -> Result<Vec<Line>, String> {
    let mut engines: Vec<Box<dyn Engine>> = engines
        .into_iter()
        .map(|sim| Box::new(sim) as Box<dyn Engine>)
        .collect();
    race(&mut engines, &Watch(machine.clone()), 5, 20, 256)
}

fn raced(machine: &Shared, engines: Vec<Sim>) -> Vec<Line> {
    say::ok("race", run(machine, engines))
}

/// a line for each engine, with what it took
#[test]
fn a1_lines() {
    let machine = Shared::default();
    let lines = raced(
        &machine,
        vec![sim(&machine, "slow", 100, 0), sim(&machine, "quick", 50, 0)],
    );
    let line = |name: &str, time| Line {
        name: name.into(),
        median: time,
        low: time,
        high: time,
    };
    let wanted = vec![line("slow", 2_000), line("quick", 1_000)];
    say::same(
        "the lines of two engines that take 100 and 50 µs a put, 20 puts a round",
        &lines,
        &wanted,
        "one has to believe the ruler before the measure.",
    );
}

/// values differ, and cannot be made shorter
#[test]
fn a2_data() {
    let why = "an engine that notices equal values, or compresses zeros, wins by it, and real blocks are neither.";
    let all: BTreeSet<Vec<u8>> = (0..1_000).map(|n| value(n, 64)).collect();
    say::same(
        "different values among value(0..1000, 64)",
        &all.len(),
        &1_000,
        why,
    );
    for len in [0, 1, 7, 256, 1_000] {
        say::same(
            &format!("the length of value(3, {len})"),
            &value(3, len).len(),
            &len,
            "what is not put is not measured.",
        );
    }
    let different = value(7, 4_096).into_iter().collect::<BTreeSet<_>>().len();
    say::that(
        different > 200,
        format!(
            "bytes that occur in 4,096 bytes of a value\nyours   {different}\nours    256\nWhy it matters: {why}"
        ),
    );
    let bytes = value(7, 4_096);
    let repeats = (1..=512).any(|by| bytes[by..].iter().zip(&bytes).all(|(a, b)| a == b));
    say::same(
        "a value repeats itself within 512 bytes",
        &repeats,
        &false,
        why,
    );
    let machine = Shared::default();
    let mut engine = sim(&machine, "notices", 100, 0);
    engine.cheap = Some(1);
    let lines = raced(&machine, vec![engine]);
    say::same(
        "the median of an engine that takes 100 µs for what is new, and 1 for what it knows or can shrink",
        &lines[0].median,
        &2_000,
        why,
    );
}

/// the sync is inside the clock
#[test]
fn a3_durable() {
    let machine = Shared::default();
    let lines = raced(
        &machine,
        vec![
            sim(&machine, "careful", 100, 0),
            sim(&machine, "buffers", 1, 200),
        ],
    );
    let medians: Vec<u64> = lines.iter().map(|line| line.median).collect();
    let why = "the second one only seems quick: its work comes with the sync. Equal promises first, then the clock.";
    say::same(
        "medians of one that writes at once (100 µs a put) and one that writes at the sync (1 + 200)",
        &medians,
        &vec![2_000, 4_020],
        why,
    );
}

/// the middle of the rounds, and how far they spread
#[test]
fn a4_median() {
    let machine = Shared::default();
    let mut engine = sim(&machine, "hiccups", 100, 0);
    engine.hiccup = Some((2, 1_000_000));
    let lines = raced(&machine, vec![engine]);
    let line = Line {
        name: "hiccups".into(),
        median: 2_000,
        low: 2_000,
        high: 1_002_000,
    };
    say::same(
        "five rounds, one of which took a second longer",
        &lines,
        &vec![line],
        "one update of the system in the background makes any mean worthless; hiding it is as bad.",
    );
}

/// rounds take turns, so that heat hits all alike
#[test]
fn d1_turns() {
    let machine = Shared::default();
    machine.borrow_mut().heat = 2;
    let twins = vec![
        sim(&machine, "one", 100, 0),
        sim(&machine, "the other", 100, 0),
    ];
    let lines = raced(&machine, twins);
    let turns = machine.borrow().turns.len();
    let (one, other) = (lines[0].median, lines[1].median);
    say::that(
        one.abs_diff(other) * 8 < one,
        format!(
            "two engines that are the same, on a machine that gets slower\nyours   {one} and {other} µs, in {turns} turns\nwanted  nearly the same, in 10 turns\nWhy it matters: who is measured first wins."
        ),
    );
}

/// an engine that lost puts is named, and has no time
#[test]
fn d2_lost() {
    let machine = Shared::default();
    let mut engine = sim(&machine, "forgetful", 10, 0);
    engine.loses = 7;
    let yours = run(&machine, vec![sim(&machine, "honest", 100, 0), engine]);
    say::that(
        matches!(&yours, Err(why) if why.contains("forgetful")),
        format!(
            "a race with an engine that loses every seventh put\nyours   {yours:?}\nwanted  an error that names \"forgetful\"\nWhy it matters: doing less is the best way to be quick."
        ),
    );
}

/// intervals that overlap have no winner
#[test]
fn d3_winner() {
    let line = |name: &str, low, median, high| Line {
        name: name.into(),
        median,
        low,
        high,
    };
    let why = "run it again, and the other one wins.";
    for (lines, wanted) in [
        (
            vec![line("a", 10, 11, 12), line("b", 20, 21, 22)],
            Some("a"),
        ),
        (
            vec![line("b", 20, 21, 22), line("a", 10, 11, 12)],
            Some("a"),
        ),
        (vec![line("a", 10, 11, 30), line("b", 20, 21, 22)], None),
        (vec![line("a", 10, 11, 20), line("b", 20, 21, 22)], None),
        (
            vec![
                line("a", 10, 11, 12),
                line("b", 20, 21, 22),
                line("c", 1, 40, 90),
            ],
            None,
        ),
        (vec![], None),
    ] {
        say::same(
            &format!("winner of {lines:?}"),
            &winner(&lines),
            &wanted,
            why,
        );
    }
}

/// the faults of benchmarks that others published
#[test]
fn d4_rigged() {
    let run = |engine| Run {
        engine,
        puts: 100,
        different: 100,
        stopped_before_sync: false,
        found: 100,
    };
    let honest = vec![run("a"), run("b"), run("a"), run("b")];
    let with = |change: fn(&mut Run)| {
        let mut runs = honest.clone();
        change(&mut runs[2]);
        runs
    };
    for (what, runs, wanted) in [
        ("an honest one", honest.clone(), vec![]),
        (
            "one engine alone, three times",
            vec![run("a"), run("a"), run("a")],
            vec![],
        ),
        (
            "values that are the same",
            with(|run| run.different = 1),
            vec![Fault::SameData],
        ),
        (
            "the clock stopped before the sync",
            with(|run| run.stopped_before_sync = true),
            vec![Fault::NotDurable],
        ),
        (
            "all of a, then all of b",
            vec![run("a"), run("a"), run("b"), run("b")],
            vec![Fault::NotInTurns],
        ),
        (
            "values that are gone",
            with(|run| run.found = 99),
            vec![Fault::Lost],
        ),
        (
            "everything at once",
            vec![
                Run {
                    different: 1,
                    stopped_before_sync: true,
                    found: 1,
                    ..run("a")
                },
                run("a"),
                run("b"),
            ],
            vec![
                Fault::SameData,
                Fault::NotDurable,
                Fault::NotInTurns,
                Fault::Lost,
            ],
        ),
    ] {
        say::same(
            &format!("faults of: {what}"),
            &faults(&runs),
            &wanted,
            "each of these has decided a published comparison.",
        );
    }
}
