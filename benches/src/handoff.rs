//! What it costs to wake another thread.

use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Instant;

/// Microseconds for a wake-up of another thread and back.
pub fn hand_off(rounds: u64) -> f64 {
    let (to, from) = sync_channel::<()>(0);
    let (back, answer) = sync_channel::<()>(0);
    let took = thread::scope(|scope| {
        scope.spawn(move || while from.recv().is_ok() && back.send(()).is_ok() {});
        let start = Instant::now();
        for _ in 0..rounds {
            if to.send(()).is_err() || answer.recv().is_err() {
                break;
            }
        }
        let took = start.elapsed();
        drop(to);
        took
    });
    took.as_secs_f64() * 1e6 / rounds as f64
}
