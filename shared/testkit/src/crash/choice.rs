//! What may become of a change that was not flushed.

use super::cut::{Cut, Pending, What};
use super::image::{Id, Image};
use super::record::Change;
use crate::Rng;

/// Disks write 512 bytes wholly or not at all.
const SECTOR: u64 = 512;

/// What became of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Nothing of it is there.
    Lost,
    /// It is there.
    Whole,
    /// The length is there, and zeros where the bytes would be: the file's length was written
    /// before its data.
    Zeros,
    /// So many sectors from the beginning.
    First(u64),
    /// All but so many sectors from the beginning.
    Last(u64),
    /// Each sector as the chance of this seed has it.
    Some(u64),
}

impl Choice {
    pub(super) fn apply(self, image: &mut Image, id: Id, change: &Change) {
        let (offset, bytes) = match (self, change) {
            (Choice::Lost, _) => return,
            (Choice::Whole, _) => return image.change(id, change),
            (_, Change::Len(_)) => return,
            (_, Change::Write { offset, bytes }) => (*offset, bytes),
        };
        let end = offset + bytes.len() as u64;
        let len = image.bytes(id).map_or(0, |bytes| bytes.len() as u64);
        let longer = match self {
            Choice::Zeros => true,
            Choice::Some(seed) => Rng::new(seed).once_in(2),
            _ => false,
        };
        if longer && len < end {
            image.change(id, &Change::Len(end));
        }
        for sector in 0..sectors(offset, bytes.len()) {
            let there = match self {
                Choice::First(n) => sector < n,
                Choice::Last(n) => sector >= n,
                Choice::Some(seed) => Rng::of(seed, &[sector]).once_in(2),
                _ => false,
            };
            if there {
                let first = offset / SECTOR + sector;
                let from = (first * SECTOR).max(offset);
                let to = ((first + 1) * SECTOR).min(end);
                let part = bytes.get((from - offset) as usize..(to - offset) as usize);
                let bytes = part.unwrap_or_default().into();
                image.change(
                    id,
                    &Change::Write {
                        offset: from,
                        bytes,
                    },
                );
            }
        }
    }
}

/// How many sectors a write of `len` bytes at `offset` touches.
fn sectors(offset: u64, len: usize) -> u64 {
    match len as u64 {
        0 => 0,
        len => (offset + len - 1) / SECTOR - offset / SECTOR + 1,
    }
}

/// The choices that are listed for one change: all there are, but for subsets of many sectors,
/// of which the beginnings and the ends are.
fn listed(cut: &Cut<'_>, pending: &Pending) -> (bool, u64) {
    match &pending.what {
        What::Data(id, Change::Write { offset, bytes }) => {
            let len = cut.base.bytes(*id).map_or(0, |bytes| bytes.len() as u64);
            let torn = sectors(*offset, bytes.len()).saturating_sub(1);
            (offset + bytes.len() as u64 > len, torn)
        }
        What::Data(_, Change::Len(_)) | What::Names(_) => (false, 0),
    }
}

pub(super) fn count(cut: &Cut<'_>, pending: &Pending) -> u64 {
    let (longer, torn) = listed(cut, pending);
    2 + u64::from(longer) + 2 * torn
}

/// The choices that make up `number`, as a number is made of digits.
pub(super) fn digits(cut: &Cut<'_>, mut number: u64) -> Vec<Choice> {
    let digit = |pending| {
        let (longer, torn) = listed(cut, pending);
        let count = count(cut, pending);
        let digit = number % count;
        number /= count;
        match digit {
            0 => Choice::Lost,
            1 => Choice::Whole,
            n if n < 2 + torn => Choice::First(n - 1),
            n if n < 2 + 2 * torn => Choice::Last(n - 1 - torn),
            _ if longer => Choice::Zeros,
            _ => Choice::Whole,
        }
    };
    cut.unsure().map(digit).collect()
}

pub(super) fn random(cut: &Cut<'_>, seed: u64, number: u64) -> Vec<Choice> {
    let mut rng = Rng::of(seed, &[cut.point() as u64, number]);
    let all = |names: Choice, data: Choice| {
        let choice = |pending: &Pending| match pending.what {
            What::Names(_) => names,
            What::Data(..) => data,
        };
        cut.unsure().map(choice).collect()
    };
    match number {
        0 => return all(Choice::Lost, Choice::Lost),
        1 => return all(Choice::Whole, Choice::Whole),
        2 => return all(Choice::Whole, Choice::Lost),
        3 => return all(Choice::Lost, Choice::Whole),
        4 => return all(Choice::Whole, Choice::Zeros),
        _ => {}
    }
    let many = cut.unsure().count() as u64;
    // One in three is a prefix: the disk worked in order, and was interrupted.
    let upto = rng.once_in(3).then(|| rng.below(many + 1));
    // The others lose much, or a half, or little.
    let of_eight = 1 + 3 * rng.below(3);
    let mut place = 0;
    let choice = |pending: &Pending| {
        place += 1;
        let data = matches!(pending.what, What::Data(..));
        match upto {
            Some(upto) if place <= upto => Choice::Whole,
            Some(upto) if place == upto + 1 && data => torn(&mut rng),
            Some(_) => Choice::Lost,
            None if data && rng.once_in(4) => torn(&mut rng),
            None if rng.below(8) < of_eight => Choice::Whole,
            None => Choice::Lost,
        }
    };
    cut.unsure().map(choice).collect()
}

fn torn(rng: &mut Rng) -> Choice {
    match rng.below(4) {
        0 => Choice::Zeros,
        1 => Choice::First(1 + rng.below(8)),
        2 => Choice::Last(1 + rng.below(8)),
        _ => Choice::Some(rng.next()),
    }
}
