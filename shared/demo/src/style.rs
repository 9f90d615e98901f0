//! Colour, or none.

use std::env;
use std::io::{self, IsTerminal};

/// Whether text is marked for a terminal.
///
/// Output that a file or another program reads carries no escape sequences, and neither does
/// any output if `NO_COLOR` is set to something (<https://no-color.org>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The text alone.
    Plain,
    /// The text between escape sequences.
    Colour,
}

impl Style {
    /// The style for what goes to stdout.
    pub fn stdout() -> Style {
        Style::of(io::stdout().is_terminal(), no_color())
    }

    /// The style for what goes to stderr.
    pub fn stderr() -> Style {
        Style::of(io::stderr().is_terminal(), no_color())
    }

    fn of(terminal: bool, no_color: bool) -> Style {
        if terminal && !no_color {
            Style::Colour
        } else {
            Style::Plain
        }
    }

    /// `text`, bold.
    pub fn bold(self, text: &str) -> String {
        self.mark("1", text)
    }

    /// `text`, faint: what may be skipped.
    pub fn faint(self, text: &str) -> String {
        self.mark("2", text)
    }

    /// `text`, red: what went wrong.
    pub fn bad(self, text: &str) -> String {
        self.mark("31", text)
    }

    /// `text`, green: what went well.
    pub fn good(self, text: &str) -> String {
        self.mark("32", text)
    }

    fn mark(self, code: &str, text: &str) -> String {
        match self {
            Style::Plain => text.to_owned(),
            Style::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_without_no_color_is_marked() {
        assert_eq!(Style::of(true, false), Style::Colour);
        assert_eq!(Style::of(true, true), Style::Plain);
        assert_eq!(Style::of(false, false), Style::Plain);
        assert_eq!(Style::of(false, true), Style::Plain);
    }

    #[test]
    fn plain_text_is_left_alone() {
        assert_eq!(Style::Plain.bold("a"), "a");
        assert_eq!(Style::Colour.bold("a"), "\x1b[1ma\x1b[0m");
    }
}
