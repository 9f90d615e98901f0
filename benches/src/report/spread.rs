//! What several rounds say together.

use serde::{Deserialize, Serialize};

/// The median of some rounds, and how far apart they lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The middle one; of an even number the mean of both in the middle.
    pub median: f64,
    /// The least.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// How many rounds there are.
    pub n: usize,
}

impl Spread {
    /// Of these values; `None` if there are none, or one is no number.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let mut values: Vec<f64> = values.into_iter().collect();
        if values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let (low, high) = (*values.first()?, *values.last()?);
        let upper = *values.get(n / 2)?;
        let median = match n % 2 {
            0 => (*values.get(n / 2 - 1)? + upper) / 2.0,
            _ => upper,
        };
        Some(Spread {
            median,
            low,
            high,
            n,
        })
    }

    /// Whether some value lies within both.
    pub fn overlaps(&self, other: &Spread) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// With every value changed by `f`, which has to keep their order or turn it round.
    pub fn map(self, f: impl Fn(f64) -> f64) -> Spread {
        let (low, high) = (f(self.low), f(self.high));
        Spread {
            median: f(self.median),
            low: low.min(high),
            high: low.max(high),
            n: self.n,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_what_is_sorted() {
        let odd = Spread::of([9.0, 1.0, 4.0]).unwrap();
        assert_eq!((odd.median, odd.low, odd.high, odd.n), (4.0, 1.0, 9.0, 3));
        let even = Spread::of([10.0, 1.0, 4.0, 2.0]).unwrap();
        assert_eq!((even.median, even.low, even.high), (3.0, 1.0, 10.0));
    }

    #[test]
    fn nothing_has_no_spread_nor_has_what_is_no_number() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([1.0, f64::NAN]), None);
        assert_eq!(Spread::of([1.0, f64::INFINITY]), None);
    }

    #[test]
    fn spreads_overlap_where_they_touch() {
        let spread = |low, high| Spread::of([low, high]).unwrap();
        assert!(spread(1.0, 3.0).overlaps(&spread(3.0, 4.0)));
        assert!(spread(3.0, 4.0).overlaps(&spread(1.0, 3.0)));
        assert!(spread(1.0, 9.0).overlaps(&spread(3.0, 4.0)));
        assert!(!spread(1.0, 2.9).overlaps(&spread(3.0, 4.0)));
        assert!(!spread(3.0, 4.0).overlaps(&spread(1.0, 2.9)));
    }

    #[test]
    fn a_turned_spread_keeps_its_ends_in_order() {
        let turned = Spread::of([2.0, 4.0, 8.0])
            .unwrap()
            .map(|value| 1.0 / value);
        assert_eq!((turned.low, turned.median, turned.high), (0.125, 0.25, 0.5));
    }
}
