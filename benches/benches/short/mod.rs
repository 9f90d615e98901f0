//! How Criterion measures here: ten samples, in seconds and not in minutes.

use std::time::Duration;

use criterion::Criterion;

/// Of so many seconds, after a warm-up.
pub fn seconds(seconds: u64) -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(seconds))
}
