//! What is named on the command line, and what of it can be added.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use demo::{Usage, plain};
use persistent::Persistent;
use persistent::program::input::Input;
use persistent::program::store;
use unixfs_car::Source;
use unixfs_car::import::Filter;

use super::flags::Add;

/// What is to be added, in order: by name, as in Kubo. With `-w`, it is one folder.
pub fn sources(add: &Add) -> Result<Vec<Source<'static>>> {
    let mut sources = Vec::new();
    let mut folders = BTreeMap::new();
    let mut has_stdin = add.paths.is_empty();
    for path in &add.paths {
        if path == Path::new("-") {
            has_stdin = true;
            continue;
        }
        let path = resolved(add, path)?;
        let name = path
            .file_name()
            .unwrap_or_default()
            .as_encoded_bytes()
            .to_vec();
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        match folders.insert(name.clone(), folder.clone()) {
            // The same file once more.
            Some(before) if before == folder => continue,
            Some(before) => {
                return Err(Usage::new(format!(
                    "two of the paths have the name {:?}, in {} and in {}; add them one after the other",
                    plain(&String::from_utf8_lossy(&name)),
                    before.display(),
                    folder.display()
                ))
                .into());
            }
            None => {}
        }
        let found = fs::symlink_metadata(&path);
        let found = found.with_context(|| format!("cannot add {}", path.display()))?;
        if found.is_dir() && !add.recursive {
            return Err(Usage::new(format!(
                "{} is a folder; -r adds it with all that is in it",
                path.display()
            ))
            .into());
        }
        // A pipe is waited for, and a signal ends the wait.
        let source = match is_pipe(&found) {
            true => Source::reader(Input::open(&path)).named(name.clone()),
            false => Source::path(path),
        };
        sources.push((name, source));
    }
    if has_stdin {
        if std::io::stdin().is_terminal() {
            store::note("reading what you type; Ctrl-D ends it");
        }
        let name = add.stdin_name.clone().unwrap_or_default().into_bytes();
        let stdin = Source::reader(Input::stdin()).named(name.clone());
        sources.push((name, stdin));
    }
    sources.sort_by(|(a, _), (b, _)| a.cmp(b));
    let sources = sources.into_iter().map(|(_, source)| source).collect();
    Ok(match add.wrap_with_directory {
        true => vec![Source::folder(sources)],
        false => sources,
    })
}

/// Refuses what has the store in it, which grows while it is read, and is read to its end.
pub fn refuse_store(add: &Add, filter: &Filter, store: &Persistent) -> Result<()> {
    let Some(home) = store.path() else {
        return Ok(());
    };
    let real = fs::canonicalize(home)?;
    for path in &add.paths {
        // What is not there was told, and stdin has no place.
        let Ok(added) = fs::canonicalize(path) else {
            continue;
        };
        let mut way = match real.strip_prefix(&added) {
            Ok(way) => way.iter(),
            Err(_) if added.starts_with(&real) => Path::new("").iter(),
            Err(_) => continue,
        };
        if way.any(|name| filter.excludes(name.as_encoded_bytes())) {
            continue;
        }
        let name = real.file_name().unwrap_or_default().to_string_lossy();
        return Err(Usage::new(format!(
            "{} is to be stored in {}, which is the same place, and would grow while it is read: keep the \
             store elsewhere (--path), or leave it out (--ignore {})",
            plain(&path.display().to_string()),
            plain(&home.display().to_string()),
            plain(&name)
        ))
        .into());
    }
    Ok(())
}

#[cfg(unix)]
fn is_pipe(found: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &fs::Metadata) -> bool {
    false
}

/// The path without what says nothing, and with a name at its end; what it leads to, if that was asked
/// for.
fn resolved(add: &Add, path: &Path) -> Result<PathBuf> {
    let named = || format!("cannot add {}", path.display());
    let cleaned = cleaned(path);
    if add.dereference_args || add.dereference_symlinks || cleaned.file_name().is_none() {
        return fs::canonicalize(&cleaned).with_context(named);
    }
    Ok(cleaned)
}

/// As Go's `filepath.Clean`: `a/./b/../c/` is `a/c`, whatever `b` leads to.
fn cleaned(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match (part, clean.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                clean.pop();
            }
            (Component::ParentDir, Some(Component::RootDir)) => {}
            (part, _) => clean.push(part),
        }
    }
    match clean.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_cleans_them() {
        for (path, clean) in [
            ("a", "a"),
            ("./a//b/./c/", "a/b/c"),
            ("a/b/../c", "a/c"),
            ("a/..", "."),
            ("", "."),
            ("../a", "../a"),
            ("../../a/../..", "../../.."),
            ("/..", "/"),
            ("/a/../../b", "/b"),
        ] {
            assert_eq!(cleaned(Path::new(path)), Path::new(clean), "{path}");
        }
    }
}
