//! `cargo x crates`: the number of crates in the default build, and that the README states it.
//!
//! Counted are the packages that a bare `cargo build` compiles on Linux, ours among them; what
//! only tests need is left out.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::metadata::PLATFORM;
use crate::workspace;

/// What stands behind the number in the README.
const PHRASE: &str = "crates in the default build";

/// Counts, and reads the README.
///
/// # Errors
/// If the README states another number, or none; the error has the right one.
pub fn run() -> Result<String> {
    let root = workspace::root()?;
    let number = number(&root)?;
    let told = format!("{number} {PHRASE}");
    let readme = workspace::read(&root, "README.md").with_context(|| told.clone())?;
    let stated = stated(&readme).with_context(|| told.clone())?;
    ensure!(stated == number, "{told}, and README.md says {stated}");
    Ok(told)
}

/// The number of crates in the default build.
fn number(root: &Path) -> Result<usize> {
    let mut cargo = workspace::cargo(root);
    cargo.args([
        "tree",
        "--locked",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--target",
        PLATFORM,
    ]);
    let crates = count(&workspace::output(&mut cargo)?);
    ensure!(crates > 0, "cargo tree lists no crate");
    Ok(crates)
}

/// The distinct packages of `cargo tree --prefix none`: `name vX.Y.Z (what else)` a line.
fn count(tree: &str) -> usize {
    let packages: BTreeSet<(&str, &str)> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .collect();
    packages.len()
}

/// The number before [`PHRASE`] in a README.
fn stated(readme: &str) -> Result<usize> {
    let text = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, _) = text
        .split_once(PHRASE)
        .with_context(|| format!("README.md does not state the number of {PHRASE}"))?;
    let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
    let digits = word.trim_matches(|c: char| !c.is_ascii_digit());
    digits
        .parse()
        .with_context(|| format!("README.md says `{word} {PHRASE}`, which begins with no number"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_crate_counts_once_in_each_version() {
        let tree =
            "a v1.0.0 (/x/a)\nb v1.0.0\nc v2.0.0 (proc-macro)\n\na v1.0.0 (/x/a) (*)\nb v1.1.0\n";
        assert_eq!(count(tree), 4);
    }

    #[test]
    fn the_number_is_found_where_it_stands() {
        for text in [
            "It is 217 crates in the default build.",
            "It is **217 crates in the default build**",
            "(217\ncrates in the\ndefault build)",
        ] {
            assert_eq!(stated(text).unwrap(), 217, "{text}");
        }
    }

    #[test]
    fn a_readme_without_it_is_an_error() {
        stated("217 crates").unwrap_err();
        stated("some crates in the default build").unwrap_err();
        stated("crates in the default build").unwrap_err();
    }

    #[test]
    fn the_readme_states_the_number() {
        run().unwrap();
    }
}
