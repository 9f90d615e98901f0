//! How much is tried, from which seed, and what is said when something cannot be.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `CI=true` | what cannot be tried here fails instead of being skipped |
//! | `CAIRN_LONG=1` | as many rounds as a night allows |
//! | `CAIRN_SEED=N` | repeats the run with this seed |

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// Prints one line, past the capture of the test harness: the figures of a laboratory are wanted
/// when it succeeds, too.
pub fn report(line: &str) {
    // Nothing is left to do if stderr is closed.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Says that `name` cannot be tried here, and why.
///
/// # Panics
/// Under `CI=true`, where everything has to be tried.
#[allow(clippy::panic)]
pub fn skip(name: &str, why: &str) {
    report(&format!("SKIPPED {name}: {why}"));
    if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        panic!("{name} was skipped ({why}), and under CI=true nothing may be");
    }
}

/// What `name` needs, or `None` after [`skip`].
pub fn or_skip<T>(name: &str, needs: Result<T, String>) -> Option<T> {
    needs.map_err(|why| skip(name, &why)).ok()
}

/// A number of rounds: from the variable `name` if it is set, else `long` under `CAIRN_LONG=1`,
/// else `short`.
///
/// # Panics
/// If the variable holds no number.
pub fn count(name: &str, short: usize, long: usize) -> usize {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|e| panic_with(&format!("{name}={text}: {e}"))),
        Err(_) if is_long() => long,
        Err(_) => short,
    }
}

/// Whether `CAIRN_LONG=1` asks for a night of it.
pub fn is_long() -> bool {
    std::env::var("CAIRN_LONG").is_ok_and(|long| long == "1")
}

/// The seed of this run, printed with the `name` of what it drives.
///
/// # Panics
/// If `CAIRN_SEED` holds no number.
pub fn seed(name: &str) -> u64 {
    let seed = match std::env::var("CAIRN_SEED") {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|e| panic_with(&format!("CAIRN_SEED={text}: {e}"))),
        Err(_) => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |now| now.as_nanos() as u64 >> 10),
    };
    report(&format!("{name}: CAIRN_SEED={seed} repeats this run"));
    seed
}

#[allow(clippy::panic)]
pub(crate) fn panic_with<T>(what: &str) -> T {
    panic!("{what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_none_and_what_is_there_is_given() {
        assert_eq!(or_skip("nothing", Ok(7)), Some(7));
        if std::env::var("CI").is_err() {
            let why = Err("this line belongs to a test".to_owned());
            assert_eq!(or_skip::<u8>("testkit::run", why), None);
        }
    }
}
