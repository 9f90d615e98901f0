//! Colour, where a terminal reads it.

use std::env;
use std::io::{self, IsTerminal};

/// How text is set off.
#[derive(Clone, Copy, Debug)]
pub struct Style(bool);

impl Style {
    /// For stdout: plain if it is no terminal, or `NO_COLOR` is set.
    pub fn stdout() -> Style {
        Style(io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none())
    }

    /// None at all.
    #[cfg(test)]
    pub fn plain() -> Style {
        Style(false)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A heading.
    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What holds.
    pub fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// What does not.
    pub fn bad(self, text: &str) -> String {
        self.with("31", text)
    }

    /// What matters less.
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
}

/// `text` without control characters: it comes from a file, a program or a terminal.
pub fn plain(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' => "\n".to_owned(),
        '\t' => "    ".to_owned(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// `text`, every line of it moved to the right by `by`.
pub fn indent(text: &str, by: usize) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line {
            "" => String::new(),
            line => format!("{:by$}{line}", ""),
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_speaks_to_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\nc");
        assert_eq!(Style::plain().bad("x"), "x");
    }
}
