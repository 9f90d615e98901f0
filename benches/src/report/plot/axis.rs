//! An axis: what it is of, how far apart values lie on it, and what stands beside it.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// An axis.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// What it is of, with its unit.
    pub title: &'static str,
    /// Ten times as much is as far everywhere.
    pub log: bool,
    /// How a value is written.
    pub text: fn(f64) -> String,
}

impl Axis {
    /// A value as text.
    pub fn text(&self, value: f64) -> String {
        (self.text)(value)
    }

    /// Where a value lies. What is not above zero has no place on a logarithmic axis.
    pub fn place(&self, value: f64) -> Option<f64> {
        match self.log {
            true => (value > 0.0).then(|| value.log10()),
            false => value.is_finite().then_some(value),
        }
    }

    /// The value at a place.
    pub fn value(&self, place: f64) -> f64 {
        match self.log {
            true => 10f64.powf(place),
            false => place,
        }
    }

    /// From where to where it has to go to show all these values, in places.
    pub fn range(&self, values: impl IntoIterator<Item = f64>) -> (f64, f64) {
        let places: Vec<f64> = values
            .into_iter()
            .filter_map(|value| self.place(value))
            .collect();
        let low = places.iter().copied().fold(f64::INFINITY, f64::min);
        let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match (low <= high, self.log) {
            (false, _) => (0.0, 1.0),
            (true, true) => ((low - 0.05).floor(), (high + 0.05).ceil()),
            // From nothing, so that twice as high is twice as much.
            (true, false) => (low.min(0.0), if high > 0.0 { high * 1.08 } else { 1.0 }),
        }
    }

    /// The places that have a line of the grid.
    pub fn ticks(&self, (low, high): (f64, f64)) -> Vec<f64> {
        let step = match self.log {
            true => ((high - low) / 8.0).ceil().max(1.0),
            false => {
                let rough = (high - low) / 5.0;
                let unit = 10f64.powf(rough.log10().floor());
                let nice = [1.0, 2.0, 2.5, 5.0, 10.0].map(|times| times * unit);
                nice.into_iter()
                    .find(|step| *step >= rough)
                    .unwrap_or(rough)
            }
        };
        let first = (low / step).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        (first..=last).map(|n| n as f64 * step).collect()
    }
}

/// What the drawing library maps to its own units: places, and which of them have a line of the grid.
pub struct Places {
    range: (f64, f64),
    ticks: Vec<f64>,
}

impl Places {
    pub fn new(range: (f64, f64), ticks: Vec<f64>) -> Places {
        Places { range, ticks }
    }
}

impl Ranged for Places {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, (from, to): (i32, i32)) -> i32 {
        let part = (place - self.range.0) / (self.range.1 - self.range.0);
        from + (part * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.0..self.range.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: Axis = Axis {
        title: "",
        log: true,
        text: |value| value.to_string(),
    };
    const LINEAR: Axis = Axis { log: false, ..LOG };

    #[test]
    fn a_logarithmic_axis_goes_over_whole_decades() {
        assert_eq!(LOG.range([3.0, 2000.0]), (0.0, 4.0));
        assert_eq!(LOG.ticks((0.0, 4.0)), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(LOG.place(0.0), None);
        // A value at a decade does not lie on the frame.
        assert_eq!(LOG.range([10.0, 100.0]), (0.0, 3.0));
    }

    #[test]
    fn a_linear_axis_begins_at_nothing() {
        let (low, high) = LINEAR.range([3.0, 9.0]);
        assert!(low == 0.0 && high > 9.0);
        assert_eq!(LINEAR.ticks((0.0, 9.7)), [0.0, 2.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn no_values_have_an_axis_all_the_same() {
        assert_eq!(LOG.range([]), (0.0, 1.0));
        assert_eq!(LINEAR.range([0.0]), (0.0, 1.0));
    }
}
