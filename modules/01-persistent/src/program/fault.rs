//! How the program fails: exit codes, what to do about an error, and no panic messages.

use std::any::Any;
use std::error::Error as StdError;
use std::io::{self, ErrorKind, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Error, anyhow};
use demo::{Style, Usage};

use super::{stop, store};

/// What there is to know of a command when it has failed.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The folders of the stores that it names.
    pub folders: Vec<PathBuf>,
    /// What the same command does after it was stopped.
    pub stop: Stop,
    /// It names damaged blocks itself.
    pub verifies: bool,
    /// It is [`probe`](super::args::Probe), whose parent knows which store it is.
    pub is_probe: bool,
    /// What stands before the commands `verify` and `salvage`: nothing in the program that has them,
    /// its name and a space elsewhere.
    pub program: &'static str,
}

/// What the same command does after it was stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// Nothing that would have to be said.
    #[default]
    Done,
    /// It goes on.
    GoesOn,
    /// It begins anew, and nothing was replaced.
    BeginsAnew,
}

/// Reports an error of the command, and says what to do about it; an error of a reader that went away is
/// left to [`demo::run`].
///
/// # Errors
/// That of the reader, and those of `out`.
pub fn finish(
    end: anyhow::Result<ExitCode>,
    about: &About,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let error = match end {
        Ok(code) => return Ok(code),
        Err(error) if io_kind(&error) == Some(ErrorKind::BrokenPipe) => return Err(error),
        Err(error) => error,
    };
    // What was said before comes before.
    out.flush()?;
    let (style, mut stderr) = (Style::stderr(), io::stderr().lock());
    // Nothing is left to be done if stderr is gone too.
    let _ = match error.downcast_ref::<stop::Stopped>() {
        // Not what it was stopped in.
        Some(stopped) => writeln!(stderr, "{stopped}"),
        None => demo::report(&mut stderr, &error, style),
    };
    if let Some(advice) = advice(&error, about) {
        let _ = writeln!(stderr, "  try: {advice}");
    }
    Ok(ExitCode::from(code(&error)))
}

/// 2 for what only another command line can mend, 130 after Ctrl-C and 143 after SIGTERM, 1 for
/// everything else.
fn code(error: &Error) -> u8 {
    let usage = error.chain().any(|cause| {
        cause.is::<Usage>()
            || matches!(
                cause.downcast_ref::<crate::Error>(),
                Some(
                    crate::Error::UnknownKind { .. }
                        | crate::Error::NotBuilt { .. }
                        | crate::Error::Store(datastore::Error::Unsupported { .. })
                )
            )
            || matches!(
                cause.downcast_ref::<block_cid::Error>(),
                Some(block_cid::Error::Hash { .. } | block_cid::Error::Name { .. })
            )
    });
    match error.downcast_ref::<stop::Stopped>() {
        Some(stopped) => stopped.code(),
        None if usage => 2,
        None => 1,
    }
}

/// What to do about an error, where its own text does not say so already.
fn advice(error: &Error, about: &About) -> Option<String> {
    // What a child says is the reason that its parent gives.
    if about.is_probe {
        return None;
    }
    let at = error.chain().find_map(place);
    let folders = &about.folders;
    let of_store = folders
        .iter()
        .find(|folder| at.is_some_and(|at| at.starts_with(folder)));
    let folder = of_store.or(folders.first()).map(|path| store::shown(path));
    let folder = folder.as_deref().unwrap_or("the folder");
    let (verify, salvage) = (about.verify(), about.salvage(folder));
    if error.is::<stop::Stopped>() {
        return match about.stop {
            Stop::GoesOn => Some("the same command, which goes on where this one ended".into()),
            Stop::BeginsAnew => {
                Some("the same command, which begins anew: nothing was replaced".into())
            }
            Stop::Done => None,
        };
    }
    for cause in error.chain() {
        match cause.downcast_ref::<crate::Error>() {
            Some(crate::Error::NewerVersion { .. }) => {
                return Some(
                    "migrate: with the newer release `get` the blocks that `ls` lists, and `put` \
                     them into a store of this one; nothing was changed"
                        .into(),
                );
            }
            // It says itself what to write there, and until then `verify` cannot run either.
            Some(crate::Error::Manifest { .. }) => return None,
            Some(crate::Error::Suspect { .. }) => return Some(salvage),
            // Refused at the opening, and `verify` would be, too.
            Some(crate::Error::Store(datastore::Error::Corrupt { .. })) => {
                return Some(salvage);
            }
            _ => {}
        }
        if let Some(datastore::Error::Corrupt { .. }) = store_error(cause) {
            return Some(match about.verifies {
                true => salvage,
                false => format!("{verify} names the blocks that are damaged; {salvage}"),
            });
        }
    }
    match io_kind(error)? {
        // A file that is no store's.
        ErrorKind::PermissionDenied if of_store.is_none() => {
            let file = store::shown(at?);
            Some(format!(
                "ls -ld {file} says whose it is, and who may use it"
            ))
        }
        ErrorKind::ReadOnlyFilesystem if of_store.is_none() => None,
        ErrorKind::PermissionDenied => Some(format!(
            "ls -ld {folder} says whose it is; mkdir -p {folder} makes it, chmod u+rwx {folder} \
             opens it to its owner, --path names another"
        )),
        ErrorKind::ReadOnlyFilesystem => Some(
            "the file system cannot be written: name another folder (--path), or copy the store \
             to a file system that can"
                .into(),
        ),
        _ => None,
    }
}

/// The path that an error names.
fn place<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a Path> {
    if let Some(crate::Error::Suspect { path, .. }) = cause.downcast_ref() {
        return Some(path);
    }
    match store_error(cause) {
        Some(datastore::Error::Corrupt { path, .. } | datastore::Error::Io { path, .. }) => {
            Some(path)
        }
        _ => None,
    }
}

impl About {
    fn verify(&self) -> String {
        format!("`{}verify`", self.program)
    }

    fn salvage(&self, folder: &str) -> String {
        format!(
            "restore a backup of {folder}, or have `{}salvage DEST` bring what still hashes into a \
             fresh store; it only reads {folder}",
            self.program
        )
    }
}

fn store_error<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a datastore::Error> {
    if let Some(crate::Error::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    if let Some(block_cid::Error::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    cause.downcast_ref()
}

/// What the operating system said at the bottom of an error.
fn io_kind(error: &Error) -> Option<ErrorKind> {
    error.chain().find_map(|cause| {
        let shared = cause.downcast_ref::<Arc<io::Error>>();
        let error = shared.map(AsRef::as_ref).or_else(|| cause.downcast_ref());
        error.map(io::Error::kind)
    })
}

static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Keeps panics off the terminal. Those of engines become errors, which say more; a child that
/// tries a store `aloud` leaves its last words to its parent in one line.
pub fn hook_panics(aloud: bool) {
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|at| format!(" at {at}"));
        let text = format!("{}{}", said(info.payload()), place.unwrap_or_default());
        if aloud {
            let _ = writeln!(io::stderr(), "panicked: {text}");
        }
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }));
}

/// Calls the program; a panic of our own is an error, too.
pub fn caught<T>(call: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    panic::catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| {
        let last = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner);
        let text = last.clone().unwrap_or_else(|| said(&*payload).to_owned());
        Err(anyhow!(
            "this is a fault of the program, please report it: {text}"
        ))
    })
}

fn said(payload: &dyn Any) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use anyhow::Context;

    fn about() -> About {
        About {
            folders: vec!["p q".into()],
            ..About::default()
        }
    }

    fn denied() -> datastore::Error {
        datastore::Error::io("open", "/x y/z", ErrorKind::PermissionDenied.into())
    }

    #[test]
    fn advice_is_found_through_every_layer() {
        let blocks = block_cid::Error::Store(denied());
        let opened = crate::Error::Store(denied());
        for error in [Error::new(blocks), Error::new(opened).context("above")] {
            let folders = vec!["a".into(), "/x y".into()];
            let about = About { folders, ..about() };
            let advice = advice(&error, &about).unwrap();
            assert!(advice.contains("mkdir -p '/x y'"), "{advice}");
            assert_eq!(code(&error), 1);
        }
        assert!(advice(&anyhow!("other"), &about()).is_none());
        // What lies elsewhere is not the store's.
        let advice = advice(&Error::new(denied()), &about()).unwrap();
        assert!(advice.starts_with("ls -ld '/x y/z' says"), "{advice}");
    }

    #[test]
    fn damage_is_answered_by_what_can_still_be_done() {
        let corrupt = || datastore::Error::Corrupt {
            path: "p q".into(),
            what: "torn".into(),
        };
        let check = |error: Error, verifies: bool, verify: bool| {
            for program in ["", "01-persistent "] {
                let about = About {
                    verifies,
                    program,
                    ..about()
                };
                let advice = advice(&error, &about).unwrap();
                let salvage = format!("`{program}salvage DEST`");
                for said in ["restore a backup of 'p q'", &salvage] {
                    assert!(advice.contains(said), "{advice}");
                }
                let says = advice.contains(&format!("`{program}verify`"));
                assert_eq!(says, verify, "{advice}");
            }
        };
        for verifies in [true, false] {
            check(
                block_cid::Error::Store(corrupt()).into(),
                verifies,
                !verifies,
            );
            check(corrupt().into(), verifies, !verifies);
            // What cannot be opened cannot be verified.
            check(crate::Error::Store(corrupt()).into(), verifies, false);
            let (path, what) = ("p q".into(), "signal".into());
            let suspect = crate::Error::Suspect { path, what };
            check(suspect.into(), verifies, false);
        }
    }

    #[test]
    fn advice_is_nothing_that_would_fail_as_well() {
        let ro = |path| datastore::Error::io("write", path, ErrorKind::ReadOnlyFilesystem.into());
        assert_eq!(advice(&ro("/x").into(), &about()), None);
        let text = advice(&ro("p q/x").into(), &about()).unwrap();
        assert!(text.contains("--path") && text.contains("copy"), "{text}");
        assert!(!text.contains("verify") && !text.contains("ls"), "{text}");
        let error = crate::Error::Manifest {
            path: "p q/store.json".into(),
            what: "torn".into(),
        };
        assert!(error.to_string().contains("restore it"));
        assert_eq!(advice(&error.into(), &about()), None);
    }

    #[test]
    fn exit_codes() {
        assert_eq!(code(&Error::new(Usage::new("no"))), 2);
        assert_eq!(code(&Error::new(Usage::new("no")).context("reading x")), 2);
        for (signal, ends) in [(2, 130), (15, 143)] {
            assert_eq!(code(&Error::new(stop::Stopped::by(signal))), ends);
        }
        assert_eq!(code(&anyhow!("no")), 1);
        let unknown = "walrus".parse::<crate::Kind>().unwrap_err();
        assert_eq!(code(&Error::new(unknown)), 2);
    }

    #[test]
    fn a_panic_is_an_error_that_asks_for_a_report() {
        let error = caught(|| -> anyhow::Result<()> {
            panic::resume_unwind(Box::new("out of ideas"));
        })
        .context("while testing")
        .unwrap_err();
        assert!(format!("{error:#}").contains("please report"), "{error:#}");
    }
}
