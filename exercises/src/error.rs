//! How a command ends when it does not end well.

use std::fmt;
use std::io;
use std::path::Path;

/// The result of a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in words, and the exit code for it.
#[derive(Debug)]
pub struct Error {
    /// 1 failed, 3 wrong usage; 0 if whoever reads our output went away.
    pub code: u8,
    text: String,
}

impl Error {
    /// Something could not be done.
    pub fn failed(text: impl Into<String>) -> Error {
        Error {
            code: 1,
            text: text.into(),
        }
    }

    /// The command line asks for what there is not.
    pub fn usage(text: impl Into<String>) -> Error {
        Error {
            code: 3,
            text: text.into(),
        }
    }

    /// The system refused to `action` (a verb) `path`.
    pub fn io(action: &str, path: &Path, source: &io::Error) -> Error {
        Error::failed(format!("cannot {action} {}: {source}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Of our own output, since all else is told by [`Error::io`].
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error {
            code: u8::from(error.kind() != io::ErrorKind::BrokenPipe),
            text: format!("cannot print: {error}"),
        }
    }
}
