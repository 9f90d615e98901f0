//! Where folders cannot be filled through an open one, nothing is written.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::unixfs::Meta;
use crate::{Error, Result};

/// A folder, of which there is none.
#[derive(Debug)]
pub(super) struct Folder(Infallible);

/// A name as the system has it: none that is not UTF-8.
pub(super) fn os(name: &[u8]) -> &OsStr {
    OsStr::new(str::from_utf8(name).unwrap_or_default())
}

impl Folder {
    pub(super) fn around(path: &Path) -> Result<(Folder, Option<OsString>)> {
        let reason = "writing a DAG to disk safely needs a Unix; cat writes its files";
        let error = io::Error::new(ErrorKind::Unsupported, reason);
        Err(Error::io("write to", path, error))
    }

    pub(super) fn enter(&mut self, _: &OsStr, _: Meta) -> Result<Folder> {
        match self.0 {}
    }

    pub(super) fn enter_if_there(&mut self, _: &OsStr) -> Result<Option<Folder>> {
        match self.0 {}
    }

    pub(super) fn file(
        &mut self,
        _: &OsStr,
        _: Meta,
        _: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        match self.0 {}
    }

    pub(super) fn symlink(&mut self, _: &OsStr, _: &[u8], _: Meta) -> Result<()> {
        match self.0 {}
    }

    pub(super) fn finish(&self, _: Meta) -> Result<()> {
        match self.0 {}
    }
}
