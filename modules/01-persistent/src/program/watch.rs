//! An operation on a whole store, with a bar on stderr and stopped by Ctrl-C or SIGTERM.

use crate::ops;
use demo::Progress;

use super::stop;

/// What the bar counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of blocks.
    Bytes,
    /// Blocks.
    Blocks,
}

/// Shows how an operation goes, and stops it after a signal.
#[derive(Debug)]
pub struct Bar {
    progress: Progress,
    unit: Unit,
}

impl Bar {
    /// A bar with `what` before it.
    pub fn new(what: &str, unit: Unit) -> Bar {
        let progress = match unit {
            Unit::Bytes => Progress::bytes(what, None),
            Unit::Blocks => Progress::count(what, None),
        };
        Bar { progress, unit }
    }

    /// The bar, or one that shows nothing and stops all the same.
    pub fn shown(self, shown: bool) -> Bar {
        match shown {
            true => self,
            false => Bar {
                progress: Progress::hidden(),
                ..self
            },
        }
    }

    /// Takes the bar away while `print` writes.
    pub fn pause<T>(&self, print: impl FnOnce() -> T) -> T {
        self.progress.pause(print)
    }
}

impl ops::Watch for Bar {
    fn expect(&self, blocks: u64, bytes: u64) {
        self.progress.expect(match self.unit {
            Unit::Bytes => bytes,
            Unit::Blocks => blocks,
        });
    }

    fn did(&self, blocks: u64, bytes: u64) {
        self.progress.add(match self.unit {
            Unit::Bytes => bytes,
            Unit::Blocks => blocks,
        });
    }

    fn stops(&self) -> bool {
        stop::check().is_err()
    }
}

/// An error of an operation as the commands end with: what is known below is told from what is
/// known here.
pub fn told(error: ops::Error) -> anyhow::Error {
    match error {
        ops::Error::Stopped => stop::stopped().into(),
        ops::Error::Open(error) => error.into(),
        ops::Error::Store(error) => error.into(),
        ops::Error::Blocks(error) => error.into(),
        other => other.into(),
    }
}
