//! Ctrl-C: once ends the command between two blocks and closes the store, twice ends it at once.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

static ASKED: AtomicBool = AtomicBool::new(false);

/// The exit code of a program that SIGINT ended, as shells have it: 128 + 2.
pub const CODE: u8 = 130;

/// The command was stopped.
#[derive(Debug)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped by Ctrl-C; the store is closed, and what was said to be done is done")
    }
}

impl std::error::Error for Stopped {}

/// Ends a wait.
type Wake = Box<dyn Fn() + Send>;

static WAKE: Mutex<Option<Wake>> = Mutex::new(None);

/// From now on Ctrl-C asks for the end. Before a store is opened: one that is being opened, made
/// or repaired has to be closed, too.
///
/// # Errors
/// Those of the system.
pub fn watch() -> anyhow::Result<()> {
    Ok(ctrlc::set_handler(|| {
        if ASKED.swap(true, SeqCst) {
            std::process::exit(i32::from(CODE));
        }
        if let Some(wake) = &*WAKE.lock().unwrap_or_else(PoisonError::into_inner) {
            wake();
        }
    })?)
}

/// Has Ctrl-C call `wake`, too.
pub fn wakes(wake: impl Fn() + Send + 'static) {
    let mut waker = WAKE.lock().unwrap_or_else(PoisonError::into_inner);
    let wake = waker.insert(Box::new(wake));
    // It may have come before there was anyone to wake.
    if ASKED.load(SeqCst) {
        wake();
    }
}

/// Between two blocks: whether to go on.
///
/// # Errors
/// [`Stopped`] after Ctrl-C.
pub fn check() -> Result<(), Stopped> {
    if ASKED.load(SeqCst) {
        Err(Stopped)
    } else {
        Ok(())
    }
}
