//! What an exercise is made of.

use crate::stub;

/// The exercises of one module.
#[derive(Debug)]
pub struct Module {
    /// `00`.
    pub number: &'static str,
    /// The name of its folder, here, in `modules/` and in the lab.
    pub folder: &'static str,
    /// What its lab may use: the `[dependencies]` of the lab's package.
    pub dependencies: &'static str,
    /// Of how many packages that may be built, the lab's own among them.
    pub packages: usize,
    /// Name and text of files that its checks share.
    pub support: &'static [(&'static str, &'static str)],
    /// In order.
    pub exercises: &'static [&'static Exercise],
}

impl Module {
    /// The package of its lab; a name cannot begin with a digit.
    pub fn package(&self) -> String {
        format!("lab-{}", self.number)
    }
}

/// One exercise.
#[derive(Clone, Copy, Debug)]
pub struct Exercise {
    /// `00-1`.
    pub id: &'static str,
    /// The name of its file in the lab, without `.rs`.
    pub file: &'static str,
    /// A few words.
    pub title: &'static str,
    /// How long it takes, about.
    pub minutes: u32,
    /// Whether one may leave it out.
    pub stretch: bool,
    /// What is graded, in order.
    pub marks: &'static [Mark],
    /// What to build and why, in a few lines.
    pub goal: &'static str,
    /// From a question to nearly the code.
    pub hints: [&'static str; 3],
    /// What to know after it: why, what else one could have done, what Kubo does.
    pub debrief: &'static str,
    /// The solution with its marked regions; see [`stub`].
    pub answer: &'static str,
    /// The checks: ordinary tests, whose doc comments are their titles.
    pub check: &'static str,
    /// What each mutant is told, as `dev gen` found it.
    pub messages: &'static str,
    /// Wrong answers.
    pub mutants: &'static [Mutant],
}

/// A wrong answer that a check has to catch: the solution, changed in one place.
#[derive(Debug)]
pub struct Mutant {
    /// What is wrong with it.
    pub name: &'static str,
    /// What to look for in the solution; it has to be there exactly once.
    pub find: &'static str,
    /// What to put in its place.
    pub replace: &'static str,
    /// The check that catches it, by its name up to the first `_`, as `c2`.
    pub killed_by: &'static str,
}

/// What a check grades. The first letter of its name says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Examples.
    Works,
    /// The contract, and properties.
    Conforms,
    /// The bytes of the real network.
    Interops,
    /// Bad input, lost power, liars, threads.
    Survives,
    /// Counts of flushes, bytes, calls.
    Costs,
}

impl Mark {
    /// The mark of the check of this name.
    pub fn of(check: &str) -> Option<Mark> {
        match check.chars().next()? {
            'a' => Some(Mark::Works),
            'b' => Some(Mark::Conforms),
            'c' => Some(Mark::Interops),
            'd' => Some(Mark::Survives),
            'e' => Some(Mark::Costs),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Works => "works",
            Mark::Conforms => "conforms",
            Mark::Interops => "interops",
            Mark::Survives => "survives",
            Mark::Costs => "costs",
        }
    }
}

/// One check, as its source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The name of the function: `c1_the_cid_of_kubo`.
    pub name: String,
    /// Its doc comment.
    pub title: String,
}

impl Check {
    /// The short name: `c1`.
    pub fn short(&self) -> &str {
        self.name.split('_').next().unwrap_or_default()
    }
}

impl Exercise {
    /// The checks, in the order in which they teach: that of their names.
    pub fn checks(&self) -> Vec<Check> {
        self.tests(false)
    }

    /// Those that ask a Kubo, which has to be there for them: tests that are ignored otherwise, `k1` and so on.
    pub fn kubo_checks(&self) -> Vec<Check> {
        let mut checks = self.tests(true);
        checks.retain(|check| check.name.starts_with('k'));
        checks
    }

    fn tests(&self, ignored: bool) -> Vec<Check> {
        let mut checks = Vec::new();
        let mut title: Vec<&str> = Vec::new();
        let (mut test, mut ignore) = (false, false);
        for line in self.check.lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("/// ") {
                title.push(text);
            } else if line == "#[test]" {
                test = true;
            } else if test && line.starts_with("#[ignore") {
                ignore = true;
            } else {
                if test
                    && ignore == ignored
                    && let Some(rest) = line.strip_prefix("fn ")
                {
                    let name = rest.split('(').next().unwrap_or_default().to_owned();
                    let title = title.join(" ");
                    checks.push(Check { name, title });
                }
                (test, ignore) = (false, false);
                title.clear();
            }
        }
        checks.sort_by(|a, b| a.name.cmp(&b.name));
        checks
    }

    /// What a learner begins with.
    pub fn stub(&self) -> String {
        stub::stub(self.answer)
    }

    /// The answer as it is shown.
    pub fn solution(&self) -> String {
        stub::solution(self.answer)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::catalogue;

    #[test]
    fn checks_are_found_with_their_titles() {
        let mut exercise = Exercise {
            check: "/// one\n/// line\n#[test]\nfn b1_x() {\n}\n/// helper\nfn y() {}\n#[test]\nfn a1_z() {}\n/// k\n#[test]\n#[ignore = \"x\"]\nfn k1_w() {}",
            ..**catalogue::MODULES
                .first()
                .unwrap()
                .exercises
                .first()
                .unwrap()
        };
        let checks = exercise.checks();
        let found: Vec<_> = checks
            .iter()
            .map(|c| (c.short(), c.title.as_str()))
            .collect();
        assert_eq!(found, [("a1", ""), ("b1", "one line")]);
        let kubo = exercise.kubo_checks();
        let found: Vec<_> = kubo.iter().map(|c| (c.short(), c.title.as_str())).collect();
        assert_eq!(found, [("k1", "k")]);
        exercise.check = "";
        assert_eq!(exercise.checks(), []);
    }
}
