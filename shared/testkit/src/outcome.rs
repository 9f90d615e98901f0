//! What a laboratory says in the end: how much was tried, how much of it held, from which seed.
//!
//! It says it twice: once for people, and once on a line that `cargo x faults` collects,
//!
//! ```text
//! RESULT {"lab":"kill","what":"redb each","tried":10000,"held":10000,"seed":7,"millis":483000,"detail":"…"}
//! ```
//!
//! so that no figure is ever typed. A [`Trial`] that is dropped before its end says so too: then
//! the one that was tried last did not hold.

use std::fmt::Display;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::run::{panic_with, report};

/// What the line of a result begins with.
pub const RESULT: &str = "RESULT ";

/// How many failures of one trial are printed.
const SHOWN: u64 = 20;

/// The result of one laboratory on one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The laboratory: one word.
    pub lab: String,
    /// On what: the engine first, then what else tells it from the others of its laboratory.
    pub what: String,
    /// How often it was tried.
    pub tried: u64,
    /// How often it held.
    pub held: u64,
    /// What repeats it; none where nothing is drawn by lot.
    pub seed: Option<u64>,
    /// How long it took.
    pub took: Duration,
    /// What else was counted.
    pub detail: String,
}

impl Outcome {
    /// The line that [`parse`](Self::parse) reads.
    pub fn line(&self) -> String {
        format!("{RESULT}{}", self.to_json())
    }

    /// As a JSON object, whose fields are those of the line.
    pub fn to_json(&self) -> Value {
        json!({
            "lab": self.lab,
            "what": self.what,
            "tried": self.tried,
            "held": self.held,
            "seed": self.seed,
            "millis": self.took.as_millis() as u64,
            "detail": self.detail,
        })
    }

    /// Reads [`to_json`](Self::to_json) back; `None` if a field is missing.
    pub fn from_json(value: &Value) -> Option<Outcome> {
        let text = |name| value.get(name)?.as_str().map(str::to_owned);
        let number = |name| value.get(name)?.as_u64();
        Some(Outcome {
            lab: text("lab")?,
            what: text("what")?,
            tried: number("tried")?,
            held: number("held")?,
            seed: value.get("seed")?.as_u64(),
            took: Duration::from_millis(number("millis")?),
            detail: text("detail")?,
        })
    }

    /// The result on this line of a test's output; `None` on any other line.
    pub fn parse(line: &str) -> Option<Outcome> {
        // The test harness may have begun the line with the name of a test.
        let (_, json) = line.split_once(RESULT)?;
        Outcome::from_json(&serde_json::from_str(json).ok()?)
    }

    /// Whether something was tried, and all of it held.
    pub fn holds(&self) -> bool {
        self.tried > 0 && self.held == self.tried
    }
}

/// A trial that goes on: counts what is tried, and says what came of it.
#[derive(Debug)]
pub struct Trial {
    lab: &'static str,
    what: String,
    seed: Option<u64>,
    begun: Instant,
    tried: u64,
    failed: u64,
    ended: bool,
}

impl Trial {
    /// Begins one, on this engine or thing, from this seed; `None` where nothing is drawn by lot.
    pub fn new(lab: &'static str, what: impl Display, seed: impl Into<Option<u64>>) -> Trial {
        Trial {
            lab,
            what: what.to_string(),
            seed: seed.into(),
            begun: Instant::now(),
            tried: 0,
            failed: 0,
            ended: false,
        }
    }

    /// One more is tried. If the test ends before the next, this is the one that failed.
    pub fn one(&mut self) {
        self.tried += 1;
    }

    /// So many more are tried, and hold.
    pub fn many(&mut self, more: u64) {
        self.tried += more;
    }

    /// How many were tried.
    pub fn tried(&self) -> u64 {
        self.tried
    }

    /// The one that is tried did not hold. The others are tried nevertheless.
    pub fn fails(&mut self, why: &str) {
        self.failed += 1;
        if self.failed <= SHOWN {
            report(&format!("FAILED {} {}: {why}", self.lab, self.what));
        }
    }

    /// Ends it with what else was counted.
    ///
    /// # Panics
    /// If any failed.
    pub fn end(mut self, detail: &str) {
        let (lab, what, failed) = (self.lab, self.what.clone(), self.failed);
        self.say(detail);
        if failed > 0 {
            panic_with::<()>(&format!("{lab} {what}: {failed} did not hold"));
        }
    }

    fn say(&mut self, detail: &str) {
        self.ended = true;
        let outcome = Outcome {
            lab: self.lab.to_owned(),
            what: self.what.clone(),
            tried: self.tried,
            held: self.tried.saturating_sub(self.failed),
            seed: self.seed,
            took: self.begun.elapsed(),
            detail: detail.to_owned(),
        };
        let seed = self.seed.map(|seed| format!(", seed {seed}"));
        report(&format!(
            "{} {}: {} tried, {} held, {} failed; {detail}; {:.1?}{}",
            outcome.lab,
            outcome.what,
            outcome.tried,
            outcome.held,
            outcome.tried - outcome.held,
            outcome.took,
            seed.unwrap_or_default()
        ));
        report(&outcome.line());
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // A skipped one has tried nothing, and has nothing to say.
        if self.ended || (self.tried == 0 && !std::thread::panicking()) {
            return;
        }
        self.failed += 1;
        self.tried = self.tried.max(1);
        self.say("ended at its first failure");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        Outcome {
            lab: "kill".into(),
            what: "redb each".into(),
            tried: 10_000,
            held: 9_999,
            seed: Some(u64::MAX),
            took: Duration::from_millis(1_234),
            detail: "12 steps \"and\" more".into(),
        }
    }

    #[test]
    fn a_result_is_read_back_from_among_other_lines() {
        let line = outcome().line();
        assert!(line.starts_with(RESULT));
        assert_eq!(Outcome::parse(&line), Some(outcome()));
        let undrawn = Outcome {
            seed: None,
            ..outcome()
        };
        assert_eq!(Outcome::parse(&undrawn.line()), Some(undrawn));
        let after = format!("test kill::each ... {line}");
        assert_eq!(Outcome::parse(&after), Some(outcome()));
        assert_eq!(Outcome::parse("test result: ok. 3 passed"), None);
        assert_eq!(Outcome::parse("RESULT {\"lab\":\"kill\"}"), None);
    }

    #[test]
    fn one_that_failed_and_none_at_all_do_not_hold() {
        assert!(!outcome().holds());
        let all = Outcome {
            held: 10_000,
            ..outcome()
        };
        assert!(all.holds());
        let none = Outcome {
            tried: 0,
            held: 0,
            ..outcome()
        };
        assert!(!none.holds());
    }

    #[test]
    fn an_end_with_failures_fails() {
        let mut trial = Trial::new("outcome", "of a test", 1);
        trial.one();
        trial.fails("this line belongs to a test");
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| trial.end("")));
        assert!(ended.is_err());
    }
}
