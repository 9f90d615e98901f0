//! The files that are open on it.

use std::io;

use datastore::disk::{DiskFile, Meta, Mode};

use super::disk::{CrashDisk, meta};
use super::fault::Call;
use super::image::{Id, Node};
use super::record::{Change, Event};

/// An open file or folder of a [`CrashDisk`].
#[derive(Debug)]
pub(super) struct CrashFile {
    pub(super) disk: CrashDisk,
    pub(super) id: Id,
    pub(super) mode: Mode,
}

impl CrashFile {
    fn may_write(&self) -> io::Result<()> {
        match self.mode.writes() {
            true => Ok(()),
            false => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    fn flush(&self, call: Call, of: Option<Id>) -> io::Result<()> {
        let flushed = self.disk.call(call);
        let failed = flushed.is_err();
        let mut inner = match flushed {
            Ok((inner, _)) => inner,
            // A process that is dead flushes nothing.
            Err(error) if error.raw_os_error().is_none() => return Err(error),
            Err(error) => {
                self.disk
                    .lock()
                    .record
                    .events
                    .push(Event::Flush { of, failed });
                return Err(error);
            }
        };
        inner.record.events.push(Event::Flush { of, failed });
        Ok(())
    }
}

/// How much of `len` bytes is done.
fn part(len: usize, short: bool) -> usize {
    if short { len.div_ceil(2) } else { len }
}

impl DiskFile for CrashFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let (inner, short) = self.disk.call(Call::Read)?;
        let bytes = inner.live.bytes(self.id)?;
        let from = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let there = bytes.get(from..).unwrap_or_default();
        let len = part(there.len().min(buffer.len()), short);
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), there.get(..len)) {
            to.copy_from_slice(from);
        }
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.may_write()?;
        let (mut inner, short) = self.disk.call(Call::Write)?;
        let len = part(bytes.len(), short);
        let bytes = bytes.get(..len).unwrap_or_default().into();
        inner.change(self.id, Change::Write { offset, bytes });
        Ok(len)
    }

    fn look(&self) -> io::Result<Meta> {
        let (inner, _) = self.disk.call(Call::Look)?;
        inner.live.node(self.id).map(meta)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.may_write()?;
        let (mut inner, _) = self.disk.call(Call::SetLen)?;
        inner.change(self.id, Change::Len(len));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let folder = matches!(self.disk.lock().live.node(self.id)?, Node::Folder(_));
        match (folder, self.mode) {
            (false, _) => self.flush(Call::SyncFile, Some(self.id)),
            (true, Mode::Folder) => self.flush(Call::SyncFolder, Some(self.id)),
            // On some file systems this flushes nothing.
            (true, _) => Err(io::Error::other("a folder is flushed through Mode::Folder")),
        }
    }

    fn sync_all(&self) -> io::Result<()> {
        self.flush(Call::SyncAll, None)
    }
}
