//! What a program was called with.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{Error, Parser};

use crate::Style;
use crate::exit::run;
use crate::plain::plain;

/// Reads the command line; or says what is wrong with it on stderr, or prints the help that was
/// asked for, and gives the exit code to end with. What was typed is [escaped](crate::plain())
/// where it is repeated, which clap leaves to its caller.
///
/// # Errors
/// 2 for what is wrong, 0 for help, 1 for help that cannot be written.
pub fn args<A: Parser>() -> Result<A, ExitCode> {
    A::try_parse().map_err(|error| {
        if !error.use_stderr() {
            let printed = error.print().and_then(|()| io::stdout().flush());
            return run(|_| match printed {
                // Its reader went away, and wants no more.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
                printed => Ok(printed.map(|()| ExitCode::SUCCESS)?),
            });
        }
        // Nothing is left to be done if stderr is gone.
        let _ = io::stderr().write_all(told(&error, Style::stderr()).as_bytes());
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })
}

fn told(error: &Error, style: Style) -> String {
    let text = error.render().to_string();
    let (mark, text) = match text.strip_prefix("error:") {
        Some(rest) => (style.bad("error:"), rest),
        None => (String::new(), text.as_str()),
    };
    let lines = text.lines().map(|line| plain(line) + "\n");
    mark + &lines.collect::<String>()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Debug, Parser)]
    struct Args {
        #[arg(long)]
        number: Option<u8>,
    }

    #[test]
    fn what_was_typed_cannot_speak_to_the_terminal() {
        // Clap has the sequences of a terminal left out of what it repeats, and no more than that.
        let typed = ["program", "--number", "\x1b[2J\u{9b}2J\u{202e}7"];
        let error = Args::try_parse_from(typed).unwrap_err();
        let said = told(&error, Style::Plain);
        let begins = r"error: invalid value '\u{9b}2J\u{202e}7' for '--number <NUMBER>'";
        assert!(said.starts_with(begins), "{said}");
        assert!(
            said.ends_with("\n\nFor more information, try '--help'.\n"),
            "{said}"
        );
        assert!(told(&error, Style::Colour).starts_with("\x1b[31merror:\x1b[0m invalid"));
    }
}
