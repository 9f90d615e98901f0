//! `dev check`: the proofs of each exercise.
//!
//! 1. The stub compiles without a warning, 2. and fails every check by the `todo!` in the answer.
//! 3. The solution holds every check, is formatted, and clippy has nothing to say of it.
//! 4. Each mutant compiles and is caught by the check that it names, 5. each check catches one, 6. and says
//!    what `messages.txt` has.
//! 7. Three hints, which grow and do not spoil. 8. Debrief, minutes, marks, ids in order.
//! 9. The lab uses its own module and those below, and few packages.
//! 10. An answer that hangs or panics ends in words.
//! 11. The picture of the solution, if it has one, shows nothing lost; that of a mutant does.
//!
//! With `CAIRN_IPFS`, what asks Kubo is proven as well.

use std::collections::BTreeSet;
use std::env;
use std::io::Write;
use std::process::Command;
use std::time::Instant;

use super::proof::{self, Proof};
use super::variant::Variant;
use super::{Chosen, generate, page, text};
use crate::drawing::{self, Drawing};
use crate::error::{Error, Result};
use crate::exercise::{Exercise, Module};
use crate::kubo::{self, Kubo};
use crate::place;
use crate::show;
use crate::verdict::Verdict;

/// Proves these exercises; 1 if something is wrong with one.
pub fn run(chosen: &Chosen, out: &mut dyn Write) -> Result<u8> {
    let start = Instant::now();
    let mut wrong = 0;
    let (mut checks, mut mutants, mut count) = (0, 0, 0);
    // Only who names one is asked: what is proven does not depend on what is installed.
    let kubo = match env::var_os(kubo::PROGRAM) {
        Some(_) => Kubo::find()?,
        None => None,
    };
    for (module, exercises) in chosen {
        let proof = Proof::run(module, exercises)?;
        for exercise in exercises {
            let mut faults = faults(module, exercise, &proof)?;
            if let Some(kubo) = &kubo {
                faults.extend(super::kubo::faults(exercise, &proof, kubo)?);
            }
            let number = exercise.checks().len();
            let told = format!(
                "{}  {number} checks, {} mutants",
                exercise.id,
                exercise.mutants.len()
            );
            (checks, mutants, count) =
                (checks + number, mutants + exercise.mutants.len(), count + 1);
            wrong += report(&told, &faults, out)?;
        }
        let faults = lab_faults(module, exercises)?;
        wrong += report(
            &format!("{}  clippy, rustfmt, packages", module.number),
            &faults,
            out,
        )?;
    }
    wrong += report("pages", &page::faults()?, out)?;
    let told = match &kubo {
        Some(kubo) => format!("what asks Kubo is proven by {}", kubo.version),
        None => format!("what asks Kubo is not proven: {} names none", kubo::PROGRAM),
    };
    writeln!(out, "{told}")?;
    writeln!(
        out,
        "dev check: {count} exercises, {checks} checks, {mutants} mutants, in {:.1} s",
        start.elapsed().as_secs_f32()
    )?;
    Ok(u8::from(wrong > 0))
}

fn report(told: &str, faults: &[String], out: &mut dyn Write) -> Result<usize> {
    if faults.is_empty() {
        writeln!(out, "{told}: ok")?;
    } else {
        writeln!(out, "{told}: WRONG")?;
        for fault in faults {
            writeln!(out, "{}", crate::style::indent(fault, 4))?;
        }
    }
    Ok(faults.len())
}

fn faults(module: &Module, exercise: &Exercise, proof: &Proof) -> Result<Vec<String>> {
    let mut faults = text::faults(module, exercise);
    for variant in Variant::all(exercise) {
        let built = proof.built(variant, exercise)?;
        if built.program.is_none() {
            let name = variant.name(exercise);
            faults.push(format!("{name} does not compile:\n{}", built.errors));
            return Ok(faults);
        }
        if matches!(variant, Variant::Stub | Variant::Solution) {
            for warning in &built.warnings {
                faults.push(format!(
                    "{} has a warning:\n{warning}",
                    variant.name(exercise)
                ));
            }
        }
    }
    let said = |variant, check: &str| match proof.verdict(variant, exercise, check) {
        Some(verdict) => show::told(check, verdict, "answer.rs", ""),
        None => "it did not run".to_owned(),
    };
    for check in exercise.checks() {
        let stub = proof.verdict(Variant::Stub, exercise, check.short());
        if !matches!(stub, Some(Verdict::Todo(_))) {
            let said = said(Variant::Stub, check.short());
            faults.push(format!(
                "{} on the stub does not end in a todo!: {said}",
                check.name
            ));
        }
        let solution = proof.verdict(Variant::Solution, exercise, check.short());
        if solution != Some(&Verdict::Holds) {
            let said = said(Variant::Solution, check.short());
            faults.push(format!(
                "{} does not hold for the solution: {said}",
                check.name
            ));
        }
    }
    let known = generate::messages(exercise.messages);
    for variant in Variant::all(exercise) {
        let Variant::Mutant(_, mutant) = variant else {
            continue;
        };
        match proof.verdict(variant, exercise, mutant.killed_by) {
            Some(Verdict::Holds) => faults.push(format!(
                "{} does not catch the mutant {:?}",
                mutant.killed_by, mutant.name
            )),
            Some(Verdict::Todo(_)) | None => {
                faults.push(format!("the mutant {:?} did not run", mutant.name));
            }
            Some(_) => {}
        }
        let told = generate::told(proof, variant, exercise);
        let before = known.iter().find(|(name, _)| name == mutant.name);
        if before.map(|(_, text)| text) != Some(&told) {
            faults.push(format!(
                "messages.txt has another text for {:?}; now it is (dev gen writes it)\n{told}",
                mutant.name
            ));
        }
    }
    if known.len() != exercise.mutants.len() {
        faults.push("messages.txt has other mutants than there are".into());
    }
    if let Some(first) = exercise.checks().first() {
        let hang = proof.verdict(Variant::Hang, exercise, first.short());
        let panic = proof.verdict(Variant::Panic, exercise, first.short());
        if !matches!(hang, Some(Verdict::Hangs(_))) {
            faults.push(format!("an answer that hangs: {hang:?}"));
        }
        if !matches!(panic, Some(Verdict::Panics(panic)) if panic.line > 0 && panic.message == "on purpose")
        {
            faults.push(format!("an answer that panics: {panic:?}"));
        }
    }
    if drawing::is_of(exercise) {
        faults.extend(picture(exercise, proof)?);
    }
    Ok(faults)
}

/// What is wrong with the picture of an exercise.
fn picture(exercise: &Exercise, proof: &Proof) -> Result<Option<String>> {
    let lost = |variant| -> Result<Option<u64>> {
        let Some(program) = &proof.built(variant, exercise)?.program else {
            return Ok(None);
        };
        // A mutant may not come to the end of a put.
        let Ok(drawing) = Drawing::of(exercise, program) else {
            return Ok(None);
        };
        drawing.svg(exercise)?;
        Ok(Some(drawing.wrong()))
    };
    if lost(Variant::Solution)? != Some(0) {
        return Ok(Some(
            "the picture of the solution shows lost data, or is none".into(),
        ));
    }
    for variant in Variant::all(exercise) {
        if matches!(variant, Variant::Mutant(..)) && lost(variant)? > Some(0) {
            return Ok(None);
        }
    }
    Ok(Some("no mutant has a picture that shows lost data".into()))
}

/// What is wrong with the sources and the lab of a module as a whole.
fn lab_faults(module: &Module, exercises: &[&Exercise]) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let root = place::root();
    for exercise in exercises {
        let dir = generate::folder(module, exercise);
        let mut rustfmt = Command::new("rustfmt");
        rustfmt
            .args(["--check", "--edition", "2024", "--config-path"])
            .arg(&root);
        rustfmt.arg(dir.join("answer.rs")).arg(dir.join("check.rs"));
        faults.extend(failed(rustfmt)?);
    }
    let mut clippy = place::cargo(&proof::lab().dir);
    clippy.args(["clippy", "--quiet", "--package", &module.package()]);
    for exercise in exercises {
        clippy.args(["--test", &Variant::Solution.name(exercise)]);
    }
    clippy.args(["--", "-D", "warnings"]);
    faults.extend(failed(clippy)?);
    let mut tree = place::cargo(&proof::lab().dir);
    tree.args([
        "tree",
        "--package",
        &module.package(),
        "--prefix",
        "none",
        "--edges",
        "normal,build",
    ]);
    let output = tree
        .output()
        .map_err(|error| Error::failed(format!("cannot start cargo tree: {error}")))?;
    faults.extend(budget(module, &String::from_utf8_lossy(&output.stdout)));
    Ok(faults)
}

/// What a command says if it fails.
fn failed(mut command: Command) -> Result<Option<String>> {
    let output = command
        .output()
        .map_err(|error| Error::failed(format!("cannot start {command:?}: {error}")))?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    Ok((!output.status.success()).then_some(text))
}

/// Whether the lab of a module uses few packages, and none of a module above.
fn budget(module: &Module, tree: &str) -> Vec<String> {
    let packages: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    let mut faults = Vec::new();
    if packages.is_empty() || packages.len() > module.packages {
        faults.push(format!(
            "the lab is built of {} packages, and may be of {}",
            packages.len(),
            module.packages
        ));
    }
    for package in packages {
        let number = package
            .split_once("/modules/")
            .and_then(|(_, path)| path.get(..2));
        if number.is_some_and(|number| number > module.number) {
            faults.push(format!("the lab of {} uses {package}", module.number));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::catalogue;

    #[test]
    fn a_lab_uses_few_packages_and_none_above() {
        let module = catalogue::MODULES.first().unwrap();
        assert_eq!(budget(module, "a v1\nb v2 (*)\nb v2\n"), [""; 0]);
        assert_eq!(budget(module, "x v1 (/y/modules/01-persistent)\n").len(), 1);
        let many: String = (0..=module.packages)
            .map(|n| format!("p{n} v1\n"))
            .collect();
        assert_eq!(budget(module, &many).len(), 1);
        assert_eq!(budget(module, "").len(), 1);
    }
}
