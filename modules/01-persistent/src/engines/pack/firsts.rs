//! Which of many sorted numbers is the last that is not above one.
//!
//! Multihashes are spread evenly, so that the place is guessed, and is nearly always among eight
//! numbers, a line of the processor's cache. A search by halves reads one for each step, and waits
//! for each: in a run of four million entries 11 of them. Where the guess is wrong, as in a store of
//! two kinds of hashes, that is what is done.

/// So many are looked at around the place that is guessed.
const AROUND: usize = 8;

/// Numbers in order.
#[derive(Debug)]
pub(super) struct Firsts {
    numbers: Vec<u64>,
    /// How many there are, by the distance from the first to the last, in 2^-64.
    slope: u64,
}

impl Firsts {
    pub fn new(numbers: Vec<u64>) -> Firsts {
        let distance = match numbers[..] {
            [first, .., last] => last.saturating_sub(first).max(1),
            _ => 1,
        };
        let slope = ((numbers.len() as u128) << 64) / u128::from(distance);
        Firsts {
            slope: u64::try_from(slope).unwrap_or(u64::MAX),
            numbers,
        }
    }

    pub fn as_slice(&self) -> &[u64] {
        &self.numbers
    }

    /// How many are not above this one.
    pub fn up_to(&self, number: u64) -> usize {
        let Some(first) = self.numbers.first() else {
            return 0;
        };
        let product = u128::from(number.saturating_sub(*first)) * u128::from(self.slope);
        let guess = usize::try_from(product >> 64).unwrap_or(usize::MAX);
        guessed(&self.numbers, guess, |there| *there <= number)
    }

    /// How far this one is, by a guess, from number `n` of them to the next, in so many parts.
    pub fn part_of(&self, number: u64, n: usize, parts: usize) -> usize {
        let at = |n: usize| self.numbers.get(n).copied();
        let first = at(n).unwrap_or(0);
        let distance = at(n + 1).unwrap_or(u64::MAX).saturating_sub(first);
        let product = u128::from(number.saturating_sub(first)) * parts as u128;
        let part = product / u128::from(distance.max(1));
        usize::try_from(part).unwrap_or(usize::MAX)
    }
}

/// How many of these, which are sorted, are `below`: looked for where it is guessed first.
pub(super) fn guessed<T>(sorted: &[T], guess: usize, below: impl Fn(&T) -> bool) -> usize {
    let last = sorted.len().saturating_sub(AROUND);
    let begin = guess.saturating_sub(AROUND / 2).min(last);
    let end = (begin + AROUND).min(sorted.len());
    let around = sorted.get(begin..end).unwrap_or_default();
    let count = around.iter().filter(|there| below(there)).count();
    let is_inside = (begin == 0 || count > 0) && (end == sorted.len() || begin + count < end);
    match is_inside {
        true => begin + count,
        false => sorted.partition_point(below),
    }
}

#[cfg(test)]
mod tests {
    use testkit::Rng;

    use super::*;

    #[test]
    fn it_is_as_a_search_by_halves() {
        let mut rng = Rng::new(1);
        let even = |rng: &mut Rng| rng.next();
        let narrow = |rng: &mut Rng| (0x1220 << 48) + (rng.next() >> 16);
        let two = |rng: &mut Rng| match rng.once_in(9) {
            true => u64::MAX - rng.below(1000),
            false => rng.next() >> 20,
        };
        let alike = |rng: &mut Rng| rng.below(5);
        for draw in [&even as &dyn Fn(&mut Rng) -> u64, &narrow, &two, &alike] {
            for count in [0, 1, 2, 7, 8, 9, 100, 5000] {
                let mut numbers: Vec<u64> = (0..count).map(|_| draw(&mut rng)).collect();
                numbers.sort_unstable();
                let firsts = Firsts::new(numbers.clone());
                let drawn: Vec<u64> = (0..2000).map(|_| draw(&mut rng)).collect();
                let edges = [0, 1, u64::MAX - 1, u64::MAX];
                for number in drawn.iter().chain(&numbers).chain(&edges) {
                    let wanted = numbers.partition_point(|there| there <= number);
                    assert_eq!(firsts.up_to(*number), wanted, "{number} of {count}");
                }
            }
        }
    }
}
