//! How a program ends.

use std::error::Error;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use crate::Style;
use crate::pipe::Pipe;
use crate::plain::plain;

/// Wrong usage that only the program itself can see: [`run`] ends with 2, as clap does for what
/// it sees.
#[derive(Debug)]
pub struct Usage(String);

impl Usage {
    /// `text` says what is wrong and what would be right.
    pub fn new(text: impl Into<String>) -> Usage {
        Usage(text.into())
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}

/// An error of several lines, made by the program itself, such as a list of faults: [`report`]
/// keeps its newlines, and escapes those of every other.
#[derive(Debug)]
pub struct Lines(String);

impl Lines {
    /// `text` has one line or more.
    pub fn new(text: impl Into<String>) -> Lines {
        Lines(text.into())
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Lines {}

/// Runs a program that writes to stdout, and says how the process ends.
///
/// `program` gets stdout: by lines on a terminal, in larger pieces elsewhere. What it returns
/// is the exit code; an error is [reported](report) on stderr and gives 1, or 2 if it is, or was
/// caused by, [`Usage`]. When the reader of stdout goes away (`ls | head`), the next write
/// fails, the program ends with that error, and `run` is silent and gives 0.
pub fn run(program: impl FnOnce(&mut dyn Write) -> anyhow::Result<ExitCode>) -> ExitCode {
    let stdout = io::stdout();
    let end = if stdout.is_terminal() {
        finish(stdout, program)
    } else {
        finish(BufWriter::with_capacity(64 << 10, stdout), program)
    };
    match end {
        Ok(code) => code,
        Err(error) => {
            // Nothing is left to be done if stderr is gone too.
            let _ = report(&mut io::stderr().lock(), &error, Style::stderr());
            ExitCode::from(code(&error))
        }
    }
}

fn finish(
    to: impl Write,
    program: impl FnOnce(&mut dyn Write) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let mut out = Pipe::new(to);
    let gone = out.gone();
    let end = program(&mut out);
    let flushed = out.flush();
    if gone.get() {
        return Ok(ExitCode::SUCCESS);
    }
    let code = end?;
    flushed?;
    Ok(code)
}

fn code(error: &anyhow::Error) -> u8 {
    if error.chain().any(|cause| cause.is::<Usage>()) {
        2
    } else {
        1
    }
}

/// Writes an error and its causes:
///
/// ```text
/// error: cannot open ./data/redb
///   because: another process holds the lock
/// ```
///
/// A cause that the line above already tells in full is left out. Each has one line, whatever
/// names it tells, unless it is [`Lines`]: control characters are [escaped](crate::plain()).
///
/// # Errors
/// Those of `to`.
pub fn report(to: &mut dyn Write, error: &anyhow::Error, style: Style) -> io::Result<()> {
    let mut above = String::new();
    for (depth, cause) in error.chain().enumerate() {
        let text = cause.to_string();
        let text = if cause.is::<Lines>() {
            let lines: Vec<String> = text.lines().map(plain).collect();
            lines.join("\n")
        } else {
            plain(&text)
        };
        if depth == 0 {
            writeln!(to, "{} {text}", style.bad("error:"))?;
        } else if !above.contains(&text) {
            writeln!(to, "  because: {text}")?;
        }
        above = text;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use anyhow::{Context, anyhow};

    use super::*;

    fn told(error: &anyhow::Error) -> String {
        let mut text = Vec::new();
        report(&mut text, error, Style::Plain).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        let error = anyhow!("the lowest").context("the middle").context("top");
        assert_eq!(
            told(&error),
            "error: top\n  because: the middle\n  because: the lowest\n"
        );
    }

    #[test]
    fn a_cause_is_not_told_twice() {
        let error = anyhow!("no space").context("cannot write: no space");
        assert_eq!(told(&error), "error: cannot write: no space\n");
    }

    #[test]
    fn an_error_cannot_speak_to_the_terminal() {
        let error = anyhow!("no\x1b[2J such\u{9b}2J file").context("cannot open a\nerror: b");
        assert_eq!(
            told(&error),
            "error: cannot open a\\nerror: b\n  because: no\\u{1b}[2J such\\u{9b}2J file\n"
        );
    }

    #[test]
    fn lines_of_our_own_stay_lines() {
        let error = anyhow::Error::new(Lines::new("two faults:\n  a\x1b\n  b"));
        assert_eq!(told(&error), "error: two faults:\n  a\\u{1b}\n  b\n");
    }

    #[test]
    fn usage_is_2_and_the_rest_1() {
        assert_eq!(code(&anyhow!("disk")), 1);
        assert_eq!(code(&Usage::new("no such flag").into()), 2);
        let wrapped = Err::<(), _>(Usage::new("x")).context("around").unwrap_err();
        assert_eq!(code(&wrapped), 2);
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_goes_ends_the_program_quietly() {
        for to in [
            Box::new(Closed) as Box<dyn Write>,
            Box::new(BufWriter::new(Closed)),
        ] {
            let end = finish(to, |out| {
                writeln!(out, "one line")?;
                Ok(ExitCode::SUCCESS)
            });
            assert_eq!(end.unwrap(), ExitCode::SUCCESS);
        }
    }

    #[test]
    fn a_broken_pipe_elsewhere_is_an_error() {
        let end = finish(Vec::new(), |_| {
            Err(io::Error::from(io::ErrorKind::BrokenPipe).into())
        });
        end.unwrap_err();
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// `ls > /dev/full`: what was still in the buffer is not lost in silence.
    #[test]
    fn output_that_cannot_be_written_is_an_error() {
        let end = finish(BufWriter::new(Full), |out| {
            writeln!(out, "one line")?;
            Ok(ExitCode::SUCCESS)
        });
        end.unwrap_err();
    }
}
