//! Ctrl-C and SIGTERM: once ends the command between two blocks and closes the store, twice ends it
//! at once.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

/// What Ctrl-C in a terminal sends.
const INT: u8 = 2;

/// What `kill`, a service manager and a shutdown of the system send.
#[cfg(unix)]
const TERM: u8 = 15;

/// The number of the signal that asked for the end; 0 before any.
static ASKED: AtomicU8 = AtomicU8::new(0);

/// The command was stopped by the signal of this number.
#[derive(Debug)]
pub struct Stopped(u8);

impl Stopped {
    #[cfg(test)]
    pub(super) fn by(signal: u8) -> Stopped {
        Stopped(signal)
    }

    /// The exit code of a program that the signal ended, as shells have it.
    pub fn code(&self) -> u8 {
        128 + self.0
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.0 == INT { "Ctrl-C" } else { "SIGTERM" };
        write!(
            f,
            "stopped by {name}; the store is closed, and what was said to be done is done"
        )
    }
}

impl std::error::Error for Stopped {}

/// Ends a wait.
type Wake = Box<dyn Fn() + Send>;

static WAKES: Mutex<Vec<Wake>> = Mutex::new(Vec::new());

/// From now on a signal asks for the end. Before a store is opened: one that is being opened, made
/// or repaired has to be closed, too.
///
/// # Errors
/// Those of the system.
#[cfg(unix)]
pub fn watch() -> anyhow::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([INT, TERM].map(i32::from))?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in signals.forever() {
                asked(u8::try_from(signal).unwrap_or(TERM));
            }
        })?;
    Ok(())
}

/// The same, where Ctrl-C is all there is.
///
/// # Errors
/// Those of the system.
#[cfg(not(unix))]
pub fn watch() -> anyhow::Result<()> {
    Ok(ctrlc::set_handler(|| asked(INT))?)
}

fn asked(signal: u8) {
    if ASKED.swap(signal, SeqCst) != 0 {
        std::process::exit(Stopped(signal).code().into());
    }
    wake_all();
}

fn wake_all() {
    for wake in &*WAKES.lock().unwrap_or_else(PoisonError::into_inner) {
        wake();
    }
}

/// Has a signal call `wake`, too, beside those that it calls already: more than one may wait. It is called
/// as long as the program runs, and must not wait itself.
pub fn wakes(wake: impl Fn() + Send + 'static) {
    let mut wakes = WAKES.lock().unwrap_or_else(PoisonError::into_inner);
    // It may have come before there was anyone to wake.
    if ASKED.load(SeqCst) != 0 {
        wake();
    }
    wakes.push(Box::new(wake));
}

/// Between two blocks: whether to go on.
///
/// # Errors
/// [`Stopped`] after a signal.
pub fn check() -> Result<(), Stopped> {
    match ASKED.load(SeqCst) {
        0 => Ok(()),
        _ => Err(stopped()),
    }
}

/// How what a signal has stopped ends.
pub fn stopped() -> Stopped {
    Stopped(ASKED.load(SeqCst))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_that_waits_is_woken() {
        let (send, woken) = std::sync::mpsc::channel();
        for n in [1, 2] {
            let send = send.clone();
            wakes(move || send.send(n).unwrap_or_default());
        }
        wake_all();
        assert_eq!(woken.try_iter().collect::<Vec<_>>(), [1, 2]);
    }
}
