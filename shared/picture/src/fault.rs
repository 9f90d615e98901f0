//! What keeps a reader from reading a picture.

use std::error;
use std::fmt;

/// Why there is no picture: a reader would not be able to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This text is wider than its area.
    Wide(String),
    /// This text is cut off at the edge of the picture.
    Cut(String),
    /// One of these texts runs over the other.
    Over(String, String),
    /// It does not say what it shows.
    Mute,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Wide(text) => write!(f, "the text {text:?} is wider than its area"),
            Fault::Cut(text) => {
                write!(f, "the text {text:?} is cut off at the edge of the picture")
            }
            Fault::Over(one, other) => {
                write!(f, "the texts {one:?} and {other:?} run over each other")
            }
            Fault::Mute => write!(f, "the picture has no title, or does not say what it shows"),
        }
    }
}

impl error::Error for Fault {}
