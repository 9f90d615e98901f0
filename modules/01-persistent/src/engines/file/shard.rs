//! `SHARDING`: which folder a block's file lies in.
//!
//! ```text
//! /repo/flatfs/shard/v1/next-to-last/2\n
//! prefix ............../version/function/characters
//! ```
//!
//! The folder is named by a few characters of the file's name. The first ones of a multihash say
//! which hash it is, and are the same for nearly every block; the last one holds fewer than five
//! bits; so Kubo takes the two before the last: 32 × 32 folders, evenly filled.

use std::borrow::Cow;
use std::path::Path;

use datastore::{Disk, Error, Result};

/// The name of the file that says how a folder is sharded.
pub const FILE: &str = "SHARDING";

const PREFIX: &str = "/repo/flatfs/shard/v1/";

/// File names are not longer than 255 bytes, and a folder named by more would hold one block.
const MAX_CHARS: usize = 64;

/// How file names are spread over folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharding {
    function: Function,
    chars: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Prefix,
    Suffix,
    NextToLast,
}

impl Default for Sharding {
    /// The two characters before the last, as Kubo has it.
    fn default() -> Sharding {
        Sharding {
            function: Function::NextToLast,
            chars: 2,
        }
    }
}

impl Sharding {
    /// The sharding of the folder `dir` on `disk`, or `None` if it says nothing about it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if there is a `SHARDING` that names no known function.
    pub fn read(disk: &dyn Disk, dir: &Path) -> Result<Option<Sharding>> {
        let path = dir.join(FILE);
        let read = disk.read(&path);
        let Some(bytes) = read.map_err(|error| Error::io("read", &path, error))? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&bytes);
        match Sharding::parse(&text) {
            Some(sharding) => Ok(Some(sharding)),
            None => {
                let shown: String = text.chars().take(60).collect();
                Err(Error::Corrupt {
                    path,
                    what: format!(
                        "{shown:?} is no way to shard; restore the line that it was made with, \
                         which is {:?} unless it was configured otherwise",
                        Sharding::default().to_string()
                    ),
                })
            }
        }
    }

    /// The sharding that `text` names, with or without a line's end.
    pub fn parse(text: &str) -> Option<Sharding> {
        let (function, chars) = text.trim().strip_prefix(PREFIX)?.split_once('/')?;
        let function = match function {
            "prefix" => Function::Prefix,
            "suffix" => Function::Suffix,
            "next-to-last" => Function::NextToLast,
            _ => return None,
        };
        let chars = chars.parse().ok()?;
        (1..=MAX_CHARS)
            .contains(&chars)
            .then_some(Sharding { function, chars })
    }

    /// The name of the folder for a file whose name, without its extension, is `name` (ASCII).
    /// A name that is too short is filled up with `_`.
    pub fn folder<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let (n, len) = (self.chars, name.len());
        let range = match self.function {
            Function::Prefix => (n <= len).then_some(0..n),
            Function::Suffix => len.checked_sub(n).map(|start| start..len),
            Function::NextToLast => len.checked_sub(n + 1).map(|start| start..len - 1),
        };
        if let Some(folder) = range.and_then(|range| name.get(range)) {
            return Cow::Borrowed(folder);
        }
        Cow::Owned(match self.function {
            Function::Prefix => format!("{name:_<n$}"),
            Function::Suffix => format!("{name:_>n$}"),
            Function::NextToLast => {
                let mut filled = format!("{name:_>width$}", width = n + 1);
                filled.pop();
                filled
            }
        })
    }
}

/// The line in `SHARDING`, without its end.
impl std::fmt::Display for Sharding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let function = match self.function {
            Function::Prefix => "prefix",
            Function::Suffix => "suffix",
            Function::NextToLast => "next-to-last",
        };
        write!(f, "{PREFIX}{function}/{}", self.chars)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_those_of_go_ds_flatfs() {
        // The last column is what its `Prefix`, `Suffix` and `NextToLast` give (shard.go).
        for (text, name, folder) in [
            ("next-to-last/2", "ABCDEF", "DE"),
            ("next-to-last/2", "ABC", "AB"),
            ("next-to-last/2", "AB", "_A"),
            ("next-to-last/2", "A", "__"),
            ("next-to-last/3", "ABCDEF", "CDE"),
            ("prefix/2", "ABCDEF", "AB"),
            ("prefix/3", "AB", "AB_"),
            ("suffix/2", "ABCDEF", "EF"),
            ("suffix/3", "AB", "_AB"),
        ] {
            let sharding = Sharding::parse(&format!("{PREFIX}{text}\n")).unwrap();
            assert_eq!(sharding.folder(name), folder, "{text} of {name}");
            assert_eq!(sharding.to_string(), format!("{PREFIX}{text}"));
        }
    }

    #[test]
    fn garbage_is_no_sharding() {
        for text in [
            "",
            "\n",
            "next-to-last/2",
            "/repo/flatfs/shard/v2/next-to-last/2",
            "/repo/flatfs/shard/v1/next-to-last/",
            "/repo/flatfs/shard/v1/next-to-last/0",
            "/repo/flatfs/shard/v1/next-to-last/-1",
            "/repo/flatfs/shard/v1/next-to-last/99999999999999999999",
            "/repo/flatfs/shard/v1/next-to-last/2/3",
            "/repo/flatfs/shard/v1/middle/2",
        ] {
            assert_eq!(Sharding::parse(text), None, "{text:?}");
        }
    }
}
