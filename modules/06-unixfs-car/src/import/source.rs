//! What is imported.

use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::unixfs::Meta;

/// What is imported, and the name that it has in reports and in the folder around it.
pub struct Source<'a> {
    pub(super) name: Vec<u8>,
    pub(super) from: From<'a>,
    /// What the caller says about it.
    pub(super) meta: Meta,
}

/// Where it comes from.
pub(super) enum From<'a> {
    Bytes(Bytes),
    Reader(Box<dyn Read + Send + 'a>),
    Path(PathBuf),
    Symlink(Vec<u8>),
    Folder(Vec<Source<'a>>),
}

impl<'a> Source<'a> {
    /// A file of these bytes. With raw leaves, they are not copied.
    pub fn bytes(bytes: impl Into<Bytes>) -> Source<'a> {
        Source::of(From::Bytes(bytes.into()))
    }

    /// A file of what `from` gives until its end.
    pub fn reader(from: impl Read + Send + 'a) -> Source<'a> {
        Source::of(From::Reader(Box::new(from)))
    }

    /// The file, folder or symbolic link that is there, under its own name (that is, the last one of
    /// the path).
    pub fn path(path: impl AsRef<Path>) -> Source<'a> {
        let path = path.as_ref();
        let name = path
            .file_name()
            .map(|name| name.as_encoded_bytes().to_vec());
        Source::of(From::Path(path.to_owned())).named(name.unwrap_or_default())
    }

    /// A symbolic link to this, wherever that may be.
    pub fn symlink(target: impl Into<Vec<u8>>) -> Source<'a> {
        Source::of(From::Symlink(target.into()))
    }

    /// A folder of these, which nobody finds in the file system. One without a name gets its CID for
    /// one.
    pub fn folder(entries: Vec<Source<'a>>) -> Source<'a> {
        Source::of(From::Folder(entries))
    }

    fn of(from: From<'a>) -> Source<'a> {
        Source {
            name: Vec::new(),
            from,
            meta: Meta::default(),
        }
    }

    /// With this name.
    pub fn named(mut self, name: impl Into<Vec<u8>>) -> Source<'a> {
        self.name = name.into();
        self
    }

    /// With these permissions and this time. What is left open here is as it is
    /// [kept](super::Keep); a path has its own.
    pub fn with_meta(mut self, meta: Meta) -> Source<'a> {
        self.meta = meta;
        self
    }
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let from = match &self.from {
            From::Bytes(bytes) => format!("{} bytes", bytes.len()),
            From::Reader(..) => "a reader".to_owned(),
            From::Path(path) => path.display().to_string(),
            From::Symlink(target) => format!("to {}", String::from_utf8_lossy(target)),
            From::Folder(entries) => format!("{entries:?}"),
        };
        let name = String::from_utf8_lossy(&self.name);
        f.debug_tuple("Source").field(&name).field(&from).finish()
    }
}
