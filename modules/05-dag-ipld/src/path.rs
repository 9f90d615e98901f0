//! A path: where to begin, and which way to go.
//!
//! ```text
//! /ipfs/bafy…/docs/readme.md     dag-pb by the names of its links, as files are found
//! bafy…/docs/readme.md           the same
//! /ipld/bafy…/Links/0/Hash       every codec by its fields, dag-pb too
//! ```
//!
//! A segment is a key of a map, an index of a list or the name of a link. Empty segments are left
//! out, as Kubo does; nothing else is special: no `..`, no `%2f`, so a key with a `/` in it is not
//! to be written as text, and has to be [joined](Path::join).

use std::fmt;
use std::str::FromStr;

use block_cid::text;

use crate::{Cid, Error};

/// How a path goes through dag-pb. Every other codec is the same in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// By the names of its links: `/ipfs/`.
    #[default]
    Ipfs,
    /// By its fields, `Links` and `Data`: `/ipld/`.
    Ipld,
}

/// A path from a CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// How it goes through dag-pb.
    pub scope: Scope,
    /// Where it begins.
    pub root: Cid,
    /// The way, outermost first.
    pub segments: Vec<String>,
}

impl Path {
    /// The path that begins and ends at `root`.
    pub fn new(root: Cid) -> Path {
        Path {
            scope: Scope::default(),
            root,
            segments: Vec::new(),
        }
    }

    /// In another scope.
    pub fn with_scope(mut self, scope: Scope) -> Path {
        self.scope = scope;
        self
    }

    /// One segment longer. Whatever is in it is one segment.
    pub fn join(mut self, segment: impl Into<String>) -> Path {
        self.segments.push(segment.into());
        self
    }

    /// The first `len` segments of it.
    pub(crate) fn start(&self, len: usize) -> Path {
        let start = self.segments.get(..len).unwrap_or(&self.segments);
        Path {
            segments: start.to_vec(),
            ..Path::new(self.root).with_scope(self.scope)
        }
    }
}

impl FromStr for Path {
    type Err = Error;

    /// Reads `/ipfs/CID/…`, `/ipld/CID/…` or `CID/…`; the CID in any base.
    ///
    /// # Errors
    /// [`Error::Path`], naming what is wrong.
    fn from_str(given: &str) -> Result<Path, Error> {
        let wrong = |reason: String| Error::Path {
            text: given.to_owned(),
            reason,
        };
        let (scope, rest) = match given.strip_prefix('/') {
            None => (Scope::Ipfs, given.strip_prefix("ipfs://").unwrap_or(given)),
            Some(rest) => match rest.split_once('/').unwrap_or((rest, "")) {
                ("ipfs", rest) => (Scope::Ipfs, rest),
                ("ipld", rest) => (Scope::Ipld, rest),
                ("ipns", _) => {
                    let reason = "names are resolved by module 09, and this one begins at a CID";
                    return Err(wrong(reason.into()));
                }
                (other, _) => {
                    let reason = format!("it begins with /{other}, and a path with /ipfs or /ipld");
                    return Err(wrong(reason));
                }
            },
        };
        let mut segments = rest.split('/').filter(|segment| !segment.is_empty());
        let root = segments.next();
        let root = root.ok_or_else(|| wrong("there is no CID in it".into()))?;
        Ok(Path {
            scope,
            root: text::parse(root).map_err(|error| {
                // The text is told once, where it is all of the path.
                let again = format!("{given:?} is no CID: ");
                let told = error.to_string();
                wrong(told.strip_prefix(&again).unwrap_or(&told).to_owned())
            })?,
            segments: segments.map(str::to_owned).collect(),
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = match self.scope {
            Scope::Ipfs => "ipfs",
            Scope::Ipld => "ipld",
        };
        write!(f, "/{scope}/{}", self.root)?;
        let mut segments = self.segments.iter();
        segments.try_for_each(|segment| write!(f, "/{segment}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CID: &str = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";

    #[test]
    fn paths_are_read_as_kubo_reads_them() {
        for (given, scope, segments) in [
            ("", Scope::Ipfs, &[][..]),
            ("/", Scope::Ipfs, &[]),
            ("/a/0//b/", Scope::Ipfs, &["a", "0", "b"]),
            ("/../.", Scope::Ipfs, &["..", "."]),
        ] {
            for start in ["", "/ipfs/", "ipfs://"] {
                let path: Path = format!("{start}{CID}{given}").parse().unwrap();
                assert_eq!(
                    (path.scope, &path.segments[..]),
                    (
                        scope,
                        &segments.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..]
                    )
                );
                assert_eq!(path.root.to_string(), CID);
            }
        }
        let path: Path = format!("/ipld/{CID}/Links/0").parse().unwrap();
        assert_eq!(path.scope, Scope::Ipld);
        assert_eq!(path.to_string(), format!("/ipld/{CID}/Links/0"));
        assert_eq!(path.start(1).to_string(), format!("/ipld/{CID}/Links"));
        assert_eq!(path.start(9), path);
    }

    #[test]
    fn what_is_no_path_is_refused_with_the_reason() {
        for (given, reason) in [
            ("", "no CID"),
            ("/ipfs/", "no CID"),
            ("/ipfs", "no CID"),
            ("/ipns/example.org", "module 09"),
            ("/photos/cat", "/photos"),
            ("/ipfs/walrus/x", "walrus"),
            ("bafy", "bafy"),
        ] {
            let error = given.parse::<Path>().unwrap_err().to_string();
            assert!(error.contains(reason), "{given}: {error}");
        }
    }

    #[test]
    fn a_segment_that_is_joined_is_one() {
        let root: Path = CID.parse().unwrap();
        assert_eq!(root.join("a/b").segments, ["a/b"]);
    }

    #[test]
    fn what_is_no_cid_is_told_once() {
        for (given, told) in [
            ("nope", "\"nope\" is no path: it begins with 'n'"),
            (
                "nope/a",
                "\"nope/a\" is no path: \"nope\" is no CID: it begins",
            ),
        ] {
            let error = given.parse::<Path>().unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }
}
