//! The figures of a run.

use serde::{Deserialize, Serialize};

use super::spread::Spread;
use super::subject::Subject;

/// One figure: what was measured of whom, in every round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Of whom, by its name.
    pub subject: String,
    /// Bytes of a block.
    pub size: u64,
    /// What, by its name in [`what`](super::what).
    pub what: String,
    /// One value a round, in the unit of `what`; `null` in a round that has none.
    pub rounds: Vec<Option<f64>>,
}

impl Figure {
    /// What the rounds say together.
    pub fn spread(&self) -> Option<Spread> {
        Spread::of(self.rounds.iter().flatten().copied())
    }
}

/// All figures of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Adds what round number `round` gave.
    pub fn add(&mut self, subject: Subject, size: u64, what: &str, round: usize, value: f64) {
        let subject = subject.to_string();
        let same = |f: &&mut Figure| f.subject == subject && f.size == size && f.what == what;
        let figure = match self.0.iter_mut().find(same) {
            Some(figure) => figure,
            None => {
                self.0.push(Figure {
                    subject: subject.clone(),
                    size,
                    what: what.to_owned(),
                    rounds: Vec::new(),
                });
                let Some(figure) = self.0.last_mut() else {
                    return;
                };
                figure
            }
        };
        if figure.rounds.len() <= round {
            figure.rounds.resize(round + 1, None);
        }
        if let Some(place) = figure.rounds.get_mut(round) {
            *place = Some(value);
        }
    }

    /// Adds one that there is none of.
    pub fn push(&mut self, figure: Figure) {
        self.0.push(figure);
    }

    /// All, in the order in which they were first measured.
    pub fn iter(&self) -> impl Iterator<Item = &Figure> {
        self.0.iter()
    }

    /// The figure of this name.
    pub fn get(&self, subject: &str, size: u64, what: &str) -> Option<&Figure> {
        let same = |f: &&Figure| f.subject == subject && f.size == size && f.what == what;
        self.0.iter().find(same)
    }

    /// What its rounds say together.
    pub fn spread(&self, subject: &str, size: u64, what: &str) -> Option<Spread> {
        self.get(subject, size, what)?.spread()
    }

    /// What `f` makes of several figures, of the same round each; `None` unless some round has all.
    pub fn combine<const N: usize>(
        &self,
        parts: [(&str, u64, &str); N],
        f: impl Fn([f64; N]) -> f64,
    ) -> Option<Spread> {
        let figures = parts.map(|(subject, size, what)| self.get(subject, size, what));
        let rounds = figures
            .iter()
            .map(|f| f.map_or(0, |f| f.rounds.len()))
            .min()?;
        let of_round = |round: usize| {
            let mut values = [0.0; N];
            for (value, figure) in values.iter_mut().zip(&figures) {
                *value = (*figure)?.rounds.get(round).copied().flatten()?;
            }
            Some(f(values))
        };
        Spread::of((0..rounds).filter_map(of_round))
    }

    /// How many times the figure of `one` that of `other` is, round by round.
    pub fn ratio(&self, one: (&str, u64, &str), other: (&str, u64, &str)) -> Option<Spread> {
        self.combine([one, other], |[one, other]| one / other)
    }

    /// The names of whom there are figures, in the order of their first.
    pub fn subjects(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for figure in &self.0 {
            if !names.contains(&figure.subject.as_str()) {
                names.push(figure.subject.as_str());
            }
        }
        names
    }

    /// The sizes of blocks for which there are figures of `what`, from the smallest.
    pub fn sizes(&self, what: &str) -> Vec<u64> {
        let of_what = self.0.iter().filter(|figure| figure.what == what);
        let mut sizes: Vec<u64> = of_what.map(|figure| figure.size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use persistent::Kind;

    use super::*;

    const PACK: Subject = Subject::Ours(Kind::Pack);
    const RAW: Subject = Subject::Raw(Kind::Pack);

    #[test]
    fn a_round_that_is_missing_is_left_out_of_a_ratio() {
        let mut figures = Figures::default();
        for (round, ours, raw) in [(0, 9.0, 10.0), (2, 30.0, 10.0)] {
            figures.add(PACK, 256, "get.warm", round, ours);
            figures.add(RAW, 256, "get.warm", round, raw);
        }
        // The second round has one of them only.
        figures.add(PACK, 256, "get.warm", 1, 1e9);
        let ratio = figures.ratio(("pack", 256, "get.warm"), ("raw-pack", 256, "get.warm"));
        let ratio = ratio.unwrap();
        assert_eq!((ratio.low, ratio.high, ratio.n), (0.9, 3.0, 2));
        // Ratios are of one round: 9/10 and 30/10, not of the medians.
        assert_eq!(ratio.median, 1.95);
    }

    #[test]
    fn what_was_not_measured_has_no_spread() {
        let mut figures = Figures::default();
        figures.add(PACK, 256, "get.warm", 0, 1.0);
        assert_eq!(figures.spread("pack", 4096, "get.warm"), None);
        assert_eq!(figures.spread("pack", 256, "get.cold"), None);
        assert_eq!(figures.spread("redb", 256, "get.warm"), None);
        assert!(
            figures
                .ratio(("pack", 256, "get.warm"), ("redb", 256, "get.warm"))
                .is_none()
        );
        assert_eq!(figures.subjects(), ["pack"]);
        assert_eq!(figures.sizes("get.warm"), [256]);
    }
}
