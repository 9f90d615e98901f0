//! How often, and how long: counts by duration, in steps of 1, 2, 5.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Where the steps end, in nanoseconds: 100 ns to 10 s.
#[rustfmt::skip]
const ENDS: [u64; 25] = [
    100, 200, 500,
    1_000, 2_000, 5_000,
    10_000, 20_000, 50_000,
    100_000, 200_000, 500_000,
    1_000_000, 2_000_000, 5_000_000,
    10_000_000, 20_000_000, 50_000_000,
    100_000_000, 200_000_000, 500_000_000,
    1_000_000_000, 2_000_000_000, 5_000_000_000,
    10_000_000_000,
];

/// Durations, counted by the step that they lie in; what is longer than all lies in the last.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    counts: [AtomicU64; 26],
    nanos: AtomicU64,
}

impl Histogram {
    pub fn add(&self, took: Duration) {
        let nanos = took.as_nanos() as u64;
        let step = ENDS.partition_point(|end| *end < nanos);
        if let Some(count) = self.counts.get(step) {
            count.fetch_add(1, Relaxed);
        }
        self.nanos.fetch_add(nanos, Relaxed);
    }

    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Relaxed))
    }

    /// For each step its end, `None` for the last, and how many durations were no longer.
    pub fn cumulative(&self) -> impl Iterator<Item = (Option<Duration>, u64)> {
        let ends = ENDS.iter().map(|end| Some(Duration::from_nanos(*end)));
        let mut sum = 0;
        ends.chain([None]).zip(&self.counts).map(move |(end, n)| {
            sum += n.load(Relaxed);
            (end, sum)
        })
    }

    pub fn count(&self) -> u64 {
        self.counts.iter().map(|n| n.load(Relaxed)).sum()
    }

    /// The end of the step that the duration of rank `quantile` (0 to 1) lies in; `None` if there
    /// are no durations, or it is longer than all steps.
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        let rank = (quantile * self.count() as f64).ceil().max(1.0) as u64;
        self.cumulative().find(|(_, sum)| *sum >= rank)?.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_lies_in_the_first_step_that_it_does_not_exceed() {
        assert_eq!(ENDS[..5], [100, 200, 500, 1_000, 2_000]);
        assert_eq!(ENDS[24], 10_000_000_000);
        let histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        for nanos in [0, 100, 101, 1_000, 1_001, u64::MAX / 2] {
            histogram.add(Duration::from_nanos(nanos));
        }
        let sums: Vec<u64> = histogram.cumulative().map(|(_, sum)| sum).collect();
        assert_eq!(sums[..6], [2, 3, 3, 4, 5, 5]);
        assert_eq!((sums[24], sums[25]), (5, 6));
        assert_eq!(histogram.count(), 6);
        assert_eq!(histogram.quantile(0.5), Some(Duration::from_nanos(200)));
        assert_eq!(histogram.quantile(0.1), Some(Duration::from_nanos(100)));
        assert_eq!(histogram.quantile(1.0), None);
    }
}
