//! `watch`: checks whenever the file is saved.
//!
//! The file is looked at every 300 ms, by size, time and bytes: notifications of the system miss saves on
//! WSL and in containers.

use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, SystemTime};

use super::{Context, check, hint, list, next, solution};
use crate::error::Result;
use crate::files;

const EVERY: Duration = Duration::from_millis(300);

/// Checks one exercise after the other, until `q`.
pub fn run(cx: &mut Context<'_>, id: Option<&str>) -> Result<u8> {
    let (mut module, mut exercise) = cx.pick(id)?;
    let keys = keys();
    loop {
        cx.lab.prepare(module, exercise)?;
        let mut watched = Watched::new(cx.lab.answer(module, exercise.file));
        let holds = check::one(cx, module, exercise)?.holds();
        writeln!(
            cx.out,
            "\nwatching {}   h hint · n next · l list · s solution · q quit, then Enter",
            cx.shown(module, exercise)
        )?;
        let mut open = true;
        loop {
            let key = if open {
                keys.recv_timeout(EVERY)
            } else {
                // Nobody types any more, and saves still count.
                thread::sleep(EVERY);
                Err(RecvTimeoutError::Timeout)
            };
            match key.as_deref() {
                Ok("q") => return Ok(u8::from(!holds)),
                Ok("h") => drop(hint::run(cx, Some(exercise.id), false)?),
                Ok("l") => drop(list::run(cx, None, false)?),
                Ok("s") => drop(solution::run(cx, Some(exercise.id), true)?),
                Ok("n") => {
                    let Some(found) = cx.first_open() else {
                        writeln!(cx.out, "All exercises are done.")?;
                        return Ok(0);
                    };
                    (module, exercise) = found;
                    next::begin(cx, module, exercise)?;
                    break;
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => open = false,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if watched.changed() {
                writeln!(cx.out)?;
                break;
            }
        }
    }
}

/// Lines from the terminal.
fn keys() -> mpsc::Receiver<String> {
    let (send, keys) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if send.send(line.trim().to_owned()).is_err() {
                break;
            }
        }
    });
    keys
}

/// A file, as it was seen last.
struct Watched {
    path: PathBuf,
    seen: Option<Seen>,
}

#[derive(PartialEq)]
struct Seen {
    len: u64,
    time: Option<SystemTime>,
    hash: String,
}

impl Watched {
    fn new(path: PathBuf) -> Watched {
        let seen = look(&path);
        Watched { path, seen }
    }

    /// Whether it has other bytes than before. A file that is just being replaced has none.
    fn changed(&mut self) -> bool {
        let (Some(now), seen) = (look(&self.path), self.seen.as_ref()) else {
            return false;
        };
        let changed = seen.is_none_or(|seen| seen.hash != now.hash);
        if changed || seen != Some(&now) {
            self.seen = Some(now);
        }
        changed
    }
}

fn look(path: &Path) -> Option<Seen> {
    let meta = fs::metadata(path).ok()?;
    Some(Seen {
        len: meta.len(),
        time: meta.modified().ok(),
        hash: files::hash(&fs::read_to_string(path).ok()?),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_save_is_seen_whatever_the_editor_does() {
        let dir = std::env::temp_dir().join(format!("cairn-watch-{}", std::process::id()));
        let path = dir.join("a.rs");
        files::write(&path, "one").unwrap();
        let mut watched = Watched::new(path.clone());
        assert!(!watched.changed());
        // The same length, and perhaps the same time.
        fs::write(&path, "two").unwrap();
        assert!(watched.changed());
        assert!(!watched.changed());
        // Saved without a change.
        fs::write(&path, "two").unwrap();
        assert!(!watched.changed());
        // Replaced, as many editors do.
        fs::remove_file(&path).unwrap();
        assert!(!watched.changed());
        fs::write(&path, "three").unwrap();
        assert!(watched.changed());
        fs::remove_dir_all(&dir).unwrap();
    }
}
