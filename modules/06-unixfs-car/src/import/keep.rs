//! Which permissions and times are kept.

use std::fs::Metadata;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::unixfs::{Meta, Mtime};

/// What is said about permissions and times: nothing, unless it is asked for. Two copies of a file then
/// have one CID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// The permissions, as of chmod. Symbolic links have none.
    pub mode: Say<u32>,
    /// When the content was last changed.
    pub mtime: Say<Mtime>,
}

/// What is said about every file and folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Say<T> {
    /// Nothing.
    #[default]
    Nothing,
    /// What the file system says.
    ItsOwn,
    /// This.
    This(T),
}

impl<T: Copy> Say<T> {
    fn of(self, own: Option<T>) -> Option<T> {
        match self {
            Say::Nothing => None,
            Say::ItsOwn => own,
            Say::This(value) => Some(value),
        }
    }
}

impl Keep {
    /// Whether anything is said.
    pub fn has_meta(&self) -> bool {
        *self != Keep::default()
    }

    /// What is said about this file, or folder. A file without any permissions says nothing of them, as in
    /// Kubo, whose 0 means that.
    pub(super) fn of(&self, own: &Metadata) -> Meta {
        let mode = self.mode.of(Some(mode(own)));
        Meta {
            mode: mode.filter(|mode| own.is_dir() || *mode != 0),
            mtime: self.mtime.of(mtime(own)),
        }
    }

    /// What is said about this symbolic link.
    pub(super) fn of_symlink(&self, own: &Metadata) -> Meta {
        Meta {
            mode: None,
            mtime: self.mtime.of(mtime(own)),
        }
    }

    /// What is said about a source that has no metadata but these.
    pub(super) fn of_none(&self, given: Meta) -> Meta {
        Meta {
            mode: given.mode.or(self.mode.of(None)),
            mtime: given.mtime.or(self.mtime.of(None)),
        }
    }
}

#[cfg(unix)]
fn mode(own: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    own.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(own: &Metadata) -> u32 {
    match (own.is_dir(), own.permissions().readonly()) {
        (true, _) => 0o777,
        (false, true) => 0o444,
        (false, false) => 0o666,
    }
}

fn mtime(own: &Metadata) -> Option<Mtime> {
    own.modified().ok().map(Mtime::from)
}

impl From<SystemTime> for Mtime {
    fn from(time: SystemTime) -> Mtime {
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => Mtime::new(since.as_secs().cast_signed(), since.subsec_nanos()),
            Err(before) => {
                // Nanoseconds go forward, so a part of a second before is one second more and the
                // rest of it back.
                let before = before.duration();
                let seconds = -before.as_secs().cast_signed();
                match before.subsec_nanos() {
                    0 => Mtime::new(seconds, 0),
                    nanos => Mtime::new(seconds - 1, 1_000_000_000 - nanos),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_time_before_1970_counts_its_nanoseconds_forward() {
        for (back, seconds, nanos) in [
            (Duration::from_secs(5), -5, 0),
            (Duration::from_nanos(1), -1, 999_999_999),
            (Duration::from_millis(1500), -2, 500_000_000),
        ] {
            assert_eq!(Mtime::from(UNIX_EPOCH - back), Mtime::new(seconds, nanos));
        }
        let later = UNIX_EPOCH + Duration::from_nanos(1_000_000_007);
        assert_eq!(Mtime::from(later), Mtime::new(1, 7));
    }
}
