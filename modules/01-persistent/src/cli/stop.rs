//! Ctrl-C: once ends the command between two blocks and closes the store, twice ends it at once.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

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

/// From now on Ctrl-C asks for the end; `wake` is called when it does, to end a wait.
///
/// # Errors
/// Those of the system.
pub fn watch(wake: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    Ok(ctrlc::set_handler(move || {
        if ASKED.swap(true, SeqCst) {
            std::process::exit(i32::from(CODE));
        }
        wake();
    })?)
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
