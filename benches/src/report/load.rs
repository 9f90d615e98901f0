//! How much is done for a figure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Bytes of blocks and milliseconds of calls; whichever ends first ends a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Bytes that bulk puts have, in all.
    pub bytes: u64,
    /// Blocks that they have at most, in all.
    pub blocks: u64,
    /// Milliseconds of one kind of put.
    pub put_ms: u64,
    /// Milliseconds of one kind of read.
    pub read_ms: u64,
    /// Bytes that are acknowledged before the kill.
    pub killed_bytes: u64,
}

impl Load {
    /// As many as it takes for what an engine does in the background to begin.
    pub const FULL: Load = Load {
        bytes: 64 << 20,
        blocks: 32_768,
        put_ms: 300,
        read_ms: 120,
        killed_bytes: 8 << 20,
    };

    /// For a first look.
    pub const QUICK: Load = Load {
        bytes: 8 << 20,
        blocks: 4_096,
        put_ms: 60,
        read_ms: 30,
        killed_bytes: 1 << 20,
    };

    /// For tests of the report itself.
    pub const TINY: Load = Load {
        bytes: 256 << 10,
        blocks: 256,
        put_ms: 5,
        read_ms: 2,
        killed_bytes: 64 << 10,
    };

    /// Blocks of bulk puts.
    pub fn count(&self, size: usize) -> u64 {
        (self.bytes / size.max(1) as u64).clamp(1, self.blocks)
    }

    /// Time of one kind of put.
    pub fn put(&self) -> Duration {
        Duration::from_millis(self.put_ms)
    }

    /// Time of one kind of read.
    pub fn read(&self) -> Duration {
        Duration::from_millis(self.read_ms)
    }
}

/// Bytes that a batch has at most: of large blocks it has fewer than its name says.
pub const BATCH_BYTES: usize = 32 << 20;

/// Blocks of a batch of `wanted`.
pub fn batch(wanted: usize, size: usize) -> usize {
    wanted.min(BATCH_BYTES / size.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_of_large_blocks_is_smaller() {
        assert_eq!(batch(1000, 256), 1000);
        assert_eq!(batch(1000, 64 << 10), 512);
        assert_eq!(batch(100, 1 << 20), 32);
        assert_eq!(batch(100, 1 << 30), 1);
    }

    #[test]
    fn blocks_are_limited_by_bytes_and_by_number() {
        assert_eq!(Load::FULL.count(256), 32_768);
        assert_eq!(Load::FULL.count(1 << 20), 64);
        assert_eq!(Load::TINY.count(1 << 20), 1);
    }
}
