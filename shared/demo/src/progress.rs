//! How far a long operation is.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on stderr with rate and time left, if stderr is a terminal; otherwise nothing at all,
/// so that logs and pipes stay clean. It is gone once finished or dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    words: Words,
}

impl Progress {
    /// Counts bytes; `what` stands before the bar. Without a total, what was done so far and
    /// the rate are shown.
    pub fn bytes(what: &str, total: Option<u64>) -> Progress {
        Progress::new(what, total, BYTES)
    }

    /// Counts things, such as blocks.
    pub fn count(what: &str, total: Option<u64>) -> Progress {
        Progress::new(what, total, COUNT)
    }

    /// A bar that shows nothing: for calls that want one where there is none to show.
    pub fn hidden() -> Progress {
        Progress {
            bar: ProgressBar::hidden(),
            words: COUNT,
        }
    }

    fn new(what: &str, total: Option<u64>, words: Words) -> Progress {
        if !io::stderr().is_terminal() {
            return Progress::hidden();
        }
        // Ten times a second is as often as an eye follows.
        let target = ProgressDrawTarget::stderr_with_hz(10);
        let bar = ProgressBar::with_draw_target(total, target).with_message(crate::plain(what));
        bar.enable_steady_tick(Duration::from_millis(200));
        let progress = Progress { bar, words };
        progress.dress(total.is_some());
        progress
    }

    fn dress(&self, total: bool) {
        if let Ok(style) = ProgressStyle::with_template(&template(total, self.words)) {
            self.bar.set_style(style.progress_chars("█▌ "));
        }
    }

    /// The total is known now, or known better.
    pub fn expect(&self, total: u64) {
        self.bar.set_length(total);
        self.dress(true);
    }

    /// `n` more bytes or things are done. Cheap, and may be called from many threads.
    pub fn add(&self, n: u64) {
        self.bar.inc(n);
    }

    /// Changes what stands before the bar.
    pub fn say(&self, what: &str) {
        self.bar.set_message(crate::plain(what));
    }

    /// Takes the bar away while `print` writes, and puts it back below.
    pub fn pause<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What indicatif calls the figures done, in all and per second.
type Words = [&'static str; 3];

const BYTES: Words = [
    "{binary_bytes}",
    "{binary_total_bytes}",
    "{binary_bytes_per_sec}",
];
const COUNT: Words = ["{human_pos}", "{human_len}", "{per_sec}"];

fn template(total: bool, [done, of, rate]: Words) -> String {
    if total {
        format!("{{msg}} {{bar:30}} {done} of {of}, {rate}, {{eta}} left")
    } else {
        format!("{{msg}} {{spinner}} {done}, {rate}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A template that indicatif refuses would leave its default bar in place unnoticed.
    #[test]
    fn the_templates_are_well_formed() {
        for total in [true, false] {
            for words in [BYTES, COUNT] {
                ProgressStyle::with_template(&template(total, words)).unwrap();
            }
        }
    }

    #[test]
    fn a_hidden_bar_still_counts_and_lets_print() {
        let progress = Progress::hidden();
        progress.add(3);
        progress.expect(9);
        assert_eq!(progress.bar.position(), 3);
        assert_eq!(progress.bar.length(), Some(9));
        assert_eq!(progress.pause(|| 7), 7);
    }
}
