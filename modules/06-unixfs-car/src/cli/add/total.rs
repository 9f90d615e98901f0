//! How many bytes there are to add, for a bar that knows where its end is.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use unixfs_car::import::Filter;

/// The bytes of all files that `paths` lead to and `filter` leaves; `None` once it has `ended`. What cannot
/// be looked at is not counted: whoever adds it says why.
pub fn total(
    mut paths: Vec<PathBuf>,
    filter: &Filter,
    follow: bool,
    ended: &AtomicBool,
) -> Option<u64> {
    let mut total = 0;
    while let Some(path) = paths.pop() {
        if ended.load(Relaxed) {
            return None;
        }
        let found = match follow {
            true => fs::metadata(&path),
            false => fs::symlink_metadata(&path),
        };
        let Ok(found) = found else { continue };
        if found.is_file() {
            total += found.len();
        } else if found.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            let taken = entries.filter(|e| !filter.excludes(e.file_name().as_encoded_bytes()));
            paths.extend(taken.map(|entry| entry.path()));
        }
    }
    Some(total)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_not_counted() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        for (name, len) in [("a", 5), ("sub/b", 70), (".c", 900)] {
            fs::write(dir.path().join(name), vec![0; len]).unwrap();
        }
        let paths = || {
            vec![
                dir.path().to_owned(),
                dir.path().join("a"),
                "missing".into(),
            ]
        };
        let count = |hidden| {
            let filter = Filter {
                hidden,
                ..Filter::default()
            };
            total(paths(), &filter, false, &AtomicBool::new(false))
        };
        assert_eq!((count(false), count(true)), (Some(80), Some(980)));
        let ended = AtomicBool::new(true);
        assert_eq!(total(paths(), &Filter::default(), false, &ended), None);
    }
}
