//! The checks of this workspace: `cargo x check`, `cargo x docs` and the others.
//!
//! Each check is a function from text (manifests, the lockfile, a README) to the faults in it,
//! with tests that hand it broken text, and a few lines that fetch the real text.

mod check;
mod crates;
mod docs;
mod faults;
mod fixtures;
mod floors;
mod fresh;
mod fuzz;
mod interop;
mod ladder;
mod licences;
mod long;
mod metadata;
mod names;
mod pages;
mod pictures;
mod suite;
mod workspace;

use std::env;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use demo::Usage;

const USAGE: &str = "\
cargo x COMMAND

  check              what CI proves and is quick: fmt, clippy, doc and the checks below
  ladder             a crate uses the crates below it only, and is named after its folder
  floors             no locked version with a known fault, no denied crate
  licences           every crate's licence allows what ours allow, every source is crates.io
  names              tracked text names no path of a machine
  crates             the number of crates in the default build
  pages              links, excerpts and chapters of the pages
  book               the pages as a book, by mdBook
  docs [--file F]    runs the console blocks of each page in a fresh clone
  pictures           draws the pictures of the lessons   [--check: are they as they are drawn?]
  fixtures           where each foreign table comes from, and whether it is there
  faults             the fault laboratories, and a table of what they found
         [--long] [--only NAME] [--kinds file,redb] [--seed N] [--write | --page]
  fuzz               every decoder in the hands of libFuzzer, and a table of what it did
         [TARGET] [--seconds N | --runs N | --input FILE] [--jobs N]
  interop            what Kubo and Helia say of our blocks, CARs and folders
  long [--only N]    what is longer than CI
  fresh              the time of a first `cargo run --bin 01-persistent`
  ci                 all that CI runs: .ci/run
";

fn main() -> ExitCode {
    demo::run(|out| {
        let args: Vec<String> = env::args().skip(1).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        command(&args, out)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn command(args: &[&str], out: &mut dyn Write) -> Result<()> {
    let told = match args {
        ["check"] => return check::run(out),
        ["ladder"] => ladder::run()?,
        ["floors"] => floors::run()?,
        ["licences"] => licences::run()?,
        ["names"] => names::run()?,
        ["crates"] => crates::run()?,
        ["pages"] => pages::run()?,
        ["book"] => pages::book()?,
        ["docs"] => return docs::run(None, out),
        ["docs", "--file", file] => return docs::run(Some(file), out),
        ["pictures"] => return pictures::write(out),
        ["pictures", "--check"] => pictures::check()?,
        ["fixtures"] => return fixtures::run(out),
        ["faults", rest @ ..] => return faults::run(rest, out),
        ["fuzz", rest @ ..] => return fuzz::run(rest, out),
        ["long"] => return long::run(None, out),
        ["long", "--only", name] => return long::run(Some(name), out),
        ["interop"] => return interop::run(out),
        ["fresh"] => fresh::run()?,
        ["ci"] => return check::ci(),
        [] | ["help" | "-h" | "--help"] => {
            write!(out, "{USAGE}")?;
            return Ok(());
        }
        other => bail!(Usage::new(format!(
            "unknown command `{}`; `cargo x help` lists what there is",
            other.join(" ")
        ))),
    };
    writeln!(out, "{told}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_unknown_command_is_wrong_usage() {
        let error = command(&["chekc"], &mut Vec::new()).unwrap_err();
        assert!(error.is::<Usage>());
        assert!(error.to_string().contains("chekc"));
    }
}
