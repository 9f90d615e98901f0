//! The laboratory: one workload, and a check of every state that a power cut may leave.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use super::cut::Cut;
use super::disk::CrashDisk;
use crate::run::{panic_with, report, seed};
use crate::{Rng, Trial};

/// What the workload was told is done, each with the point at which it was.
#[derive(Debug)]
pub struct Acks<A> {
    disk: CrashDisk,
    seed: u64,
    said: Mutex<Vec<(usize, A)>>,
}

impl<A> Acks<A> {
    /// Chance for the workload, from the seed of the run.
    pub fn rng(&self) -> Rng {
        Rng::new(self.seed)
    }

    /// Notes that `what` is promised from now on. What is only begun can be noted just so: the
    /// check is given all that was noted before the cut.
    pub fn note(&self, what: A) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.push((self.disk.point(), what));
    }
}

/// What a laboratory tried.
#[derive(Debug)]
#[must_use = "a laboratory says nothing until it is asked whether all held"]
pub struct Tally {
    trial: Trial,
    /// The points of the record.
    pub points: usize,
    /// Those at which the power was cut.
    pub tried: usize,
    /// Points of which every state was tried.
    pub whole: usize,
    /// States.
    pub states: u64,
    /// States that a second cut left, while the first was being recovered from.
    pub again: u64,
    /// What did not hold, and where.
    pub violations: Vec<String>,
}

impl Tally {
    /// Says what was tried, and fails unless all of it held.
    ///
    /// # Panics
    /// If something did not hold.
    pub fn must_hold(mut self) {
        let counts = self.counts();
        self.trial.many(self.states + self.again);
        for why in &self.violations {
            self.trial.fails(why);
        }
        self.trial.end(&counts);
    }

    /// Fails unless something did not hold: proof that the laboratory sees what it is for.
    ///
    /// # Panics
    /// If all held.
    pub fn must_catch(self) {
        let (counts, caught) = (self.counts(), self.violations.len());
        report(&format!(
            "crash, on purpose wrong: {counts}, {caught} of them caught"
        ));
        if caught == 0 {
            panic_with(&format!("{:?} caught nothing", self.trial))
        }
    }

    fn counts(&self) -> String {
        format!(
            "cut at {} of {} points ({} of them in every state), {} states, {} more cut again in \
             recovery",
            self.tried, self.points, self.whole, self.states, self.again
        )
    }
}

/// Runs `workload` on `disk`, which is durable as it is, and then `check` on the states that a
/// power cut at each point of it may leave, with what was noted before that point: about `states`
/// of them, evenly over the points, and at each one all where they are few. With fewer `states`
/// than points these are at random ones.
///
/// `check` opens what is there as a user would, without a manual step, and says what is wrong.
/// About a quarter of `states` times the power is cut again at a random point of what `check` did,
/// and what that leaves is checked as well.
///
/// `CAIRN_SEED` repeats a run, and `CAIRN_CRASH=POINT:NUMBER` one state of it.
///
/// # Panics
/// If a variable holds no number.
pub fn laboratory<A>(
    name: &str,
    states: usize,
    disk: &CrashDisk,
    workload: impl FnOnce(&CrashDisk, &Acks<A>),
    check: impl Fn(&CrashDisk, &[&A]) -> Result<(), String>,
) -> Tally {
    let seed = seed(name);
    let trial = Trial::new("crash", name, seed);
    disk.settle();
    let acks = Acks {
        disk: disk.clone(),
        seed,
        said: Mutex::new(Vec::new()),
    };
    workload(disk, &acks);
    let record = disk.record();
    let acks = acks
        .said
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);

    let only = std::env::var("CAIRN_CRASH").ok().map(|text| only(&text));
    let (most, total) = share(record.cut(0), states as u64);
    let again = Again {
        often: states as u64 / 4,
        of: total.min(states as u64),
    };
    let mut tally = Tally {
        trial,
        points: record.last() + 1,
        tried: 0,
        whole: 0,
        states: 0,
        again: 0,
        violations: Vec::new(),
    };
    let mut cut = record.cut(0);
    loop {
        let point = cut.point();
        let known: Vec<&A> = acks
            .iter()
            .filter(|(at, _)| *at <= point)
            .map(|(_, a)| a)
            .collect();
        let all = cut.states();
        let mut rng = Rng::of(seed, &[point as u64]);
        let numbers: Vec<u64> = match only {
            Some((at, number)) if at == point => vec![number],
            Some(_) => Vec::new(),
            // Not even one a point.
            None if rng.below(tally.points as u64) >= states as u64 => Vec::new(),
            // Too few to begin with the extremes each time.
            None if all > most && most < EXTREMES => {
                (0..most).map(|_| rng.below(2 * EXTREMES)).collect()
            }
            None => (0..all.min(most)).collect(),
        };
        tally.tried += usize::from(!numbers.is_empty());
        tally.whole += usize::from(!numbers.is_empty() && all <= most);
        for number in numbers {
            let left = if all <= most {
                cut.each(number)
            } else {
                cut.state(seed, number)
            };
            tally.states += 1;
            let mut held = caught(|| check(&left, &known));
            let mut rng = Rng::of(seed, &[point as u64, number, 1]);
            let recovery = left.record();
            for _ in 0..again.times(&mut rng) {
                if held.is_err() {
                    break;
                }
                let at = rng.below(recovery.last() as u64 + 1) as usize;
                let left = recovery.state(rng.next(), at, rng.below(8));
                tally.again += 1;
                held = caught(|| check(&left, &known))
                    .map_err(|why| format!("cut again at {at} of its recovery: {why}"));
            }
            if let Err(why) = held {
                let told = cut.tell(seed, number, all <= most);
                let place = format!("CAIRN_SEED={seed} CAIRN_CRASH={point}:{number}");
                tally.violations.push(format!("{place}: {why}{told}"));
            }
        }
        if !cut.advance() {
            break;
        }
    }
    tally
}

/// So many of the first states of a point are not random.
const EXTREMES: u64 = 5;

/// How often the power is cut a second time.
struct Again {
    often: u64,
    /// Among so many states.
    of: u64,
}

impl Again {
    /// How often after this one.
    fn times(&self, rng: &mut Rng) -> u64 {
        let of = self.of.max(1);
        self.often / of + u64::from(rng.below(of) < self.often % of)
    }
}

/// How many states of each point to try at most, and how many that makes, so that they are about
/// `states` in all: points with fewer leave theirs to the others.
fn share(mut cut: Cut<'_>, states: u64) -> (u64, u64) {
    let mut counts = vec![cut.states()];
    while cut.advance() {
        counts.push(cut.states());
    }
    counts.sort_unstable();
    let (mut left, mut points) = (states, counts.len() as u64);
    for count in &counts {
        if count.saturating_mul(points) > left {
            break;
        }
        left -= count;
        points -= 1;
    }
    let most = left.div_ceil(points.max(1)).max(1);
    (most, counts.iter().map(|count| most.min(*count)).sum())
}

fn only(text: &str) -> (usize, u64) {
    let parts = text.split_once(':');
    let numbers =
        parts.and_then(|(point, number)| Some((point.parse().ok()?, number.parse().ok()?)));
    numbers.unwrap_or_else(|| panic_with(&format!("CAIRN_CRASH={text} is not POINT:NUMBER")))
}

/// A panic does not hold, either.
fn caught(check: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    panic::catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|payload| {
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| payload.downcast_ref::<&str>().copied());
        Err(format!("it panicked: {}", said.unwrap_or("without a word")))
    })
}
