//! What a write takes on disk.

/// What a write takes on disk, at most, before the next look says what it did take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Bytes for each byte of key and value: 2 where a log holds it before its place does, or
    /// where pages are copied.
    pub per_byte: u64,
    /// Bytes for each value beyond that.
    pub per_value: u64,
    /// Whether each value takes an inode.
    pub inodes: bool,
}

impl Cost {
    /// The bytes that are written and no more.
    pub const PLAIN: Cost = Cost {
        per_byte: 1,
        per_value: 0,
        inodes: false,
    };

    /// A file a value: rounded up to a block of 4 KiB, in a folder that may be new and takes
    /// another.
    pub const FILES: Cost = Cost {
        per_byte: 1,
        per_value: 8192,
        inodes: true,
    };

    /// A section: its head, and an entry of the index, which merging writes anew beside the old.
    pub const SECTIONS: Cost = Cost {
        per_byte: 1,
        per_value: 192,
        inodes: false,
    };

    /// Twice: in a log and in its place, or in a page and its copy.
    pub const TWICE: Cost = Cost {
        per_byte: 2,
        per_value: 0,
        inodes: false,
    };
}
