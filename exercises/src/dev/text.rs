//! What can be said of an exercise without running it: hints, marks, minutes, order.

use std::collections::BTreeSet;

use crate::exercise::{Exercise, Mark, Module};
use crate::{drawing, stub};

/// What is wrong, a line each.
pub fn faults(module: &Module, exercise: &Exercise) -> Vec<String> {
    let mut faults = Vec::new();
    faults.extend(stub::fault(exercise.answer).map(|fault| format!("answer.rs: {fault}")));
    hints(exercise, &mut faults);
    let checks = exercise.checks();
    let kubo = exercise.kubo_checks();
    let picture = usize::from(drawing::is_of(exercise));
    if checks.len() + kubo.len() + picture != exercise.check.matches("#[test]").count() {
        faults.push("a test without a `fn` in the next line".into());
    }
    let marks: BTreeSet<Mark> = checks
        .iter()
        .filter_map(|check| Mark::of(&check.name))
        .collect();
    if marks.into_iter().collect::<Vec<_>>() != exercise.marks {
        faults.push("the marks are not those of its checks, in order".into());
    }
    for check in &checks {
        if Mark::of(&check.name).is_none() || check.title.is_empty() {
            faults.push(format!("the check {} has no mark, or no title", check.name));
        }
        if !exercise
            .mutants
            .iter()
            .any(|mutant| mutant.killed_by == check.short())
        {
            faults.push(format!("no mutant is caught by {}", check.name));
        }
    }
    for check in &kubo {
        if check.title.is_empty() {
            faults.push(format!("{} has no title", check.name));
        }
    }
    let shorts: BTreeSet<&str> = checks.iter().map(|check| check.short()).collect();
    if shorts.len() != checks.len() {
        faults.push("two checks have one number".into());
    }
    for mutant in exercise.mutants {
        if !shorts.contains(mutant.killed_by) {
            faults.push(format!(
                "{:?} names no check: {}",
                mutant.name, mutant.killed_by
            ));
        }
    }
    if !(1..=60).contains(&exercise.minutes) {
        faults.push(format!("{} minutes", exercise.minutes));
    }
    if exercise.goal.trim().len() < 80 || exercise.debrief.trim().len() < 120 {
        faults.push("the goal or the debrief is missing, or nearly".into());
    }
    let place = module
        .exercises
        .iter()
        .position(|one| one.id == exercise.id);
    let number = place.map_or(0, |place| place + 1);
    if exercise.id != format!("{}-{number}", module.number)
        || !exercise.file.starts_with(&format!("e{number:02}_"))
    {
        faults.push(format!(
            "{} is number {number} of {}",
            exercise.id, module.folder
        ));
    }
    faults
}

fn hints(exercise: &Exercise, faults: &mut Vec<String>) {
    let lengths: Vec<usize> = exercise
        .hints
        .iter()
        .map(|hint| hint.trim().len())
        .collect();
    if !lengths.is_sorted() || lengths.first().is_none_or(|&len| len < 40) {
        faults.push(format!("the hints do not grow: {lengths:?} characters"));
    }
    let stub = exercise.stub();
    let solution = exercise.solution();
    let given: Vec<&str> = stub.lines().map(str::trim).collect();
    let own = solution
        .lines()
        .map(str::trim)
        .filter(|line| line.len() > 12 && !given.contains(line));
    for line in own {
        for (number, hint) in (1..).zip(exercise.hints.iter().take(2)) {
            if hint.lines().any(|text| text.trim() == line) || hint.contains(&format!("`{line}`")) {
                faults.push(format!(
                    "hint {number} gives a line of the solution away: {line}"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn nothing_is_wrong_with_any_text() {
        for (module, exercise) in catalogue::all() {
            assert_eq!(faults(module, exercise), [""; 0], "{}", exercise.id);
        }
    }

    #[test]
    fn what_is_wrong_is_found() {
        for (module, good) in catalogue::all().take(1) {
            let [one, two, three] = good.hints;
            let solution = good.solution();
            let given = good.stub();
            let own = solution
                .lines()
                .map(str::trim)
                .find(|line| line.len() > 12 && !given.contains(line));
            let told = format!("{}\n{}", one, own.unwrap_or_default());
            let told: &'static str = Box::leak(told.into_boxed_str());
            for (what, wrong) in [
                (
                    "grow",
                    Exercise {
                        hints: [three, two, one],
                        ..*good
                    },
                ),
                (
                    "away",
                    Exercise {
                        hints: [told, three, three],
                        ..*good
                    },
                ),
                (
                    "mutant",
                    Exercise {
                        mutants: &[],
                        ..*good
                    },
                ),
                (
                    "marks",
                    Exercise {
                        marks: &[Mark::Costs],
                        ..*good
                    },
                ),
                (
                    "number",
                    Exercise {
                        id: "00-9",
                        ..*good
                    },
                ),
                (
                    "debrief",
                    Exercise {
                        debrief: "",
                        ..*good
                    },
                ),
                (
                    "minutes",
                    Exercise {
                        minutes: 0,
                        ..*good
                    },
                ),
                (
                    "answer.rs",
                    Exercise {
                        answer: "fn main() {}",
                        ..*good
                    },
                ),
            ] {
                let faults = faults(module, &wrong);
                assert!(
                    faults.iter().any(|fault| fault.contains(what)),
                    "{what}: {faults:?}"
                );
            }
        }
    }
}
