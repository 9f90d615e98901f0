//! A picture of what somebody built: its one put, step by step, and the power cut after each of them.
//!
//! The checks of an exercise with a picture have an ignored test `picture`, which prints a line for each step:
//! `cut`, the step, what a reader finds, the states that the disk may be left in, and the wrong ones among them.

use std::path::Path;

use picture::calls::{self, Call, Does, Lane};
use picture::cuts::{self, Cut, Writer};
use picture::{Letters, MARGIN, Picture, Tone};

use crate::child::{self, LIMIT};
use crate::error::{Error, Result};
use crate::exercise::Exercise;

/// The test that prints it.
const TEST: &str = "picture";

/// The put of a store.
#[derive(Debug)]
pub struct Drawing {
    cuts: Vec<Cut>,
}

/// Whether an exercise has a picture.
pub fn is_of(exercise: &Exercise) -> bool {
    exercise.check.contains(&format!("\nfn {TEST}()"))
}

impl Drawing {
    /// What the test's program says of its answer.
    ///
    /// # Errors
    /// If it says nothing that can be drawn.
    pub fn of(exercise: &Exercise, program: &Path) -> Result<Drawing> {
        let end = child::output(program, TEST, LIMIT, &[])?;
        let said = end.filter(|end| end.status.success());
        let cuts = said.map(|end| read(&end.stdout)).unwrap_or_default();
        if cuts.is_empty() {
            let id = exercise.id;
            return Err(Error::failed(format!(
                "{id} cannot be drawn: its put does not come to an end"
            )));
        }
        Ok(Drawing { cuts })
    }

    /// In how many states something is lost.
    pub fn wrong(&self) -> u64 {
        self.cuts.iter().map(|cut| cut.wrong).sum()
    }

    /// As a file.
    ///
    /// # Errors
    /// If the picture could not be read.
    pub fn svg(&self, exercise: &Exercise) -> Result<String> {
        let lane = lane(exercise, &self.cuts);
        let writer = Writer {
            name: "cut after each step".into(),
            cuts: self.cuts.clone(),
        };
        let says = format!(
            "One put of a new value over an old one by the store of exercise {}, with {}. What a reader finds if the \
             power fails right after a step: {}",
            exercise.id,
            lane.total,
            writer.told()
        );
        let title = format!("Your store of {}: one put", exercise.id);
        let mut page = Picture::new(&title, &says);
        let y = calls::legend(&mut page, 58.0, &calls::COLOURS);
        let y = calls::lanes(&mut page, y + 2.0, &[lane]);
        let y = cuts::writer(&mut page, y + 4.0, &writer);
        let told = match self.wrong() {
            0 => "A reader finds the old value or the new one, whatever is left.",
            _ => {
                "Red: a reader finds neither the old value nor the new one, or not what was acknowledged."
            }
        };
        page.words(MARGIN, y + 8.0, Letters::Small, Tone::Soft, told);
        page.finish()
            .map_err(|fault| Error::failed(format!("no picture: {fault}")))
    }
}

/// The steps that a program printed.
fn read(said: &str) -> Vec<Cut> {
    let cut = |line: &str| {
        let mut parts = line.strip_prefix("cut\t")?.split('\t');
        let (step, on) = cuts::words(parts.next()?);
        Some(Cut {
            step,
            on,
            finds: parts.next()?.to_owned(),
            states: parts.next()?.parse().ok()?,
            wrong: parts.next()?.parse().ok()?,
        })
    };
    said.lines().filter_map(cut).collect()
}

/// The same steps as calls, with what they write and how often they wait.
fn lane(exercise: &Exercise, cuts: &[Cut]) -> Lane {
    let (mut bytes, mut flushes) = (0, 0);
    let mut calls = Vec::new();
    for cut in cuts {
        let does = match cut.step.as_str() {
            "return" => continue,
            "cut" => Does::Writes,
            "write" => {
                let count = cut.on.split(' ').next().unwrap_or_default();
                bytes += count.parse().unwrap_or(0);
                Does::Writes
            }
            "flush" => {
                flushes += 1;
                Does::Waits
            }
            _ => Does::Names,
        };
        calls.push(Call {
            name: cut.step.clone(),
            on: cut.on.clone(),
            does,
        });
    }
    Lane {
        name: "yours".into(),
        about: exercise.title.to_lowercase(),
        total: format!(
            "{bytes} bytes, {flushes} flush{}",
            if flushes == 1 { "" } else { "es" }
        ),
        calls,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::catalogue;

    const SAID: &str = "\nrunning 1 test\n\ncut\tcreate k61.0.tmp\told\t2\t0\n\
        cut\twrite of 1300 bytes to k61.0.tmp\told\t14\t0\ncut\trename k61.0.tmp -> k61\ttorn\t28\t6\n\
        cut\tflush of store\ttorn\t7\t5\ncut\treturn to caller\ttorn\t7\t5\nok\n";

    #[test]
    fn what_was_printed_is_drawn() {
        let (_, exercise) = catalogue::find("01-3").unwrap();
        assert!(is_of(exercise));
        let cuts = read(SAID);
        let steps: Vec<&str> = cuts.iter().map(|cut| cut.step.as_str()).collect();
        assert_eq!(steps, ["create", "write", "rename", "flush", "return"]);
        let drawing = Drawing { cuts };
        assert_eq!(drawing.wrong(), 16);
        let svg = drawing.svg(exercise).unwrap();
        for part in [
            "1300 bytes, 1 flush<",
            ">6 of 28<",
            ">to k61<",
            "16 of 58 states lose data",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        assert_eq!(read("cut\tx\nrest\n"), []);
    }

    #[test]
    fn pictures_are_of_those_that_have_one() {
        let with: Vec<&str> = catalogue::all()
            .filter(|(_, exercise)| is_of(exercise))
            .map(|(_, exercise)| exercise.id)
            .collect();
        assert_eq!(with, ["01-3"]);
    }
}
