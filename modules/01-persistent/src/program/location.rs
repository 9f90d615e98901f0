//! `KIND:PATH`, a store in one word.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::Kind;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;

/// An engine, and the folder that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The engine.
    pub kind: Kind,
    /// The folder.
    pub path: PathBuf,
}

/// Reads `KIND:PATH`. The kind ends at the first colon, so a path may have some of its own.
#[derive(Clone)]
pub struct LocationParser;

impl TypedValueParser for LocationParser {
    type Value = Location;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Location, clap::Error> {
        read(value).map_err(|why| {
            let given = demo::plain(&value.to_string_lossy());
            let text = format!("{given:?} is no KIND:PATH, such as redb:data/redb: {why}\n");
            clap::Error::raw(ErrorKind::ValueValidation, text).with_cmd(command)
        })
    }
}

/// A folder, and the engine if it is not that of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The engine, if it was named.
    pub kind: Option<Kind>,
    /// The folder.
    pub path: PathBuf,
}

/// Reads `PATH` or `KIND:PATH`.
#[derive(Clone)]
pub struct DestinationParser;

impl TypedValueParser for DestinationParser {
    type Value = Destination;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Destination, clap::Error> {
        if !value.is_empty() && !value.as_encoded_bytes().contains(&b':') {
            let path = value.into();
            return Ok(Destination { kind: None, path });
        }
        let found = LocationParser.parse_ref(command, arg, value)?;
        Ok(Destination {
            kind: Some(found.kind),
            path: found.path,
        })
    }
}

fn read(value: &OsStr) -> Result<Location, String> {
    let bytes = value.as_encoded_bytes();
    let colon = bytes.iter().position(|byte| *byte == b':');
    let (kind, path) = match colon.map(|at| bytes.split_at(at)) {
        Some((kind, path)) => (kind, path.get(1..).unwrap_or_default()),
        None => return Err("there is no colon".into()),
    };
    if kind.is_empty() {
        return Err("nothing stands before the colon".into());
    }
    if path.is_empty() {
        return Err("nothing stands behind the colon".into());
    }
    let kind = String::from_utf8_lossy(kind).parse::<Kind>();
    Ok(Location {
        kind: kind.map_err(|error| error.to_string())?,
        path: tail(value, path.len())?,
    })
}

/// The last `len` bytes of what the system gave, whatever bytes they are.
#[cfg(unix)]
fn tail(value: &OsStr, len: usize) -> Result<PathBuf, String> {
    use std::os::unix::ffi::OsStrExt;
    let bytes = value.as_bytes();
    let tail = bytes.get(bytes.len().saturating_sub(len)..);
    Ok(OsStr::from_bytes(tail.unwrap_or_default()).into())
}

#[cfg(not(unix))]
fn tail(value: &OsStr, len: usize) -> Result<PathBuf, String> {
    let text = value.to_str().ok_or("it is no Unicode")?;
    let tail = text.get(text.len().saturating_sub(len)..);
    Ok(tail.unwrap_or_default().into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_ends_at_the_first_colon() {
        for (text, kind, path) in [
            ("redb:data/redb", Kind::Redb, "data/redb"),
            ("LSM:a:b::c", Kind::Fjall, "a:b::c"),
            ("file::", Kind::File, ":"),
            ("memory:x", Kind::Memory, "x"),
        ] {
            let path = PathBuf::from(path);
            assert_eq!(read(OsStr::new(text)).unwrap(), Location { kind, path });
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        for (text, why) in [
            ("data/redb", "no colon"),
            ("redb:", "behind"),
            (":data", "before"),
            ("c:\\data", "\"c\""),
            ("", "no colon"),
        ] {
            let error = read(OsStr::new(text)).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_need_not_be_text() {
        use std::os::unix::ffi::OsStrExt;
        let found = read(OsStr::from_bytes(b"file:a\xffb")).unwrap();
        assert_eq!(found.path.as_os_str().as_bytes(), b"a\xffb");
    }
}
