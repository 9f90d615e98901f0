//! `cargo x floors`: no locked version with a known fault, and no denied crate.
//!
//! An advisory database knows only what was reported to it: several of the faults below are in
//! none, and a database is not always in reach. So the floors stand here, each with its reason.
//! Crates that the ladder does not use yet have theirs already.

mod list;

use anyhow::Result;

use crate::workspace;
use list::{DENIED, FLOORS, Floor};

/// Checks Cargo.lock.
pub fn run() -> Result<String> {
    let lock = workspace::read(&workspace::root()?, "Cargo.lock")?;
    let packages = packages(&lock);
    workspace::refuse("Cargo.lock is not fit to build from", &faults(&packages))?;
    Ok(format!(
        "floors: {} locked crates, none of them denied or below one of {} floors",
        packages.len(),
        FLOORS.len()
    ))
}

/// The names and versions of a lockfile.
fn packages(lock: &str) -> Vec<(&str, &str)> {
    let value = |line: &'_ str, key: &str| -> Option<(usize, usize)> {
        let rest = line
            .strip_prefix(key)?
            .strip_prefix(" = \"")?
            .strip_suffix('"')?;
        Some((line.len() - 1 - rest.len(), rest.len()))
    };
    let mut packages = Vec::new();
    let mut name = None;
    for line in lock.lines() {
        let part = |key| value(line, key).and_then(|(at, len)| line.get(at..at + len));
        if line == "[[package]]" {
            name = None;
        } else if let Some(text) = part("name") {
            name = Some(text);
        } else if let (Some(name), Some(version)) = (name, part("version")) {
            packages.push((name, version));
        }
    }
    packages
}

/// What is wrong with these packages, a line each.
fn faults(packages: &[(&str, &str)]) -> Vec<String> {
    let mut faults = Vec::new();
    if packages.is_empty() {
        faults.push("it lists no package".to_owned());
    }
    for &(name, version) in packages {
        if let Some((_, why)) = DENIED.iter().find(|(denied, _)| *denied == name) {
            faults.push(format!("{name} {version} is denied: {why}"));
        }
        for floor in FLOORS.iter().filter(|floor| floor.name == name) {
            if !floor.holds(version) {
                faults.push(format!(
                    "{name} {version} is below {}: {}",
                    floor.least, floor.why
                ));
            }
        }
    }
    faults
}

impl Floor {
    fn holds(&self, version: &str) -> bool {
        let Some(version) = parse(version) else {
            return false;
        };
        let least = |text| parse(text).is_some_and(|floor| version >= floor);
        least(self.least)
            || self
                .backport
                .is_some_and(|(from, to)| least(from) && !least(to))
    }
}

/// A version as what orders it: the three numbers, and whether it is a release, since
/// `1.0.0-rc.1` comes before `1.0.0`.
fn parse(version: &str) -> Option<([u64; 3], bool)> {
    let version = version.split('+').next()?;
    let (numbers, release) = match version.split_once('-') {
        Some((numbers, _)) => (numbers, false),
        None => (version, true),
    };
    let mut parts = numbers.split('.').map(str::parse);
    let mut next = || parts.next()?.ok();
    let numbers = [next()?, next()?, next()?];
    parts.next().is_none().then_some((numbers, release))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(lock: &str) -> Vec<String> {
        faults(&packages(lock))
    }

    fn lock(name: &str, version: &str) -> String {
        format!(
            "version = 4\n\n[[package]]\nname = \"first\"\nversion = \"0.1.0\"\n\n[[package]]\n\
             name = \"{name}\"\nversion = \"{version}\"\nsource = \"registry\"\n\
             dependencies = [\n \"first\",\n]\n"
        )
    }

    #[test]
    fn a_version_below_the_floor_is_a_fault() {
        let faults = told(&lock("yamux", "0.13.9"));
        assert_eq!(faults.len(), 1);
        assert!(faults.concat().contains("yamux 0.13.9 is below 0.13.10"));
    }

    #[test]
    fn the_floor_and_above_hold() {
        for version in ["0.13.10", "0.13.11", "0.14.1", "1.0.0", "0.13.10+build.7"] {
            assert_eq!(told(&lock("yamux", version)), [""; 0], "{version}");
        }
    }

    #[test]
    fn versions_are_numbers_not_text() {
        assert!(parse("0.9.0") < parse("0.10.0"));
        assert!(parse("1.0.0-rc.1") < parse("1.0.0"));
        assert!(parse("1.0").is_none() && parse("1.0.0.0").is_none() && parse("x").is_none());
        assert_eq!(told(&lock("hyper", "1.0.0-rc.4")).len(), 1);
        assert_eq!(
            told(&lock("hyper", "one")).len(),
            1,
            "what cannot be read is no good version"
        );
    }

    #[test]
    fn every_floor_refuses_what_is_below_it() {
        for floor in FLOORS {
            assert!(floor.holds(floor.least), "{} {}", floor.name, floor.least);
            assert!(!floor.holds("0.0.1"), "{}", floor.name);
        }
    }

    #[test]
    fn a_backport_is_as_good() {
        for (version, good) in [
            ("0.11.5", false),
            ("0.11.6", true),
            ("0.11.9", true),
            ("0.12.0", false),
            ("0.12.1", true),
        ] {
            assert_eq!(
                told(&lock("lz4_flex", version)).is_empty(),
                good,
                "{version}"
            );
        }
    }

    #[test]
    fn a_denied_crate_is_a_fault_in_every_version() {
        for (name, _) in DENIED {
            assert!(
                told(&lock(name, "99.0.0")).concat().contains("is denied"),
                "{name}"
            );
        }
    }

    #[test]
    fn absent_crates_are_no_fault() {
        assert_eq!(told(&lock("unheard-of", "0.0.1")), [""; 0]);
    }

    #[test]
    fn a_second_version_is_seen() {
        let both = lock("bytes", "1.12.1") + &lock("bytes", "1.4.0");
        assert_eq!(told(&both).len(), 1);
    }

    #[test]
    fn a_lockfile_that_cannot_be_read_is_a_fault() {
        assert_eq!(told("").len(), 1);
    }

    /// The real one, so that a plain `cargo test` holds it; and it is read indeed.
    #[test]
    fn this_lockfile_holds() {
        run().unwrap();
        let lock = workspace::read(&workspace::root().unwrap(), "Cargo.lock").unwrap();
        let packages = packages(&lock);
        for name in [
            "bytes",
            "cid",
            "fjall",
            "lz4_flex",
            "multihash",
            "redb",
            "ring",
            "rocksdb",
        ] {
            assert!(
                packages.iter().any(|(locked, _)| *locked == name),
                "{name} was not seen"
            );
        }
    }
}
