//! What Kubo says of solutions, stubs and mutants, where there is one: those checks ask a program that not
//! everybody has, and no learner needs.

use super::proof::Proof;
use super::variant::Variant;
use crate::child::{self, LIMIT};
use crate::error::Result;
use crate::exercise::Exercise;
use crate::kubo::Kubo;
use crate::verdict::Verdict;

/// What is wrong with the checks of an exercise that ask Kubo: each holds for the solution, ends in a `todo!` on
/// the stub, and catches one of the mutants.
pub fn faults(exercise: &Exercise, proof: &Proof, kubo: &Kubo) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for check in exercise.kubo_checks() {
        let mut caught = 0;
        for variant in Variant::all(exercise) {
            let Some(program) = proof.program(&variant.name(exercise)) else {
                continue;
            };
            let run = || child::run(&program, &check.name, LIMIT, &kubo.env());
            let name = &check.name;
            match variant {
                Variant::Solution if run()? != Verdict::Holds => {
                    faults.push(format!(
                        "{name} does not hold for the solution: {:?}",
                        run()?
                    ));
                }
                Variant::Stub if !matches!(run()?, Verdict::Todo(_)) => {
                    faults.push(format!("{name} on the stub does not end in a todo!"));
                }
                // One is enough, and asking takes its time.
                Variant::Mutant(..) if caught == 0 => caught += usize::from(!run()?.holds()),
                _ => {}
            }
        }
        if caught == 0 {
            faults.push(format!("{} catches no mutant", check.name));
        }
    }
    Ok(faults)
}
