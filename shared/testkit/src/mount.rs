//! File systems that are small, full, read-only, or lose their power. They need root.
//!
//! A power cut is made by the ioctl `FS_IOC_SHUTDOWN` without a flush of the log, which ext4 and
//! xfs have for this purpose: from then on nothing reaches the device, and after the next mount
//! there is what had reached it. `xfs_io` does the call, on both.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Runs a program; what it wrote to stderr is the error.
///
/// # Errors
/// Why it could not be started, or how it ended.
pub fn run<S: AsRef<OsStr>>(program: &str, args: &[S]) -> Result<(), String> {
    let ran = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("no {program} here ({error})"))?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    Err(format!("{program}: {} ({})", said.trim(), ran.status))
}

fn root() -> Result<(), String> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    match uid.and_then(|ids| ids.split_whitespace().nth(1)) {
        Some("0") => Ok(()),
        _ => Err("mounting needs root".to_owned()),
    }
}

/// A new folder in memory, where that exists, or else among the temporary files. What a process wrote
/// is the system's, so a kill takes nothing from memory either, and a flush costs nothing there.
///
/// # Panics
/// If there can be none.
pub fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.unwrap_or_else(|e| crate::run::panic_with(&format!("no temporary folder: {e}")))
}

/// A folder on which something is mounted. Dropping it unmounts.
#[derive(Debug)]
pub struct Mount {
    dir: TempDir,
}

impl Mount {
    /// A file system in memory, with options as mount(8) has them: `size=8m,nr_inodes=100`.
    ///
    /// # Errors
    /// Why there can be none.
    pub fn tmpfs(options: &str) -> Result<Mount, String> {
        Mount::with(&["-t", "tmpfs", "-o", options, "tmpfs"])
    }

    /// `folder` once more, through the FUSE program `bindfs`.
    ///
    /// # Errors
    /// Why there can be none.
    pub fn fuse(folder: &Path) -> Result<Mount, String> {
        root()?;
        let mount = Mount::empty()?;
        run("bindfs", &[folder, mount.path()])
            .map_err(|why| format!("{why}; on Debian: apt install bindfs"))?;
        Ok(mount)
    }

    /// `folder` once more, as it is.
    ///
    /// # Errors
    /// Why there can be none.
    pub fn bind(folder: &Path) -> Result<Mount, String> {
        root()?;
        let mount = Mount::empty()?;
        run(
            "mount",
            &[
                "--bind".as_ref(),
                folder.as_os_str(),
                mount.path().as_os_str(),
            ],
        )?;
        Ok(mount)
    }

    fn with(args: &[&str]) -> Result<Mount, String> {
        root()?;
        let mount = Mount::empty()?;
        let mut words: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        words.push(mount.path().as_os_str());
        run("mount", &words)?;
        Ok(mount)
    }

    fn empty() -> Result<Mount, String> {
        let dir = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        Ok(Mount { dir })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Mounts it again with these options: `ro`, `rw`, `size=16m`.
    ///
    /// # Errors
    /// What mount(8) says.
    pub fn remount(&self, options: &str) -> Result<(), String> {
        let options = format!("remount,{options}");
        run(
            "mount",
            &["-o".as_ref(), options.as_ref(), self.path().as_os_str()],
        )
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a test that failed may still have files open.
        let _ = run("umount", &["-l".as_ref(), self.path().as_os_str()]);
    }
}

/// The file systems that an [`Image`] can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fs {
    /// ext4
    Ext4,
    /// xfs
    Xfs,
}

impl fmt::Display for Fs {
    /// Its name, as mount(8) has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fs::Ext4 => "ext4",
            Fs::Xfs => "xfs",
        })
    }
}

/// A file system in a sparse file.
#[derive(Debug)]
pub struct Image {
    file: PathBuf,
    mount: Option<Mount>,
    _dir: TempDir,
}

impl Image {
    /// Makes one of this many MiB and mounts it; `options` are those of mkfs.
    ///
    /// # Errors
    /// Why there can be none.
    pub fn new(fs: Fs, mib: u64, options: &[&str]) -> Result<Image, String> {
        root()?;
        let dir = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let file = dir.path().join("image");
        std::fs::File::create(&file)
            .and_then(|made| made.set_len(mib << 20))
            .map_err(|error| format!("no image: {error}"))?;
        let (program, quiet) = match fs {
            Fs::Ext4 => ("mkfs.ext4", "-qF"),
            Fs::Xfs => ("mkfs.xfs", "-qf"),
        };
        let mut words: Vec<&OsStr> = vec![quiet.as_ref()];
        words.extend(options.iter().map(OsStr::new));
        words.push(file.as_os_str());
        run(program, &words).map_err(|why| format!("{why}; on Debian: apt install xfsprogs"))?;
        let mut image = Image {
            file,
            mount: None,
            _dir: dir,
        };
        image.mount()?;
        Ok(image)
    }

    fn mount(&mut self) -> Result<(), String> {
        let file = self.file.to_string_lossy().into_owned();
        self.mount = Some(Mount::with(&["-o", "loop", &file])?);
        Ok(())
    }

    /// The folder on which it is mounted now; another after each [`restart`](Self::restart).
    ///
    /// # Panics
    /// After a restart that failed.
    pub fn path(&self) -> &Path {
        match &self.mount {
            Some(mount) => mount.path(),
            None => crate::run::panic_with("the image is not mounted"),
        }
    }

    /// Cuts the power: nothing reaches the device any more, not even the log of the file system.
    ///
    /// # Errors
    /// Why it cannot be cut here.
    pub fn cut(&self) -> Result<(), String> {
        // Without -f: what the log holds in memory is lost, too. -F: also on ext4.
        let words = ["-F", "-x", "-c", "shutdown"].map(OsStr::new);
        run("xfs_io", &[&words[..], &[self.path().as_os_str()]].concat())
            .map_err(|why| format!("{why}; on Debian: apt install xfsprogs"))
    }

    /// Unmounts and mounts again, as after a power cut. Nobody may have a file open on it.
    ///
    /// # Errors
    /// What umount(8) or mount(8) says.
    pub fn restart(&mut self) -> Result<(), String> {
        if let Some(mount) = self.mount.take() {
            // Not lazily: what is still open is a mistake of the test. Dropping the mount then
            // finds nothing to unmount.
            run("umount", &[mount.path()])?;
        }
        self.mount()
    }
}
