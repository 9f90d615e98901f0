//! Permissions and times.

use dag_ipld::protobuf::{put_length, put_varint, varint_len};

/// The bits of a mode that chmod sets.
const PERMISSIONS: u32 = 0o7777;

/// What a node says about its file besides the bytes. Most nodes say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Meta {
    /// The lower twelve bits are the permissions, as of chmod; the others have no meaning yet, and
    /// are kept.
    pub mode: Option<u32>,
    /// When the content was last changed.
    pub mtime: Option<Mtime>,
}

impl Meta {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Meta::default()
    }

    /// The permissions, if any are given.
    pub fn permissions(&self) -> Option<u32> {
        self.mode.map(|mode| mode & PERMISSIONS)
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        if let Some(mode) = self.mode {
            put_varint(out, 7, mode.into());
        }
        if let Some(mtime) = &self.mtime {
            put_length(out, 8, mtime.len());
            mtime.encode(out);
        }
    }

    /// The length of the fields in bytes.
    pub(super) fn len(&self) -> usize {
        let mode = self.mode.map_or(0, |mode| 1 + varint_len(mode.into()));
        // A time has fewer than 128 bytes.
        mode + self.mtime.map_or(0, |mtime| 2 + mtime.len())
    }
}

/// A time: seconds since the beginning of 1970 in UTC, and nanoseconds on top of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mtime {
    /// May be negative.
    pub seconds: i64,
    /// From 1 to 999,999,999; not written when there are none. A block may have any number here,
    /// and one out of range is no time: see [`nanos`](Self::nanos).
    pub fraction: Option<u32>,
}

impl Mtime {
    /// A time. Of `nanos`, 0 is as good as none.
    pub fn new(seconds: i64, nanos: u32) -> Mtime {
        Mtime {
            seconds,
            fraction: (nanos > 0).then_some(nanos),
        }
    }

    /// The nanoseconds, from 0 to 999,999,999; `None` if the block has what is none. Kubo takes
    /// such a node for one without a time.
    pub fn nanos(&self) -> Option<u32> {
        match self.fraction {
            None => Some(0),
            Some(nanos) => (1..1_000_000_000).contains(&nanos).then_some(nanos),
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        // An int64 of protobuf: negative numbers take all ten bytes.
        put_varint(out, 1, self.seconds.cast_unsigned());
        if let Some(nanos) = self.fraction {
            // Field 2 of wire type 5: four bytes, the lowest first.
            out.push(2 << 3 | 5);
            out.extend_from_slice(&nanos.to_le_bytes());
        }
    }

    fn len(&self) -> usize {
        let fraction = self.fraction.map_or(0, |_| 1 + 4);
        1 + varint_len(self.seconds.cast_unsigned()) + fraction
    }
}
