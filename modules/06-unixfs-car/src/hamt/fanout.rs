//! How many places a node has.

use super::bits::MAX_FANOUT;
use crate::{Error, Result};

/// How many places a node has: a power of two from 8 to 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fanout {
    bits: u32,
}

impl Fanout {
    /// 256 places.
    pub const DEFAULT: Fanout = Fanout { bits: 8 };

    /// This many places. The bits of a node have to be whole bytes, which 8 places have; above
    /// 1024, no reader goes along.
    ///
    /// # Errors
    /// [`Error::Option`] for any other number.
    pub fn new(places: usize) -> Result<Fanout> {
        if !places.is_power_of_two() || !(8..=MAX_FANOUT).contains(&places) {
            return Err(Error::Option {
                option: "--max-hamt-fanout",
                reason: format!("it is a power of two from 8 to 1024, and {places} is not"),
            });
        }
        Ok(Fanout {
            bits: places.ilog2(),
        })
    }

    /// How many places there are.
    pub fn places(self) -> usize {
        1 << self.bits
    }

    /// How many bits of a hash say a place.
    pub fn bits(self) -> u32 {
        self.bits
    }

    /// What stands before the name of a link at this place: its number in hexadecimal, with as many
    /// digits as that of the last place.
    pub fn prefix(self, place: usize) -> String {
        format!("{place:0digits$X}", digits = self.digits())
    }

    /// How many digits that are.
    pub fn digits(self) -> usize {
        self.bits.div_ceil(4) as usize
    }
}

impl Default for Fanout {
    fn default() -> Fanout {
        Fanout::DEFAULT
    }
}
