//! `cargo x docs`: what the pages show is what happens.
//!
//! Each `console` block of each page that git tracks runs in a fresh clone of what is committed, in the order
//! of the file, with `./data` empty when the file begins:
//!
//! ````text
//! ```console
//! $ cargo run --bin 01-persistent -- put notes.txt
//! bafkrei…  notes.txt
//! $ cargo run --bin 01-persistent -- get nonsense
//! error: …
//! …
//! [exit 1]
//! ```
//! ````
//!
//! - A command begins with `$ ` and goes on in the next line after a `\`. Each is a shell of its
//!   own in the root of the clone.
//! - What follows is what it prints, stdout and stderr as they come. `…` inside a line stands
//!   for anything; `…` alone for any number of lines. Cargo's own lines (`Compiling`,
//!   `Finished`, `Running`) are left out on both sides, and so are blanks at the end.
//! - It must succeed, unless the last line says `[exit N]`.
//! - A block marked `console,no-run`, or one that calls `apt`, `sudo` or `git clone`, is not
//!   run; it is listed.
//!
//! What is built lies in `CAIRN_DOCS_TARGET` (default: `.cache/cairn/docs` in the home folder),
//! outside the clone, so that a second run compiles this workspace only.

mod block;
mod output;
mod shell;

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use demo::units;

use crate::workspace;
use block::Step;
use shell::Shell;

/// How long one command may take. The first one compiles everything.
const LIMIT: Duration = Duration::from_secs(600);

/// Runs the blocks of all pages, or of one.
///
/// # Errors
/// If any block prints something else than its page shows; all of them are run first.
pub fn run(only: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let root = workspace::root()?;
    let files = pages(&root, only)?;
    let place = tempfile::Builder::new().prefix("cairn-docs-").tempdir()?;
    let clone = workspace::clone(&root, place.path())?;
    if !git(&root, &["status", "--porcelain"])?.is_empty() {
        writeln!(out, "note: what is not committed is not in the clone")?;
    }
    let mut shell = Shell::new(&clone, &target()?, LIMIT);
    // The clone lies elsewhere, and what tests look for beside it lies beside us.
    if let Some(tables) = testkit::fixtures::root() {
        shell = shell.with_env("CAIRN_FIXTURES", fs::canonicalize(tables)?.as_os_str());
    }
    let (mut ran, mut shown) = (0, 0);
    let mut faults = Vec::new();
    for file in &files {
        let text = workspace::read(&clone, file)?;
        let blocks = block::parse(file, &text)?;
        if blocks.is_empty() {
            continue;
        }
        shown += 1;
        fresh(&clone)?;
        for block in &blocks {
            if let Some(why) = &block.skip {
                writeln!(out, "{file}:{}: not run: {why}", block.line)?;
                continue;
            }
            for step in &block.steps {
                ran += 1;
                write!(
                    out,
                    "{file}:{}: {} ",
                    step.line,
                    step.command.replace('\n', " ")
                )?;
                out.flush()?;
                let start = Instant::now();
                match check(&shell, file, step)? {
                    None => writeln!(out, "ok, {}", units::duration(start.elapsed()))?,
                    Some(fault) => {
                        writeln!(out, "DIFFERS")?;
                        writeln!(out, "{fault}")?;
                        faults.push(format!("{file}:{}: {}", step.line, step.command));
                    }
                }
            }
        }
    }
    workspace::refuse("commands that do not print what is shown", &faults)?;
    writeln!(
        out,
        "docs: {ran} commands of {shown} pages print what is shown"
    )?;
    Ok(())
}

/// Runs one command; `Some` says how it differs from what is shown.
fn check(shell: &Shell, file: &str, step: &Step) -> Result<Option<String>> {
    let ran = shell.run(&step.command)?;
    let Some(code) = ran.code else {
        return Ok(Some(format!(
            "  stopped after {} or by a signal; it printed:\n{}",
            units::duration(LIMIT),
            ran.text
        )));
    };
    let mut told = output::compare(file, &step.shown, &ran.text);
    if code != step.exit {
        let exit = format!("  exit code {code}, and {} was expected\n", step.exit);
        told = Some(match told {
            Some(told) => exit + &told,
            None => format!("{exit}{}", ran.text),
        });
    }
    Ok(told)
}

/// The pages that git tracks; `only` one of them if it is named. Those of the book are one line each.
fn pages(root: &Path, only: Option<&str>) -> Result<Vec<String>> {
    let tracked = git(root, &["ls-files", "*.md", ":!book"])?;
    let mut files: Vec<String> = tracked.lines().map(str::to_owned).collect();
    if let Some(only) = only {
        let only = only.trim_start_matches("./");
        files.retain(|file| file == only);
        ensure!(!files.is_empty(), "{only} is no page that git tracks");
    }
    ensure!(!files.is_empty(), "git tracks no page");
    Ok(files)
}

/// Makes the clone as it was: nothing that earlier blocks left, `data` above all.
fn fresh(clone: &Path) -> Result<()> {
    git(clone, &["clean", "-ffdxq"])?;
    git(
        clone,
        &["checkout", "--quiet", "--force", "HEAD", "--", "."],
    )?;
    let data = clone.join("data");
    ensure!(
        !data.exists(),
        "{} is tracked; data is what programs make",
        data.display()
    );
    Ok(())
}

fn git(dir: &Path, args: &[&str]) -> Result<String> {
    workspace::output(Command::new("git").current_dir(dir).args(args))
}

fn target() -> Result<PathBuf> {
    let target = match env::var_os("CAIRN_DOCS_TARGET") {
        Some(target) => PathBuf::from(target),
        None => {
            let home = env::var_os("HOME").context("neither CAIRN_DOCS_TARGET nor HOME is set")?;
            PathBuf::from(home).join(".cache/cairn/docs")
        }
    };
    fs::create_dir_all(&target).with_context(|| format!("cannot create {}", target.display()))?;
    Ok(fs::canonicalize(target)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn differs(block: &str) -> bool {
        let dir = tempfile::tempdir().unwrap();
        let shell = Shell::new(dir.path(), dir.path(), Duration::from_secs(60));
        let text = format!("```console\n{block}```\n");
        let blocks = block::parse("README.md", &text).unwrap();
        let steps = blocks.iter().flat_map(|block| &block.steps);
        let told: Vec<_> = steps
            .map(|step| check(&shell, "README.md", step).unwrap())
            .collect();
        assert!(!told.is_empty());
        told.iter().any(Option::is_some)
    }

    #[test]
    fn right_output_passes() {
        assert!(!differs("$ echo one; echo two >&2\none\ntwo\n$ true\n"));
        assert!(!differs("$ echo took 7 ms\ntook … ms\n"));
        assert!(!differs("$ printf 'a\\n%s\\n' \\\n    b\na\nb\n"));
        assert!(!differs("$ echo no; exit 3\nno\n[exit 3]\n"));
    }

    #[test]
    fn wrong_output_does_not() {
        assert!(differs("$ echo one\ntwo\n"));
        assert!(differs("$ echo one\n"), "output that is not shown");
        assert!(differs("$ true\none\n"), "shown output that does not come");
        assert!(differs("$ echo one >&2\n"), "stderr is output");
    }

    #[test]
    fn a_wrong_exit_code_does_not_pass() {
        assert!(differs("$ echo one; exit 1\none\n"));
        assert!(differs("$ echo one\none\n[exit 1]\n"));
        assert!(differs("$ echo one; exit 2\none\n[exit 1]\n"));
    }

    #[test]
    fn pages_beside_a_readme_are_run_too() {
        let root = workspace::root().unwrap();
        let all = pages(&root, None).unwrap();
        for page in ["README.md", "modules/01-persistent/docs/backup.md"] {
            assert!(all.iter().any(|file| file == page), "{page}");
            assert_eq!(pages(&root, Some(page)).unwrap(), [page]);
        }
        pages(&root, Some("NOWHERE.md")).unwrap_err();
    }

    #[test]
    fn commands_share_the_folder() {
        assert!(!differs("$ echo x > kept\n$ cat kept\nx\n"));
    }
}
