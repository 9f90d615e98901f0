//! The system's own file system.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::{Disk, DiskFile, Kind, Meta, Mode, with_room};

/// The system's own file system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Os;

impl Disk for Os {
    fn is_os(&self) -> bool {
        true
    }

    fn open(&self, path: &Path, mode: Mode) -> io::Result<Box<dyn DiskFile>> {
        if mode == Mode::Folder {
            return Folder::open(path);
        }
        let mut options = File::options();
        options.read(true).write(mode.writes()).truncate(false);
        options.create(mode.makes()).create_new(mode == Mode::New);
        // What turns out to be a pipe must not keep us waiting for its other end.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            rustix::fs::OFlags::NONBLOCK.bits() as i32,
        );
        Ok(Box::new(options.open(path)?))
    }

    fn look(&self, path: &Path) -> io::Result<Option<Meta>> {
        match fs::metadata(path) {
            Ok(meta) => Ok(Some(meta_of(&meta))),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<(String, Kind)>> {
        let entries = fs::read_dir(dir)?.map(|entry| {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.into_string();
            let name = name.unwrap_or_else(|name| name.to_string_lossy().into_owned());
            Ok((name, kind(entry.file_type()?)))
        });
        entries.collect()
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir(dir)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    #[cfg(target_os = "linux")]
    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(|errno| {
            match errno {
                // What file systems without it answer.
                rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS => {
                    io::ErrorKind::Unsupported.into()
                }
                errno => errno.into(),
            }
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn exchange(&self, _a: &Path, _b: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn kind(kind: fs::FileType) -> Kind {
    if kind.is_dir() {
        Kind::Folder
    } else if kind.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

fn meta_of(meta: &fs::Metadata) -> Meta {
    Meta {
        kind: kind(meta.file_type()),
        len: meta.len(),
    }
}

impl DiskFile for File {
    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, offset)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(self, bytes, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(self, bytes, offset)
    }

    fn look(&self) -> io::Result<Meta> {
        Ok(meta_of(&self.metadata()?))
    }

    /// Nothing is zeroed to be overwritten.
    #[cfg(unix)]
    fn read_vec(&self, offset: u64, len: u64) -> io::Result<Vec<u8>> {
        let mut bytes = with_room(len)?;
        let len = len as usize;
        while bytes.len() < len {
            let at = offset + bytes.len() as u64;
            // The allocator may have given more room than was asked for.
            let room = rustix::buffer::spare_capacity(&mut bytes);
            match rustix::io::pread(self, room, at) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        bytes.truncate(len);
        Ok(bytes)
    }

    #[cfg(target_os = "linux")]
    fn uncache(&self) -> io::Result<()> {
        let advice = rustix::fs::Advice::DontNeed;
        rustix::fs::fadvise(self, 0, None, advice).map_err(io::Error::from)
    }

    /// Many parts with one call.
    #[cfg(target_os = "linux")]
    fn write_parts_at(&self, parts: &[&[u8]], mut offset: u64) -> io::Result<()> {
        // The most that the system takes.
        const PARTS: usize = 1024;
        for parts in parts.chunks(PARTS) {
            let mut slices: Vec<io::IoSlice<'_>> =
                parts.iter().map(|p| io::IoSlice::new(p)).collect();
            let mut left = slices.as_mut_slice();
            io::IoSlice::advance_slices(&mut left, 0);
            while !left.is_empty() {
                match rustix::io::pwritev(self, left, offset) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(written) => {
                        offset += written as u64;
                        io::IoSlice::advance_slices(&mut left, written);
                    }
                    Err(rustix::io::Errno::INTR) => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    /// Linux begins to write what it is told is not needed in memory any more.
    #[cfg(target_os = "linux")]
    fn begin_sync(&self) -> io::Result<()> {
        let done = rustix::fs::Advice::DontNeed;
        rustix::fs::fadvise(self, 0, None, done).map_err(io::Error::from)
    }

    #[cfg(target_os = "linux")]
    fn sync_all(&self) -> io::Result<()> {
        rustix::io::retry_on_intr(|| rustix::fs::syncfs(self)).map_err(io::Error::from)
    }

    #[cfg(not(target_os = "linux"))]
    fn sync_all(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A folder of the system's, open to be flushed.
#[cfg(unix)]
#[derive(Debug)]
struct Folder(File);

/// A folder cannot be opened there, and the file system journals its names.
#[cfg(not(unix))]
#[derive(Debug)]
struct Folder(Meta);

impl Folder {
    #[cfg(unix)]
    fn open(path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut options = File::options();
        let flags = rustix::fs::OFlags::DIRECTORY.bits() as i32;
        std::os::unix::fs::OpenOptionsExt::custom_flags(options.read(true), flags);
        Ok(Box::new(Folder(options.open(path)?)))
    }

    #[cfg(not(unix))]
    fn open(path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let meta = meta_of(&fs::metadata(path)?);
        if !meta.is_folder() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Box::new(Folder(meta)))
    }
}

impl DiskFile for Folder {
    fn read_at(&self, _buffer: &mut [u8], _offset: u64) -> io::Result<usize> {
        Err(io::ErrorKind::IsADirectory.into())
    }

    fn write_at(&self, _bytes: &[u8], _offset: u64) -> io::Result<usize> {
        Err(io::ErrorKind::IsADirectory.into())
    }

    #[cfg(unix)]
    fn look(&self) -> io::Result<Meta> {
        DiskFile::look(&self.0)
    }

    #[cfg(not(unix))]
    fn look(&self) -> io::Result<Meta> {
        Ok(self.0)
    }

    fn set_len(&self, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::IsADirectory.into())
    }

    /// By `fsync`: on ext4 `fdatasync` of a folder may wait for nothing, since a new name changes
    /// no length.
    #[cfg(unix)]
    fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    #[cfg(not(unix))]
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn sync_all(&self) -> io::Result<()> {
        DiskFile::sync_all(&self.0)
    }

    #[cfg(not(unix))]
    fn sync_all(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_system_does_what_the_trait_says() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let file = Os.open(&at("a"), Mode::New).unwrap();
        assert!(Os.open(&at("a"), Mode::New).is_err());
        assert!(Os.open(&at("b"), Mode::Write).is_err());
        file.write_all_at(b"hello", 3).unwrap();
        assert_eq!(file.len().unwrap(), 8);
        file.set_len(4).unwrap();
        file.sync().unwrap();
        assert_eq!(Os.read(&at("a")).unwrap().unwrap(), b"\0\0\0h");
        assert_eq!(Os.read(&at("b")).unwrap(), None);
        let mut two = [0; 2];
        let error = file.read_exact_at(&mut two, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);

        Os.write_whole(&at("b"), b"b").unwrap();
        Os.create_dir(&at("d")).unwrap();
        Os.sync_dir(dir.path()).unwrap();
        let mut names = Os.list(dir.path()).unwrap();
        names.sort();
        let all = [
            ("a".to_owned(), Kind::File),
            ("b".to_owned(), Kind::File),
            ("d".to_owned(), Kind::Folder),
        ];
        assert_eq!(names, all);
        match Os.exchange(&at("a"), &at("b")) {
            Ok(()) => assert_eq!(Os.read(&at("a")).unwrap().unwrap(), b"b"),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::Unsupported),
        }
        Os.rename(&at("a"), &at("c")).unwrap();
        assert_eq!(Os.look(&at("a")).unwrap(), None);
        Os.remove_file(&at("c")).unwrap();
        Os.remove_dir(&at("d")).unwrap();
        assert_eq!(Os.list(dir.path()).unwrap().len(), 1);
    }

    #[test]
    fn folders_are_made_with_those_above_and_removed_with_those_below() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        Os.make_dir(&deep).unwrap();
        Os.make_dir(&deep).unwrap();
        Os.write_whole(&deep.join("file"), b"x").unwrap();
        let error = Os.make_dir(&deep.join("file")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
        let error = Os.open(&deep.join("file"), Mode::Folder).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
        Os.sync_tree(dir.path()).unwrap();
        #[cfg(unix)]
        {
            // What a link leads to stays.
            Os.create_dir(&dir.path().join("kept")).unwrap();
            Os.write_whole(&dir.path().join("kept/file"), b"x").unwrap();
            std::os::unix::fs::symlink(dir.path().join("kept"), deep.join("link")).unwrap();
            assert!(Os.look(&deep.join("link")).unwrap().unwrap().is_folder());
            let names = Os.list(&deep).unwrap();
            assert!(names.contains(&("link".to_owned(), Kind::Other)));
        }
        Os.remove_tree(&dir.path().join("a")).unwrap();
        assert_eq!(Os.look(&dir.path().join("a")).unwrap(), None);
        #[cfg(unix)]
        assert!(Os.look(&dir.path().join("kept/file")).unwrap().is_some());
    }

    #[test]
    fn a_length_that_no_memory_holds_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = Os.open(&dir.path().join("a"), Mode::New).unwrap();
        file.write_all_at(b"hello", 0).unwrap();
        assert_eq!(file.read_vec(1, 3).unwrap(), b"ell");
        let error = file.read_vec(1, 5).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(file.read_vec(0, u64::MAX).is_err());
    }

    #[test]
    fn parts_are_written_one_behind_the_other() {
        let dir = tempfile::tempdir().unwrap();
        let file = Os.open(&dir.path().join("a"), Mode::New).unwrap();
        let many: Vec<Vec<u8>> = (0..3000u32)
            .map(|n| vec![n as u8; n as usize % 7])
            .collect();
        let parts: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
        file.write_parts_at(&parts, 5).unwrap();
        file.write_parts_at(&[], 0).unwrap();
        file.write_parts_at(&[b"", b""], 0).unwrap();
        file.uncache().unwrap();
        let bytes = Os.read(&dir.path().join("a")).unwrap().unwrap();
        assert_eq!(bytes, [vec![0; 5], many.concat()].concat());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_whole_file_system_is_flushed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Os.open(dir.path(), Mode::Folder).unwrap();
        folder.sync_all().unwrap();
    }
}
