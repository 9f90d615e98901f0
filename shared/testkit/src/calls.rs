//! A laboratory that meets a program at each of its system calls: kills it there, or has the call
//! fail.
//!
//! ```text
//! once:       strace -f  child ─► openat 1 … openat 9, write 1 … write 412, fsync 1 … fsync 208, …
//! for each:   strace -f -e inject=fsync:signal=KILL:when=17  child
//!             open, and compare what is there with what was acknowledged
//! ```
//!
//! strace counts the calls of each thread, and of each kind of call, by itself. So a [`Point`] is
//! the n-th call of one name in whichever thread gets there first: every call of the thread that
//! makes most of its name is met, and those of the others as far as the first has not met them.
//! What no process but the program itself can see, such as what it does before it touches its
//! files, is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use crate::strace::{self, Call};

/// How often a point is tried that a run did not come to: which thread makes the n-th call differs.
pub const TRIES: usize = 5;

/// The n-th call of one name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The name of the call, as strace has it.
    pub call: String,
    /// Which one: 1 is the first of its thread.
    pub when: u64,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.call, self.when)
    }
}

impl Point {
    /// Whether it makes something durable.
    pub fn is_flush(&self) -> bool {
        strace::FLUSHES.split(',').any(|name| name == self.call)
    }

    /// The wrapper that kills the program at the beginning of this call.
    pub fn kill(&self) -> Vec<String> {
        strace::inject(&self.call, "signal=KILL", &self.when.to_string())
    }

    /// The wrapper under which this call fails with an error such as `EIO`, and if `on` all later
    /// ones of its name as well.
    pub fn fail(&self, error: &str, on: bool) -> Vec<String> {
        let when = format!("{}{}", self.when, if on { "+" } else { "" });
        strace::inject(&self.call, &format!("error={error}"), &when)
    }
}

/// The points of a record of [`strace::STEPS`], in which each thread counts from its first call
/// on something below `dir`. In the order of names, then of numbers.
pub fn points(record: &[Call], dir: &Path) -> Vec<Point> {
    let dir = dir.to_string_lossy();
    let mut begun: BTreeSet<u32> = BTreeSet::new();
    let mut made: BTreeMap<(u32, &str), u64> = BTreeMap::new();
    let mut points = BTreeSet::new();
    for call in record {
        let when = made.entry((call.thread, &call.name)).or_default();
        *when += 1;
        if call.path.starts_with(&*dir) || call.text.contains(&*dir) {
            begun.insert(call.thread);
        }
        if begun.contains(&call.thread) {
            points.insert(Point {
                call: call.name.clone(),
                when: *when,
            });
        }
    }
    points.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_and_name_counts_by_itself_from_its_first_touch_on() {
        let record = "\
7 openat(AT_FDCWD, \"/lib/c\", O_RDONLY) = 3
7 write(1<pipe:[12]>, \"begin\", 5) = 5
7 openat(AT_FDCWD, \"/s/store/lock\", O_RDWR|O_CREAT) = 3</s/store/lock>
7 write(3</s/store/lock>, \"pid\", 3) = 3
8 write(4</s/store/x>, \"a\", 1) = 1
8 write(4</s/store/x>, \"a\", 1) = 1
8 write(4</s/store/x>, \"a\", 1) = 1
7 fsync(3</s/store/lock>) = 0
9 fsync(5</elsewhere>) = 0
9 fsync(5</elsewhere>) = 0
";
        let points = points(&strace::parse(record), Path::new("/s"));
        let points: Vec<String> = points.iter().map(Point::to_string).collect();
        assert_eq!(
            points,
            ["fsync 1", "openat 2", "write 1", "write 2", "write 3"]
        );
    }

    #[test]
    fn wrappers_say_which_call_and_how_it_ends() {
        let point = Point {
            call: "fsync".into(),
            when: 3,
        };
        let ends = |words: Vec<String>, end: &str| words.last().is_some_and(|w| w.ends_with(end));
        assert!(ends(point.kill(), "inject=fsync:signal=KILL:when=3"));
        assert!(ends(point.fail("EIO", false), "fsync:error=EIO:when=3"));
        assert!(ends(point.fail("EIO", true), "fsync:error=EIO:when=3+"));
        assert!(point.is_flush());
    }
}
