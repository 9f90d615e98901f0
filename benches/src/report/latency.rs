//! How long calls took, as a distribution.

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::spread::Spread;

/// The percentiles that are shown. One is left out of fewer calls than it takes to have one beyond
/// it: p99.9 of fewer than a thousand says nothing.
pub const PERCENTILES: [f64; 8] = [10.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99];

/// Nanoseconds of calls, as `[value, calls]` with two digits: what a process hands to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calls(Vec<(u64, u64)>);

/// What records them.
pub struct Recorder(Histogram<u64>);

impl Recorder {
    /// Of nothing yet.
    pub fn new() -> Result<Recorder> {
        // From a nanosecond to a minute.
        Ok(Recorder(Histogram::new_with_bounds(1, 60_000_000_000, 2)?))
    }

    /// One call of so many nanoseconds.
    pub fn record(&mut self, nanos: u128) {
        self.0
            .saturating_record(u64::try_from(nanos).unwrap_or(u64::MAX));
    }

    /// All that `other` has, too.
    pub fn merge(&mut self, other: &Recorder) -> Result<()> {
        Ok(self.0.add(&other.0)?)
    }

    /// What there is.
    pub fn calls(&self) -> Calls {
        let values = self.0.iter_recorded();
        Calls(
            values
                .map(|v| (v.value_iterated_to(), v.count_at_value()))
                .collect(),
        )
    }

    fn percentile(&self, percentile: f64) -> Option<f64> {
        let beyond = self.0.len() as f64 * (1.0 - percentile / 100.0);
        // In binary, ten thousand calls times 0.0001 may be a little less than one.
        (beyond > 1.0 - 1e-6).then(|| self.0.value_at_percentile(percentile) as f64)
    }
}

/// The distribution of one kind of call of one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Of whom.
    pub subject: String,
    /// Bytes of a block.
    pub size: u64,
    /// What, by its name in [`what`](super::what).
    pub what: String,
    /// Calls of all rounds.
    pub calls: u64,
    /// Percentiles from the least.
    pub points: Vec<Point>,
}

/// One percentile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Such a part of all calls, in percent, took at most
    pub percentile: f64,
    /// so many nanoseconds, of the calls of all rounds;
    pub nanos: f64,
    /// and in single rounds.
    pub rounds: Spread,
}

impl Latency {
    /// What the rounds say together; `None` of no calls.
    pub fn of(subject: &str, size: u64, what: &str, rounds: &[Calls]) -> Result<Option<Latency>> {
        let mut all = Recorder::new()?;
        let mut each = Vec::new();
        for calls in rounds {
            let mut one = Recorder::new()?;
            for &(nanos, count) in &calls.0 {
                one.0.saturating_record_n(nanos, count);
            }
            all.merge(&one)?;
            each.push(one);
        }
        let point = |percentile: f64| {
            let nanos = all.percentile(percentile)?;
            let value = |one: &Recorder| one.0.value_at_percentile(percentile) as f64;
            let rounds = Spread::of(each.iter().filter(|one| !one.0.is_empty()).map(value))?;
            Some(Point {
                percentile,
                nanos,
                rounds,
            })
        };
        Ok((!all.0.is_empty()).then(|| Latency {
            subject: subject.to_owned(),
            size,
            what: what.to_owned(),
            calls: all.0.len(),
            points: PERCENTILES.into_iter().filter_map(point).collect(),
        }))
    }

    /// Nanoseconds that such a part of the calls took at most; `None` of too few calls.
    pub fn at(&self, percentile: f64) -> Option<f64> {
        let point = self
            .points
            .iter()
            .find(|point| point.percentile == percentile);
        point.map(|point| point.nanos)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn calls(nanos: impl IntoIterator<Item = u128>) -> Calls {
        let mut recorder = Recorder::new().unwrap();
        nanos.into_iter().for_each(|nanos| recorder.record(nanos));
        recorder.calls()
    }

    fn near(value: f64, wanted: f64) -> bool {
        (value / wanted - 1.0).abs() < 0.01
    }

    #[test]
    fn percentiles_are_of_the_calls_of_all_rounds() {
        // 1,000 calls: 1 to 500 µs in one round, 501 to 1,000 in the other.
        let micros = |range: std::ops::RangeInclusive<u128>| calls(range.map(|us| us * 1000));
        let rounds = [micros(1..=500), micros(501..=1000)];
        let latency = Latency::of("pack", 256, "get.warm", &rounds)
            .unwrap()
            .unwrap();
        assert_eq!(latency.calls, 1000);
        for (percentile, micros) in [(50.0, 500.0), (99.0, 990.0), (99.9, 999.0)] {
            let found = latency.at(percentile).unwrap();
            assert!(near(found, micros * 1e3), "p{percentile}: {found}");
        }
        let median = &latency
            .points
            .iter()
            .find(|p| p.percentile == 50.0)
            .unwrap()
            .rounds;
        assert!(
            near(median.low, 250e3) && near(median.high, 750e3),
            "{median:?}"
        );
    }

    #[test]
    fn a_percentile_that_has_no_call_beyond_it_is_left_out() {
        let of = |count| {
            let rounds = [calls(1..=count)];
            Latency::of("pack", 256, "get.warm", &rounds)
                .unwrap()
                .unwrap()
        };
        assert_eq!(of(999).at(99.9), None);
        assert!(of(1000).at(99.9).is_some());
        assert_eq!(of(9_999).at(99.99), None);
        assert!(of(10_000).at(99.99).is_some());
    }

    #[test]
    fn no_calls_have_no_distribution() {
        assert_eq!(Latency::of("pack", 256, "get.warm", &[]).unwrap(), None);
        assert_eq!(
            Latency::of("pack", 256, "get.warm", &[Calls::default()]).unwrap(),
            None
        );
    }
}
