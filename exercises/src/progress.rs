//! How far somebody is: a text file in the lab, one line for each exercise that was begun.
//!
//! ```text
//! 00-1 solved marks=wi hints=1 tries=4 first=1760000000 last=1760000600 stub=… check=…
//! ```
//!
//! Times are seconds since 1970. Copied to another machine it works there, and a line that cannot be
//! read is kept as it is.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::Result;
use crate::exercise::{Exercise, Mark};
use crate::files;
use crate::lab::Lab;

/// How one exercise stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not begun, or not all of `works` holds.
    #[default]
    Open,
    /// What works holds: one may go on.
    Pass,
    /// All checks hold.
    Solved,
    /// The solution was looked at before.
    Peeked,
}

impl State {
    const ALL: [State; 4] = [State::Open, State::Pass, State::Solved, State::Peeked];

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Pass => "pass",
            State::Solved => "solved",
            State::Peeked => "peeked",
        }
    }
}

/// What is known of one exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub id: String,
    /// How it stands.
    pub state: State,
    /// The marks that it has.
    pub marks: Vec<Mark>,
    /// How many hints were given.
    pub hints: usize,
    /// How often it was checked.
    pub tries: u64,
    /// When it was first looked at.
    pub first: u64,
    /// And last.
    pub last: u64,
    /// The stub that it began with.
    pub stub: String,
    /// The checks that it was last held to.
    pub check: String,
}

/// All of it.
#[derive(Debug)]
pub struct Progress {
    path: PathBuf,
    entries: Vec<Entry>,
    strange: Vec<String>,
}

impl Progress {
    /// Reads that of a lab; there need not be one.
    pub fn load(lab: &Lab) -> Result<Progress> {
        let path = lab.dir.join("progress.txt");
        let text = files::read_if_there(&path)?.unwrap_or_default();
        let mut progress = Progress {
            path,
            entries: Vec::new(),
            strange: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match read(line) {
                Some(entry) => progress.entries.push(entry),
                None => progress.strange.push(line.to_owned()),
            }
        }
        Ok(progress)
    }

    /// What is known of an exercise.
    pub fn get(&self, exercise: &Exercise) -> Entry {
        let found = self.entries.iter().find(|entry| entry.id == exercise.id);
        found.cloned().unwrap_or_else(|| Entry {
            id: exercise.id.to_owned(),
            ..Entry::default()
        })
    }

    /// The exercise that was looked at last.
    pub fn last(&self) -> Option<&Entry> {
        self.entries.iter().max_by_key(|entry| entry.last)
    }

    /// Keeps what is known of an exercise from now on.
    pub fn set(&mut self, mut entry: Entry) -> Result<()> {
        entry.last = now().max(entry.last);
        // Two in one second: the later is the last one.
        if let Some(last) = self.last()
            && last.id != entry.id
            && last.last >= entry.last
        {
            entry.last = last.last + 1;
        }
        if entry.first == 0 {
            entry.first = entry.last;
        }
        match self.entries.iter_mut().find(|old| old.id == entry.id) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
        self.entries.sort_by(|a, b| a.id.cmp(&b.id));
        let lines = self.entries.iter().map(write);
        let lines: Vec<String> = lines.chain(self.strange.iter().cloned()).collect();
        files::replace(&self.path, &(lines.join("\n") + "\n"))
    }
}

impl Entry {
    /// Whether it was solved, and the checks are others by now.
    pub fn check_is_newer(&self, exercise: &Exercise) -> bool {
        let solved = matches!(self.state, State::Solved | State::Pass);
        solved && self.check != files::hash(exercise.check)
    }

    /// Whether the exercise is behind us.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Solved | State::Peeked)
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

fn write(entry: &Entry) -> String {
    let letter = |mark: &Mark| mark.name().chars().next().unwrap_or('?');
    let letter = |mark: &Mark| match mark {
        Mark::Costs => '$',
        mark => letter(mark),
    };
    format!(
        "{} {} marks={} hints={} tries={} first={} last={} stub={} check={}",
        entry.id,
        entry.state.name(),
        entry.marks.iter().map(letter).collect::<String>(),
        entry.hints,
        entry.tries,
        entry.first,
        entry.last,
        entry.stub,
        entry.check
    )
}

fn read(line: &str) -> Option<Entry> {
    let mut words = line.split_whitespace();
    let id = words.next()?.to_owned();
    let state = words.next()?;
    let state = State::ALL.into_iter().find(|known| known.name() == state)?;
    let mut entry = Entry {
        id,
        state,
        ..Entry::default()
    };
    for word in words {
        let (name, value) = word.split_once('=')?;
        match name {
            "marks" => entry.marks = value.chars().filter_map(mark).collect(),
            "hints" => entry.hints = value.parse().ok()?,
            "tries" => entry.tries = value.parse().ok()?,
            "first" => entry.first = value.parse().ok()?,
            "last" => entry.last = value.parse().ok()?,
            "stub" => entry.stub = value.to_owned(),
            "check" => entry.check = value.to_owned(),
            _ => return None,
        }
    }
    Some(entry)
}

fn mark(letter: char) -> Option<Mark> {
    match letter {
        'w' => Some(Mark::Works),
        'c' => Some(Mark::Conforms),
        'i' => Some(Mark::Interops),
        's' => Some(Mark::Survives),
        '$' => Some(Mark::Costs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let entry = Entry {
            id: "01-3".into(),
            state: State::Solved,
            marks: vec![Mark::Works, Mark::Survives, Mark::Costs],
            hints: 2,
            tries: 9,
            first: 5,
            last: 8,
            stub: "a".into(),
            check: "b".into(),
        };
        assert_eq!(read(&write(&entry)), Some(entry));
        for wrong in ["", "01-3", "01-3 done", "01-3 open hints=x", "01-3 open z"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_kept() {
        let dir = std::env::temp_dir().join(format!("cairn-progress-{}", std::process::id()));
        let lab = Lab { dir: dir.clone() };
        files::write(&dir.join("progress.txt"), "from the future\n").unwrap();
        let mut progress = Progress::load(&lab).unwrap();
        let entry = |id: &str| Entry {
            id: id.into(),
            ..Entry::default()
        };
        progress.set(entry("00-2")).unwrap();
        progress.set(entry("00-1")).unwrap();
        let text = std::fs::read_to_string(dir.join("progress.txt")).unwrap();
        assert!(text.ends_with("from the future\n"), "{text}");
        let progress = Progress::load(&lab).unwrap();
        assert_eq!(progress.last().unwrap().id, "00-1");
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
