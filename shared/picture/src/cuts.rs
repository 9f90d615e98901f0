//! A figure of power cuts: the steps of a writer, and what a reader finds if the power fails right
//! after each.
//!
//! ```text
//! flush, then rename                                 none of 27 states is wrong
//!  ┌────────┐ ┌───────┐ ┌───────┐ ┌────────┐ ┌───────┐ ┌────────┐
//!  │ create │ │ write │ │ flush │ │ rename │ │ flush │ │ return │
//!  └────────┘ └───────┘ └───────┘ └────────┘ └───────┘ └────────┘
//!  │  old   │ │  old  │ │  old  │ │old, new│ │  new  │ │  new   │     green, or red
//! ```

use crate::area::Area;
use crate::letters::Letters;
use crate::page::{MARGIN, Picture, WIDTH};
use crate::theme::Tone;

/// A step, and what a cut after it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What is done: one word.
    pub step: String,
    /// To what, in few words.
    pub on: String,
    /// What a reader finds, in few words.
    pub finds: String,
    /// How many states the disk may be left in.
    pub states: u64,
    /// In how many of them something is found that may not be, or is missing.
    pub wrong: u64,
}

/// The steps of one writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// What it does, in few words.
    pub name: String,
    /// Its steps, in order.
    pub cuts: Vec<Cut>,
}

impl Writer {
    /// In words.
    pub fn told(&self) -> String {
        let step = |cut: &Cut| {
            let wrong = match cut.wrong {
                0 => String::new(),
                wrong => format!(" in {wrong} of {} states", cut.states),
            };
            format!("{} ({}): {}{wrong}", cut.step, cut.on, cut.finds)
        };
        let steps: Vec<String> = self.cuts.iter().map(step).collect();
        format!("{}: {}.", self.name, steps.join(", "))
    }
}

/// What is done and to what, from a step as the crash disk tells it: `write of 3 bytes to a.new`,
/// `rename a.new -> a`, `flush of a.new`, `a.new cut or filled to 0 bytes`.
pub fn words(step: &str) -> (String, String) {
    if let Some((_, len)) = step.split_once(" cut or filled to ") {
        return (
            "cut".to_owned(),
            format!("to {}", len.replace(" bytes", " B")),
        );
    }
    let (verb, on) = step.split_once(' ').unwrap_or((step, ""));
    let on = on.strip_prefix("of ").unwrap_or(on);
    let on = match (verb, on.rsplit_once(" -> "), on.rsplit_once(" to ")) {
        ("rename", Some((_, to)), _) => format!("to {to}"),
        ("write", _, Some((bytes, _))) => bytes.replace(" bytes", " B"),
        _ => on.to_owned(),
    };
    (verb.to_owned(), on)
}

/// So many steps have room side by side.
const COLUMNS: usize = 6;
const GAP: f64 = 5.6;
const CELL: f64 = (WIDTH - 2.0 * MARGIN - GAP * (COLUMNS as f64 - 1.0)) / COLUMNS as f64;

/// Draws a writer from `top` on; where the next thing has room.
pub fn writer(page: &mut Picture, top: f64, writer: &Writer) -> f64 {
    let states: u64 = writer.cuts.iter().map(|cut| cut.states).sum();
    let wrong: u64 = writer.cuts.iter().map(|cut| cut.wrong).sum();
    let y = top + 14.0;
    page.text(MARGIN, y, Letters::Name, Tone::Ink, &writer.name);
    let (total, tone) = match wrong {
        0 => (format!("all {states} states are good"), Tone::Good),
        wrong => (format!("{wrong} of {states} states lose data"), Tone::Bad),
    };
    page.text_right(WIDTH - MARGIN, y, Letters::Small, tone, &total);
    let mut y = top + 24.0;
    for row in writer.cuts.chunks(COLUMNS) {
        for (number, cut) in row.iter().enumerate() {
            let x = MARGIN + number as f64 * (CELL + GAP);
            one(page, x, y, cut);
        }
        y += 102.0;
    }
    y + 8.0
}

fn one(page: &mut Picture, x: f64, y: f64, cut: &Cut) {
    let step = Area::new(x, y, CELL, 42.0);
    page.area(step, Tone::Plain);
    let line = |y, height| Area::new(x, y, CELL, height);
    let short = |letters: Letters, text: &str| letters.cut(text, CELL - 4.0);
    page.text_in(
        line(y + 4.0, 17.0),
        Letters::Code,
        Tone::Plain,
        &short(Letters::Code, &cut.step),
    );
    page.text_in(
        line(y + 21.0, 17.0),
        Letters::Small,
        Tone::Soft,
        &short(Letters::Small, &cut.on),
    );
    let tone = match cut.wrong {
        0 => Tone::Good,
        _ => Tone::Bad,
    };
    let found = line(y + 50.0, 42.0);
    page.dashes(
        &[(found.middle(), step.bottom()), (found.middle(), found.y)],
        tone,
    );
    page.area(found, tone);
    page.text_in(
        line(found.y + 4.0, 17.0),
        Letters::Small,
        tone,
        &short(Letters::Small, &cut.finds),
    );
    let sign = found.y + 31.0;
    match cut.wrong {
        0 => tick(page, found.middle(), sign),
        wrong => {
            let told = short(Letters::Small, &format!("{wrong} of {}", cut.states));
            page.text_middle(
                found.middle() + 8.0,
                sign + 4.0,
                Letters::Small,
                tone,
                &told,
            );
            let left = found.middle() - 2.0 - Letters::Small.width(&told) / 2.0;
            cross(page, left, sign);
        }
    }
}

/// A tick, as lines: no font need have it.
pub fn tick(page: &mut Picture, x: f64, y: f64) {
    page.stroke(
        &[(x - 5.0, y), (x - 1.5, y + 4.0), (x + 5.5, y - 4.5)],
        Tone::Good,
    );
}

/// A cross.
pub fn cross(page: &mut Picture, x: f64, y: f64) {
    for side in [-1.0, 1.0] {
        page.stroke(
            &[(x - 4.0, y - 4.0 * side), (x + 4.0, y + 4.0 * side)],
            Tone::Bad,
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn cut(wrong: u64) -> Cut {
        Cut {
            step: "rename".into(),
            on: "k6d696e65.0.tmp".into(),
            finds: "old, new".into(),
            states: 1200,
            wrong,
        }
    }

    fn drawn(cuts: Vec<Cut>) -> String {
        let mut page = Picture::new("Cuts", "Some cuts.");
        let name = "a writer".into();
        writer(&mut page, 50.0, &Writer { name, cuts });
        page.finish().unwrap()
    }

    #[test]
    fn what_is_lost_is_counted_and_seen_without_colours() {
        let good = drawn(vec![cut(0), cut(0)]);
        assert!(good.contains("all 2400 states are good") && !good.contains("\"a-bad\""));
        let bad = drawn(vec![cut(0), cut(7)]);
        assert!(bad.contains("7 of 2400 states lose data"));
        assert!(
            bad.contains(">7 of 1200<") || bad.contains(">7 of 12…<"),
            "{bad}"
        );
    }

    #[test]
    fn steps_are_told_in_few_words() {
        let told = |step| {
            let (verb, on) = words(step);
            format!("{verb}|{on}")
        };
        assert_eq!(told("create a.new"), "create|a.new");
        assert_eq!(told("write of 1300 bytes to a.new"), "write|1300 B");
        assert_eq!(told("flush of folder"), "flush|folder");
        assert_eq!(told("rename a.new -> a"), "rename|to a");
        assert_eq!(told("k61 cut or filled to 0 bytes"), "cut|to 0 B");
        assert_eq!(told("return"), "return|");
    }

    #[test]
    fn many_steps_go_on_below() {
        assert_eq!(
            drawn(vec![cut(1); 14]).matches("class=\"a-bad\"").count(),
            14
        );
    }
}
