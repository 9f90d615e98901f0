//! Which engine for which case: questions, each answered by a rule from the figures.

use super::record::Record;
use super::spread::Spread;
use super::what;

/// How all of them are answered; it stands beside the table.
pub const RULE: &str = "Of each engine on disk and each round, the figures named are turned so that more is better, \
and the score is their geometric mean over the block sizes named. The engine with the best median score is named. \
So is every other whose rounds overlap with those of the best, or whose median is within a tenth of it: the data does not tell these apart. \
An engine that lacks one of the figures is not ranked.";

/// An engine is as good as the best if its score is this part of it.
const AS_GOOD: f64 = 0.9;

/// One question, and the figures that answer it.
struct Question {
    question: &'static str,
    whats: &'static [&'static str],
    sizes: fn(u64) -> bool,
    sizes_text: &'static str,
}

const fn ask(question: &'static str, whats: &'static [&'static str]) -> Question {
    Question {
        question,
        whats,
        sizes: |_| true,
        sizes_text: "all sizes",
    }
}

const READS_AND_WRITES: &[&str] = &["put.none.1000", "put.batch.100", "get.warm"];

const QUESTIONS: &[Question] = &[
    ask(
        "How much may you lose? Nothing that was acknowledged, and one program writes block after block",
        &["put.each.1"],
    ),
    ask(
        "How much may you lose? Nothing that was acknowledged, and many write at once",
        &["put.each.64"],
    ),
    ask(
        "How much may you lose? At most the batch that is being written",
        &["put.batch.100", "put.batch.1000"],
    ),
    ask(
        "How much may you lose? Everything since the last sync",
        &["put.none.1", "put.none.100", "put.none.1000"],
    ),
    Question {
        sizes: |size| size <= 1 << 10,
        sizes_text: "up to 1 KiB",
        ..ask("How large are your blocks? Up to 1 KiB", READS_AND_WRITES)
    },
    Question {
        sizes: |size| size > 1 << 10 && size <= 64 << 10,
        sizes_text: "over 1 KiB, up to 64 KiB",
        ..ask("How large are your blocks? Up to 64 KiB", READS_AND_WRITES)
    },
    Question {
        sizes: |size| size > 64 << 10,
        sizes_text: "over 64 KiB",
        ..ask("How large are your blocks? Larger", READS_AND_WRITES)
    },
    ask("What do you do most? Read what is cached", &["get.warm"]),
    ask(
        "What do you do most? Read what is not cached",
        &["get.cold"],
    ),
    ask(
        "What do you do most? Ask for what is not there",
        &["has.absent"],
    ),
    ask("What do you do most? Four reads for each write", &["mixed"]),
    ask(
        "What do you do most? Walk through everything",
        &["scan.keys", "scan.blocks"],
    ),
    ask(
        "Who deletes? You do, and want the space back",
        &["delete", "disk.deleted"],
    ),
    ask("What is scarce? Memory", &["memory.put", "memory.rest"]),
    ask("What is scarce? Disk", &["disk"]),
    ask(
        "What is scarce? Disk, and the data compresses",
        &["disk.compressible"],
    ),
    ask("What is scarce? Writes to the device", &["written"]),
    ask(
        "How often does it start? Often, also after kill -9",
        &["open.closed", "open.killed"],
    ),
];

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The question.
    pub question: &'static str,
    /// The figures and sizes that the score is of.
    pub of: String,
    /// The engines that were ranked, the best first: their scores as parts of the best median.
    pub ranked: Vec<(String, Spread)>,
    /// How many of the first are as good as the best.
    pub good: usize,
}

impl Answer {
    /// Those that are named.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.ranked
            .iter()
            .take(self.good)
            .map(|(name, _)| name.as_str())
    }
}

/// All questions that this record can answer.
pub fn answers(record: &Record) -> Vec<Answer> {
    QUESTIONS
        .iter()
        .filter_map(|question| answer(record, question))
        .collect()
}

fn answer(record: &Record, question: &Question) -> Option<Answer> {
    let mut ranked: Vec<(String, Spread)> = Vec::new();
    for name in ["file", "fjall", "rocksdb", "redb", "pack"] {
        if let Some(score) = score(record, name, question) {
            ranked.push((name.to_owned(), score));
        }
    }
    // One alone is the best of nothing.
    if ranked.len() < 2 {
        return None;
    }
    ranked.sort_by(|a, b| b.1.median.total_cmp(&a.1.median));
    let best = ranked.first().map(|(_, score)| *score)?;
    let is_good = |score: &Spread| score.overlaps(&best) || score.median >= AS_GOOD * best.median;
    // In front stand those that are named, whatever their order was.
    let (named, rest): (Vec<_>, Vec<_>) = ranked.into_iter().partition(|(_, score)| is_good(score));
    let good = named.len();
    let ranked = named.into_iter().chain(rest);
    let part = |(name, score): (String, Spread)| (name, score.map(|value| value / best.median));
    Some(Answer {
        question: question.question,
        of: format!("{}; {}", question.whats.join(", "), question.sizes_text),
        ranked: ranked.map(part).collect(),
        good,
    })
}

/// The geometric mean of the figures of a question, round by round.
fn score(record: &Record, name: &str, question: &Question) -> Option<Spread> {
    let figures = &record.figures;
    let mut rounds: Vec<Vec<f64>> = Vec::new();
    for what in question.whats {
        let more = what::find(what)?.unit.more_is_better();
        for size in figures
            .sizes(what)
            .into_iter()
            .filter(|size| (question.sizes)(*size))
        {
            let figure = figures.get(name, size, what)?;
            rounds.resize(rounds.len().max(figure.rounds.len()), Vec::new());
            for (round, value) in rounds.iter_mut().zip(&figure.rounds) {
                // Nothing at all (memory that did not grow) counts as one, which it can be compared by.
                let value =
                    value.map(|value| value.max(if more { f64::MIN_POSITIVE } else { 1e-9 }));
                round.push(
                    value
                        .map_or(f64::NAN, |value| if more { value } else { 1.0 / value })
                        .ln(),
                );
            }
        }
    }
    let parts = rounds
        .iter()
        .map(Vec::len)
        .max()
        .filter(|parts| *parts > 0)?;
    let whole = rounds.iter().filter(|round| round.len() == parts);
    let means = whole.map(|round| (round.iter().sum::<f64>() / parts as f64).exp());
    Spread::of(means.filter(|mean| mean.is_finite()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::testing::{record, set};
    use super::*;

    fn find(record: &Record, part: &str) -> Option<Answer> {
        answers(record)
            .into_iter()
            .find(|answer| answer.question.contains(part))
    }

    fn named(record: &Record, part: &str) -> Vec<String> {
        let answer = find(record, part).unwrap();
        answer.named().map(str::to_owned).collect()
    }

    #[test]
    fn without_figures_there_is_no_answer() {
        assert!(answers(&record()).is_empty());
    }

    #[test]
    fn one_engine_alone_is_the_best_of_nothing() {
        let mut record = record();
        set(&mut record, "pack", 256, "mixed", [10.0; 3]);
        assert!(find(&record, "Four reads").is_none());
    }

    #[test]
    fn the_best_is_named_and_what_cannot_be_told_from_it() {
        let mut record = record();
        set(&mut record, "pack", 256, "mixed", [100.0, 101.0, 102.0]);
        // Within a tenth; not within, but its rounds overlap; neither.
        set(&mut record, "redb", 256, "mixed", [91.5, 91.6, 91.7]);
        set(&mut record, "fjall", 256, "mixed", [50.0, 60.0, 100.5]);
        set(&mut record, "file", 256, "mixed", [80.0, 81.0, 82.0]);
        // The peer is no answer, however quick it is.
        set(&mut record, "sled", 256, "mixed", [1e9; 3]);
        assert_eq!(named(&record, "Four reads"), ["pack", "redb", "fjall"]);
    }

    #[test]
    fn less_is_better_of_what_is_taken() {
        let mut record = record();
        set(&mut record, "pack", 256, "disk", [1.1; 3]);
        set(&mut record, "redb", 256, "disk", [2.2; 3]);
        let answer = find(&record, "scarce? Disk").unwrap();
        assert_eq!(answer.named().collect::<Vec<_>>(), ["pack"]);
        assert!((answer.ranked[1].1.median - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_score_is_over_all_sizes_and_what_lacks_one_is_not_ranked() {
        let mut record = record();
        // Geometric means 10 and 9: one slow size does not hide behind a quick one.
        for (name, small, large) in [
            ("pack", 100.0, 1.0),
            ("redb", 3.0, 27.0),
            ("file", 1e9, 0.0),
        ] {
            set(&mut record, name, 256, "mixed", [small; 3]);
            if large > 0.0 {
                set(&mut record, name, 4096, "mixed", [large; 3]);
            }
        }
        let answer = find(&record, "Four reads").unwrap();
        let ranked: Vec<&str> = answer
            .ranked
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(ranked, ["pack", "redb"]);
        assert!((answer.ranked[1].1.median - 0.9).abs() < 1e-9);
    }

    #[test]
    fn a_question_of_small_blocks_looks_at_small_blocks() {
        let mut record = record();
        for what in READS_AND_WRITES {
            set(&mut record, "pack", 256, what, [10.0; 3]);
            set(&mut record, "redb", 256, what, [5.0; 3]);
            set(&mut record, "pack", 1 << 20, what, [1.0; 3]);
            set(&mut record, "redb", 1 << 20, what, [9.0; 3]);
        }
        assert_eq!(named(&record, "Up to 1 KiB"), ["pack"]);
        assert_eq!(named(&record, "Larger"), ["redb"]);
    }

    #[test]
    fn every_question_is_of_what_is_measured() {
        for question in QUESTIONS {
            for name in question.whats {
                assert!(what::find(name).is_some(), "{name}");
            }
        }
    }
}
