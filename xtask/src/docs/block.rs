//! The `console` blocks of a page.

use anyhow::{Result, bail, ensure};

/// One fenced block.
#[derive(Debug)]
pub struct Block {
    /// The line of its fence, from 1.
    pub line: usize,
    /// Why it is not run, if it is not.
    pub skip: Option<String>,
    /// Its commands, in order.
    pub steps: Vec<Step>,
}

/// A command and what it is said to print.
#[derive(Debug)]
pub struct Step {
    /// The line of the command, from 1.
    pub line: usize,
    /// What the shell gets; may be several lines.
    pub command: String,
    /// Line numbers and lines of output.
    pub shown: Vec<(usize, String)>,
    /// The exit code.
    pub exit: i32,
}

/// Finds the blocks of `text`; `file` is for messages.
///
/// # Errors
/// For a block that does not end, shows output before any command, or has no command.
pub fn parse(file: &str, text: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((at, line)) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let ticks = line.trim_start().len() - line.trim_start().trim_start_matches('`').len();
        if ticks < 3 {
            continue;
        }
        let fence = "`".repeat(ticks);
        let info = line.trim().trim_start_matches('`').trim();
        let mut body = Vec::new();
        loop {
            let Some((number, line)) = lines.next() else {
                bail!("{file}:{at}: the block does not end");
            };
            if line.trim() == fence {
                break;
            }
            // A block inside a list stands further to the right.
            let lead = line.len() - line.trim_start().len();
            body.push((number, line.get(indent.min(lead)..).unwrap_or_default()));
        }
        let mut words = info.split([',', ' ']).map(str::trim);
        if words.next() == Some("console") {
            let marked = words.any(|word| word == "no-run");
            blocks.push(block(file, at, marked, &body)?);
        }
    }
    Ok(blocks)
}

fn block(file: &str, at: usize, marked: bool, body: &[(usize, &str)]) -> Result<Block> {
    let mut steps: Vec<Step> = Vec::new();
    let mut more = false;
    for &(line, text) in body {
        if more && let Some(step) = steps.last_mut() {
            step.command.push('\n');
            step.command.push_str(text);
            more = text.ends_with('\\');
        } else if let Some(command) = text.strip_prefix("$ ") {
            more = command.ends_with('\\');
            steps.push(Step {
                line,
                command: command.to_owned(),
                shown: Vec::new(),
                exit: 0,
            });
        } else if let Some(step) = steps.last_mut() {
            step.shown.push((line, text.to_owned()));
        } else {
            ensure!(
                text.trim().is_empty(),
                "{file}:{line}: output before any command; commands begin with `$ `"
            );
        }
    }
    ensure!(
        !steps.is_empty(),
        "{file}:{at}: a console block without a command"
    );
    for step in &mut steps {
        let end = step
            .shown
            .iter()
            .rposition(|(_, text)| !text.trim().is_empty());
        step.shown.truncate(end.map_or(0, |end| end + 1));
        if let Some((_, last)) = step.shown.last()
            && let Some(code) = last
                .trim()
                .strip_prefix("[exit ")
                .and_then(|s| s.strip_suffix(']'))
            && let Ok(code) = code.parse()
        {
            step.exit = code;
            step.shown.pop();
        }
    }
    let skip = if marked {
        Some("marked no-run".to_owned())
    } else {
        steps.iter().find_map(|step| foreign(&step.command))
    };
    Ok(Block {
        line: at,
        skip,
        steps,
    })
}

/// Why a command is not ours to run: it changes the machine, or fetches what is not here.
fn foreign(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    for tool in ["apt", "apt-get", "sudo"] {
        if words.contains(&tool) {
            return Some(format!("calls {tool}"));
        }
    }
    words
        .windows(2)
        .any(|pair| pair == ["git", "clone"])
        .then(|| "calls git clone".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn commands_and_what_they_show_are_found() {
        let text = "# T\n```rust\n$ no\n```\n\n```console\n$ a \\\n  -b\none\n\ntwo\n\n$ c\n[exit 2]\n```\n";
        let blocks = parse("README.md", text).unwrap();
        assert_eq!(blocks.len(), 1);
        let [a, c] = &blocks[0].steps[..] else {
            unreachable!("{blocks:?}");
        };
        assert_eq!((a.line, a.command.as_str(), a.exit), (7, "a \\\n  -b", 0));
        let shown: Vec<_> = a
            .shown
            .iter()
            .map(|(at, text)| (*at, text.as_str()))
            .collect();
        assert_eq!(shown, [(9, "one"), (10, ""), (11, "two")]);
        assert_eq!((c.line, c.exit, c.shown.len()), (13, 2, 0));
    }

    #[test]
    fn a_fence_inside_a_longer_fence_is_text() {
        let text = "````text\n```console\n$ no\n```\n````\n";
        assert!(parse("README.md", text).unwrap().is_empty());
    }

    #[test]
    fn a_block_in_a_list_loses_its_indent() {
        let text = "1. first\n\n   ```console\n   $ a\n   one\n     two\n   ```\n";
        let step = &parse("README.md", text).unwrap()[0].steps[0];
        assert_eq!(step.command, "a");
        assert_eq!(step.shown, [(5, "one".to_owned()), (6, "  two".to_owned())]);
    }

    #[test]
    fn what_changes_the_machine_is_not_run() {
        for (text, why) in [
            ("```console,no-run\n$ a\n```\n", "no-run"),
            ("```console\n$ sudo apt install clang\n```\n", "apt"),
            ("```console\n$ a\n$ apt-get install clang\n```\n", "apt-get"),
            (
                "```console\n$ git clone https://example.org/x && cd x\n```\n",
                "git clone",
            ),
        ] {
            let blocks = parse("README.md", text).unwrap();
            assert!(blocks[0].skip.as_ref().unwrap().contains(why), "{text}");
        }
        assert!(
            parse("R", "```console\n$ echo adapt\n```\n").unwrap()[0]
                .skip
                .is_none()
        );
    }

    #[test]
    fn a_block_that_is_none_is_an_error() {
        parse("R", "```console\n$ a\n").unwrap_err();
        parse("R", "```console\none\n$ a\n```\n").unwrap_err();
        parse("R", "```console\n```\n").unwrap_err();
    }
}
