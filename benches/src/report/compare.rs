//! What changed since another run.

use demo::{Column, Table};

use super::number;
use super::record::Record;
use super::spread::Spread;
use super::what;

/// When a figure has changed; it is printed with the changes.
pub const RULE: &str = "A figure has changed if all rounds of one run lie beyond all rounds of the other, and the medians are more than 5 % apart. \
Of two runs of five rounds of the same thing that happens by chance in one of 126 figures, of three rounds in one of ten.";

/// Medians that are nearer than this part are the same.
const NEAR: f64 = 0.05;

/// A figure that is another.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Of whom.
    pub subject: String,
    /// Bytes of a block.
    pub size: u64,
    /// What, by its name.
    pub what: String,
    /// Before.
    pub old: Spread,
    /// Now.
    pub new: Spread,
}

impl Change {
    /// How many times the old median the new one is.
    pub fn ratio(&self) -> f64 {
        self.new.median / self.old.median
    }

    /// Whether it is for the better.
    pub fn is_better(&self) -> bool {
        let more = what::find(&self.what).is_some_and(|what| what.unit.more_is_better());
        more == (self.new.median > self.old.median)
    }
}

/// The figures of both that have changed, the largest change first; and how many there are in both.
pub fn changes(old: &Record, new: &Record) -> (Vec<Change>, usize) {
    let mut changes = Vec::new();
    let mut both = 0;
    for figure in new.figures.iter() {
        let before = old
            .figures
            .spread(&figure.subject, figure.size, &figure.what);
        let known = what::find(&figure.what).is_some();
        if let (true, Some(before), Some(now)) = (known, before, figure.spread()) {
            both += 1;
            if changed(&before, &now) {
                changes.push(Change {
                    subject: figure.subject.clone(),
                    size: figure.size,
                    what: figure.what.clone(),
                    old: before,
                    new: now,
                });
            }
        }
    }
    let far = |change: &Change| change.ratio().ln().abs();
    changes.sort_by(|a, b| far(b).total_cmp(&far(a)));
    (changes, both)
}

fn changed(old: &Spread, new: &Spread) -> bool {
    let near = (new.median - old.median).abs() <= NEAR * old.median.abs();
    !old.overlaps(new) && !near
}

/// The changes as text: what may not be compared, the rule, a table.
pub fn told(old: &Record, new: &Record) -> String {
    let (changes, both) = changes(old, new);
    let mut text = String::new();
    for (what, old, new) in [
        ("processor", &old.host.cpu, &new.host.cpu),
        ("file system", &old.host.file_system, &new.host.file_system),
        ("kernel", &old.host.kernel, &new.host.kernel),
        ("compiler", &old.host.rustc, &new.host.rustc),
        ("effort", &old.plan.effort, &new.plan.effort),
    ] {
        if old != new {
            let (old, new) = (demo::plain(old), demo::plain(new));
            text += &format!("The {what} was another: {old}, and now {new}.\n");
        }
    }
    text += &format!(
        "{RULE}\n{} of {both} figures have changed.\n",
        changes.len()
    );
    if changes.is_empty() {
        return text;
    }
    let mut table = Table::new([
        Column::left("of"),
        Column::right("size"),
        Column::left("what"),
        Column::right("old"),
        Column::right("new"),
        Column::right("new / old"),
        Column::left(""),
    ]);
    for change in &changes {
        let Some(what) = what::find(&change.what) else {
            continue;
        };
        let figure = |spread: &Spread| number::figure(spread.median, what.unit, change.size);
        let end = match change.is_better() {
            true => "better",
            false => "worse",
        };
        table.row([
            &*change.subject,
            &what.size(change.size),
            &change.what,
            &figure(&change.old),
            &figure(&change.new),
            &number::short(change.ratio()),
            end,
        ]);
    }
    text + "\n" + &table.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{record, set};
    use super::*;

    fn one(what: &str, old: [f64; 3], new: [f64; 3]) -> Vec<Change> {
        let (mut before, mut now) = (record(), record());
        set(&mut before, "pack", 256, what, old);
        set(&mut now, "pack", 256, what, new);
        changes(&before, &now).0
    }

    #[test]
    fn what_lies_within_the_noise_has_not_changed() {
        // They overlap, far apart as the medians are.
        assert!(one("mixed", [10.0, 11.0, 30.0], [29.0, 30.0, 31.0]).is_empty());
        // They do not, and are near.
        assert!(one("mixed", [10.0, 10.1, 10.2], [10.3, 10.4, 10.5]).is_empty());
        assert_eq!(
            one("mixed", [10.0, 10.1, 10.2], [11.0, 11.1, 11.2]).len(),
            1
        );
        assert_eq!(
            one("mixed", [11.0, 11.1, 11.2], [10.0, 10.1, 10.2]).len(),
            1
        );
    }

    #[test]
    fn better_is_more_of_a_rate_and_less_of_a_time() {
        let better = |what| one(what, [1.0; 3], [2.0; 3]).iter().all(Change::is_better);
        assert!(better("mixed") && better("get.warm"));
        assert!(!better("open.killed") && !better("disk") && !better("memory.put"));
    }

    #[test]
    fn the_largest_change_comes_first_and_both_are_counted() {
        let (mut old, mut new) = (record(), record());
        for (what, before, now) in [
            ("mixed", 1.0, 2.0),
            ("delete", 9.0, 1.0),
            ("get.warm", 1.0, 1.0),
        ] {
            set(&mut old, "pack", 256, what, [before; 3]);
            set(&mut new, "pack", 256, what, [now; 3]);
        }
        set(&mut new, "redb", 256, "mixed", [1.0; 3]);
        let (changes, both) = changes(&old, &new);
        let whats: Vec<&str> = changes.iter().map(|change| change.what.as_str()).collect();
        assert_eq!((whats, both), (vec!["delete", "mixed"], 3));
        let told = told(&old, &new);
        assert!(told.contains("2 of 3 figures have changed"), "{told}");
        assert!(told.contains("worse") && told.contains("better"), "{told}");
    }

    #[test]
    fn another_machine_is_told() {
        let (old, mut new) = (record(), record());
        new.host.cpu = "another\x1b".to_owned();
        let told = told(&old, &new);
        assert!(told.contains("The processor was another"), "{told}");
        assert!(told.contains("another\\u{1b}"), "{told}");
    }
}
