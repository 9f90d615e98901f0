//! Which engine for which need.

use crate::engine::Compression;
use crate::{Config, Durability, Kind};

/// What a program asks of its store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Nothing has to outlive the process.
    pub testing_only: bool,
    /// More is written than read.
    pub mostly_writes: bool,
    /// Most of what is kept are no blocks but other keys, whose values change.
    pub mostly_records: bool,
    /// Disk space is scarce, and the data compresses.
    pub disk_is_limited: bool,
    /// How much may be lost when the power fails or a disk goes bad.
    pub may_lose: Loss,
}

/// How much may be lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loss {
    /// Everything: the store can be filled again.
    Everything,
    /// What was written since the last `sync`.
    LastWrites,
    /// Nothing that was acknowledged, to a crash or a power cut.
    #[default]
    Nothing,
    /// That neither, and to a damaged spot on disk no more than the block that lies there.
    OnlyTheDamaged,
}

/// An engine and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The engine.
    pub kind: Kind,
    /// When writes are acknowledged.
    pub durability: Durability,
    /// Whether to turn compression on.
    pub compress: bool,
    /// The reason, as a sentence.
    pub reason: &'static str,
}

impl Choice {
    /// The choice as a configuration.
    pub fn config(&self) -> Config {
        let config = Config::new(self.kind);
        let config = if self.compress {
            config.with_compression(Compression::Lz4)
        } else {
            config
        };
        config.with_durability(self.durability)
    }
}

/// The engine for these needs; the first of them that decides.
pub fn choose(needs: Needs) -> Choice {
    let durability = match needs.may_lose {
        Loss::Everything => Durability::None,
        Loss::LastWrites => Durability::Batch,
        Loss::Nothing | Loss::OnlyTheDamaged => Durability::Each,
    };
    let choice = |kind, compress, reason| Choice {
        kind,
        durability,
        compress,
        reason,
    };
    if needs.testing_only {
        let reason = "nothing has to survive, and nothing is faster or easier to clean up";
        Choice {
            durability: Durability::None,
            ..choice(Kind::Memory, false, reason)
        }
    } else if needs.may_lose == Loss::OnlyTheDamaged {
        choice(
            Kind::File,
            false,
            "each block is a file of its own, so damage stays where it is, and any tool can copy \
             the rest",
        )
    } else if needs.disk_is_limited {
        choice(
            Kind::Fjall,
            true,
            "it compresses values, and a log-structured tree leaves no half-empty pages",
        )
    } else if needs.mostly_records {
        match needs.mostly_writes {
            true => choice(
                Kind::Fjall,
                false,
                "a log-structured tree turns writes to random keys into sequential ones",
            ),
            false => choice(
                Kind::Redb,
                false,
                "a look-up in a B-tree reads few pages, and its one file opens at once, also after \
                 a crash",
            ),
        }
    } else {
        choice(
            Kind::Pack,
            false,
            "a block that never changes is written once, with one flush, and found with two reads; \
             and its files are CARs, which other tools read",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_need_decides_in_its_turn() {
        let needs = Needs::default();
        assert_eq!(choose(needs).kind, Kind::Pack);
        let writes = Needs {
            mostly_writes: true,
            ..needs
        };
        assert_eq!(choose(writes).kind, Kind::Pack);
        for (needs, kind) in [(needs, Kind::Redb), (writes, Kind::Fjall)] {
            let records = Needs {
                mostly_records: true,
                ..needs
            };
            assert_eq!(choose(records).kind, kind);
        }
        let limited = choose(Needs {
            disk_is_limited: true,
            mostly_writes: true,
            ..needs
        });
        assert_eq!((limited.kind, limited.compress), (Kind::Fjall, true));
        let careful = Needs {
            may_lose: Loss::OnlyTheDamaged,
            mostly_writes: true,
            ..needs
        };
        assert_eq!(choose(careful).kind, Kind::File);
        let test = Needs {
            testing_only: true,
            may_lose: Loss::OnlyTheDamaged,
            ..needs
        };
        assert_eq!(choose(test).kind, Kind::Memory);
        let last = Needs {
            may_lose: Loss::LastWrites,
            ..needs
        };
        assert_eq!(choose(last).durability, Durability::Batch);
    }

    /// Every choice can be opened by every build, as it is recommended.
    #[test]
    fn every_choice_opens() {
        for bits in 0..16u8 {
            let bit = |n: u8| bits & (1 << n) != 0;
            for may_lose in [
                Loss::Everything,
                Loss::LastWrites,
                Loss::Nothing,
                Loss::OnlyTheDamaged,
            ] {
                let choice = choose(Needs {
                    testing_only: bit(0),
                    mostly_writes: bit(1),
                    mostly_records: bit(3),
                    disk_is_limited: bit(2),
                    may_lose,
                });
                assert!(choice.config().check().is_ok(), "{choice:?}");
            }
        }
    }
}
