//! The goals: met or not, and by how much.

mod elsewhere;
mod files;
mod opened;
mod pack;
mod puts;
mod reads;
mod rivals;
mod space;
mod why;

use super::figure::Figure;
use super::record::Record;
use super::spread::Spread;

/// One goal.
#[derive(Clone, Debug)]
pub struct Goal {
    /// `S1`.
    pub id: &'static str,
    /// What is wanted.
    pub text: &'static str,
    /// What was found, one for each engine and size that it is asked of.
    pub checks: Vec<Check>,
    /// What of it this report does not measure, and what does.
    pub elsewhere: Option<&'static str>,
}

/// One figure beside its limit. It meets it if the median does.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Of whom and what.
    pub of: String,
    /// What was found.
    pub found: Spread,
    /// What it is measured against.
    pub limit: Limit,
}

/// A limit, in the unit of what was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// At least this.
    Least(f64),
    /// At most this.
    Most(f64),
}

impl Check {
    /// Whether the median keeps the limit.
    pub fn is_met(&self) -> bool {
        match self.limit {
            Limit::Least(limit) => self.found.median >= limit,
            Limit::Most(limit) => self.found.median <= limit,
        }
    }

    /// How far from the limit, as a part of it: 0.1 is a tenth to spare, -0.1 a tenth short. Nothing
    /// is as near to a limit of nothing as it can be, and so says nothing.
    pub fn to_spare(&self) -> f64 {
        match self.limit {
            Limit::Least(limit) => self.found.median / limit - 1.0,
            Limit::Most(limit) if limit > 0.0 => 1.0 - self.found.median / limit,
            Limit::Most(_) if self.is_met() => f64::INFINITY,
            Limit::Most(_) => f64::NEG_INFINITY,
        }
    }
}

impl Goal {
    /// `None` if nothing of it was measured.
    pub fn is_met(&self) -> Option<bool> {
        (!self.checks.is_empty()).then(|| self.checks.iter().all(Check::is_met))
    }

    /// Met or not, and by how much where it is tightest; one line.
    pub fn verdict(&self) -> String {
        let worst = self
            .checks
            .iter()
            .min_by(|a, b| a.to_spare().total_cmp(&b.to_spare()));
        let measured = worst.map(|worst| {
            let missed = self.checks.iter().filter(|check| !check.is_met()).count();
            let by = worst.to_spare().abs() * 100.0;
            let of = self.checks.len();
            match (missed, by.is_finite()) {
                (0, true) => format!(
                    "met in all {of}, by {by:.0} % where it is tightest: {}",
                    worst.of
                ),
                (0, false) => format!("met in all {of}"),
                (_, true) => format!(
                    "not met in {missed} of {of}, by {by:.0} % at worst: {}",
                    worst.of
                ),
                (_, false) => format!("not met in {missed} of {of}, at worst {}", worst.of),
            }
        });
        measured.unwrap_or_else(|| "not measured in this run".to_owned())
    }

    /// Why it is missed, if it is and that is known; what was not measured, and what measures it. Empty if
    /// there is nothing to be said.
    pub fn rest(&self) -> String {
        let missed = self.is_met() == Some(false);
        let why = missed.then(|| why::why(self.id)).flatten();
        let why = why.map(|why| format!("Why: {why}."));
        let rest = self
            .elsewhere
            .map(|rest| format!("Not measured here: {rest}."));
        let said: Vec<String> = why.into_iter().chain(rest).collect();
        said.join(" ")
    }
}

/// All goals, of stores (S) and of files (A), in their order.
pub fn all(record: &Record) -> Vec<Goal> {
    vec![
        puts::bulk(record),
        reads::get(record),
        puts::writers(record),
        puts::files(record),
        reads::absent(record),
        elsewhere::slope(record),
        space::disk(record),
        opened::open(record),
        elsewhere::wrappers(),
        elsewhere::guard(),
        elsewhere::hashing(),
        pack::pack(record),
        files::add(record),
        files::memory(record),
        files::cat(record),
        files::import(record),
        files::small(record),
        rivals::rivals(record),
    ]
}

/// The engines on disk that were measured both behind our wrapper and bare: both names.
fn pairs(record: &Record) -> Vec<(String, String)> {
    let subjects = record.figures.subjects();
    let pair = |ours: &&str| {
        let raw = format!("raw-{ours}");
        subjects
            .contains(&raw.as_str())
            .then(|| ((*ours).to_owned(), raw))
    };
    subjects.iter().filter_map(pair).collect()
}

/// `pack, 256 B`, with what is asked of it behind that if it is said.
fn of(name: &str, size: u64, what: &str) -> String {
    let size = super::number::size(size);
    match what {
        "" => format!("{name}, {size}"),
        what => format!("{name}, {size}, {what}"),
    }
}

/// Each figure of this name against one limit.
fn each(record: &Record, what: &str, how: &str, limit: Limit) -> Vec<Check> {
    let of_what = record.figures.iter().filter(|figure| figure.what == what);
    let check = |figure: &Figure| {
        let of = of(&figure.subject, figure.size, how);
        check(of, figure.spread(), limit)
    };
    of_what.filter_map(check).collect()
}

/// A check, if there is a figure.
fn check(of: String, found: Option<Spread>, limit: Limit) -> Option<Check> {
    Some(Check {
        of,
        found: found?,
        limit,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::testing::{record, set};
    use super::*;

    fn goal(record: &Record, id: &str) -> Goal {
        all(record).into_iter().find(|goal| goal.id == id).unwrap()
    }

    #[test]
    fn there_are_eighteen_in_order() {
        let ids: Vec<&str> = all(&record()).iter().map(|goal| goal.id).collect();
        let stores = (1..=12).map(|n| format!("S{n}"));
        let files = (1..=6).map(|n| format!("A{n}"));
        let wanted: Vec<String> = stores.chain(files).collect();
        assert_eq!(ids, wanted);
    }

    #[test]
    fn nothing_is_met_that_was_not_measured() {
        for goal in all(&record()) {
            assert_eq!(goal.is_met(), None, "{}", goal.id);
            assert!(!goal.rest().contains("Why"), "{}", goal.rest());
            assert!(
                goal.verdict().starts_with("not measured"),
                "{}",
                goal.verdict()
            );
        }
    }

    #[test]
    fn a_limit_is_kept_by_the_median() {
        let check = |values: [f64; 3], limit| Check {
            of: String::new(),
            found: Spread::of(values).unwrap(),
            limit,
        };
        assert!(check([0.1, 0.95, 2.0], Limit::Least(0.95)).is_met());
        assert!(!check([0.1, 0.94, 2.0], Limit::Least(0.95)).is_met());
        assert!(check([0.1, 2.0, 9.0], Limit::Most(2.0)).is_met());
        assert!(!check([0.1, 2.1, 9.0], Limit::Most(2.0)).is_met());
        assert!(!check([1.0, 1.0, 1.0], Limit::Most(0.0)).is_met());
    }

    #[test]
    fn one_engine_that_misses_a_goal_misses_it_and_is_named() {
        let mut record = record();
        for (name, part) in [("pack", 0.99), ("redb", 0.80)] {
            set(&mut record, name, 256, "beside.put", [part; 3]);
        }
        let goal = goal(&record, "S1");
        assert_eq!(goal.is_met(), Some(false));
        let verdict = goal.verdict();
        assert!(verdict.contains("not met in 1 of 2, by 16 %"), "{verdict}");
        assert!(verdict.contains("redb, 256 B"), "{verdict}");
        assert!(goal.rest().starts_with("Why: a store takes its ballast"));
    }

    #[test]
    fn to_be_as_quick_as_bare_is_to_take_as_long() {
        let mut record = record();
        set(&mut record, "pack", 256, "beside.has", [0.92; 3]);
        assert_eq!(goal(&record, "S5").is_met(), Some(true));
        set(&mut record, "pack", 256, "beside.has", [0.90; 3]);
        assert_eq!(goal(&record, "S5").is_met(), Some(false));
    }

    #[test]
    fn a_store_that_grows_may_take_twice_as_long() {
        let mut record = record();
        set(&mut record, "pack", 10_000, "slope.get", [100.0]);
        set(&mut record, "pack", 1_000_000, "slope.get", [50.0]);
        assert_eq!(goal(&record, "S6").is_met(), Some(true));
        set(&mut record, "pack", 1_000_000, "slope.get", [49.0]);
        assert_eq!(goal(&record, "S6").is_met(), Some(false));
    }

    #[test]
    fn a_block_that_was_lost_misses_the_goal_of_opens() {
        let mut record = record();
        set(&mut record, "pack", 4096, "missing", [0.0, 0.0, 0.0]);
        assert_eq!(goal(&record, "S8").is_met(), Some(true));
        // One round is enough, whatever the median says.
        set(&mut record, "pack", 4096, "missing", [0.0, 0.0, 1.0]);
        assert_eq!(goal(&record, "S8").is_met(), Some(false));
    }
}
