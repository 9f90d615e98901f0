//! `cargo x names`: tracked text names no path of the machine it was written on.
//!
//! A path below somebody's home works for nobody else, and tells who they are.

use std::env;
use std::path::{Component, Path};
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace;

/// Folders at the root of a machine that hold what is somebody's own. Not written with their
/// slashes, or this file would be found.
const OWN: &[&str] = &["home", "root", "Users", "work"];

/// Checks what git tracks.
pub fn run() -> Result<String> {
    let root = workspace::root()?;
    let words = words(&root, env::var_os("HOME").as_deref().map(Path::new));
    let mut git = Command::new("git");
    git.current_dir(&root).args(["ls-files", "-z"]);
    let files = workspace::output(&mut git)?;
    let mut faults = Vec::new();
    let mut read = 0;
    for file in files.split_terminator('\0') {
        let path = root.join(file);
        // Deleted and not yet committed, or a link: no text of ours.
        if !path.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
            continue;
        }
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {file}"))?;
        read += 1;
        for (line, found) in paths(&String::from_utf8_lossy(&bytes), &words) {
            faults.push(format!("{file}:{line}: {found}"));
        }
    }
    workspace::refuse("paths of a machine in tracked text", &faults)?;
    Ok(format!(
        "names: {read} files, none with a path of a machine"
    ))
}

/// The first folders of paths that are somebody's own: the usual ones, the one above this
/// checkout and the one above `home`.
fn words(root: &Path, home: Option<&Path>) -> Vec<String> {
    let mut words: Vec<String> = OWN.iter().map(|&word| word.to_owned()).collect();
    for path in [Some(root), home].into_iter().flatten() {
        let first = path.components().find_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        // A checkout in a temporary folder says nothing about anybody.
        if let Some(first) =
            first.filter(|first| !["tmp", "var", "usr", "opt", "srv"].contains(first))
        {
            words.push(first.to_owned());
        }
    }
    words.sort();
    words.dedup();
    words
}

/// Line numbers and lines with an absolute path that begins with one of `words`.
fn paths<'a>(text: &'a str, words: &[String]) -> Vec<(usize, &'a str)> {
    let starts = |line: &str| {
        words.iter().any(|word| {
            let path = format!("/{word}/");
            line.match_indices(&path).any(|(at, _)| {
                // `a/work/b` and `host.org/home/` are no paths from the root.
                let before = line.get(..at).and_then(|line| line.chars().next_back());
                !before.is_some_and(|c| c.is_alphanumeric() || "./_-$}…~".contains(c))
            })
        })
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| starts(line))
        .map(|(at, line)| (at + 1, line.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_machine_is_found() {
        let words = words(Path::new("/farm/tree"), Some(Path::new("/people/me")));
        for word in ["home", "root", "farm", "people"] {
            let text = format!("one\nsee /{word}/me/x.rs here");
            assert_eq!(paths(&text, &words).len(), 1, "{word}");
            assert_eq!(paths(&text, &words).first().map(|found| found.0), Some(2));
        }
    }

    #[test]
    fn other_paths_are_left_alone() {
        let words = words(Path::new("/tmp/x/tree"), None);
        for text in [
            "/tmp/x",
            "modules/work/x",
            "https://example.org/home/x",
            "~/work/x",
            "/homes/x",
            "/root",
        ] {
            assert_eq!(paths(text, &words), [], "{text}");
        }
    }
}
