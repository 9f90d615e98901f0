//! Cuts the power at every step of what was done to a folder, and looks at what is left.

use std::fmt::Write as _;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Mutex};

use datastore::disk::{Disk, Mode};
use testkit::crash::{Call, CrashDisk, Cut, EIO, Fault, How};

use crate::folder::{self, Folder, On};
use crate::say;

/// Where the folder is.
pub const DIR: &str = "store";

/// States of one step that are tried: all, where there are no more; else the extremes and random ones, the
/// same in every run.
const MOST: u64 = 60;

/// A disk with an empty folder on it, durable.
pub fn disk() -> CrashDisk {
    let disk = CrashDisk::new();
    disk.create_dir(Path::new(DIR)).unwrap();
    disk.settle();
    disk
}

/// The folder on a disk.
pub fn folder(disk: &CrashDisk) -> Arc<dyn Folder> {
    Arc::new(On::new(disk.shared(), DIR))
}

/// A disk with this in a file of the folder, durable.
pub fn with(name: &str, bytes: &[u8]) -> CrashDisk {
    let disk = disk();
    let file = disk.open(&Path::new(DIR).join(name), Mode::Create).unwrap();
    file.write_all_at(bytes, 0).unwrap();
    disk.settle();
    disk
}

/// The only file of the folder, and its bytes.
pub fn file(disk: &CrashDisk) -> (String, Vec<u8>) {
    let names = names(disk, DIR);
    say::same(
        "how many files there are",
        &names.len(),
        &1,
        "it is one file.",
    );
    let bytes = disk.read(&Path::new(DIR).join(&names[0])).unwrap().unwrap();
    (names[0].clone(), bytes)
}

/// What was acknowledged, and when.
pub struct Acks<A> {
    disk: CrashDisk,
    said: Mutex<Vec<(usize, A)>>,
}

impl<A> Acks<A> {
    /// Notes that this is promised from now on.
    pub fn note(&self, what: A) {
        self.said.lock().unwrap().push((self.disk.point(), what));
    }
}

/// The states that a loss of power may leave: all of them, or so many.
pub fn states(cut: &Cut<'_>) -> impl Iterator<Item = CrashDisk> {
    let all = cut.states();
    (0..all.min(MOST)).map(move |number| match all <= MOST {
        true => cut.each(number),
        false => cut.state(7, number),
    })
}

/// Does `work` on a disk, and then runs `look` on every state that a loss of power may leave, with what was
/// acknowledged before it. Fails with the first that is wrong, and says how many are.
///
/// `begun` says what was begun, so that `look` may find the old or the new; it is noted before the call.
pub fn cut<A>(
    disk: &CrashDisk,
    work: impl FnOnce(&Acks<A>),
    look: impl Fn(Arc<dyn Folder>, &[&A]) -> Result<(), String>,
    question: &str,
) {
    disk.settle();
    let acks = Acks {
        disk: disk.clone(),
        said: Mutex::new(Vec::new()),
    };
    work(&acks);
    let record = disk.record();
    let acks = acks.said.into_inner().unwrap();
    let (mut tried, mut lost) = (0, 0);
    let mut first = String::new();
    let mut number = 0;
    let mut cut = record.cut(0);
    loop {
        let point = cut.point();
        number += usize::from(record.step(point).is_some());
        let known: Vec<&A> = acks
            .iter()
            .filter(|(at, _)| *at <= point)
            .map(|(_, a)| a)
            .collect();
        for left in states(&cut) {
            tried += 1;
            let before = folder::told(&left, DIR);
            let looked = panic::catch_unwind(AssertUnwindSafe(|| look(folder(&left), &known)));
            let looked = looked.unwrap_or_else(|_| Err("your code panicked".into()));
            if let Err(why) = looked {
                lost += 1;
                if first.is_empty() {
                    let step = record.step(point).unwrap_or_else(|| "nothing".into());
                    let _ = write!(
                        first,
                        "power lost after step {number}, {step}\non the disk   {before}\n{why}"
                    );
                }
            }
        }
        if !cut.advance() {
            break;
        }
    }
    if lost > 0 {
        say::wrong(format!(
            "{first}\n{lost} of {tried} states that the disk may be left in are wrong.\n{question}"
        ));
    }
}

/// Has the next flush of a file, or of names, fail, and every one after it.
pub fn fail(disk: &CrashDisk, calls: &'static [Call]) {
    disk.inject(Fault {
        calls,
        after: 0,
        times: u64::MAX,
        how: How::Error(EIO),
    });
}

/// The names at the top of the disk, and below a folder.
pub fn names(disk: &CrashDisk, dir: &str) -> Vec<String> {
    let mut names: Vec<String> = disk
        .list(Path::new(dir))
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names
}

/// The beginning of a value, for a message.
pub fn told(value: Option<&str>) -> String {
    match value {
        None => "nothing".into(),
        Some("") => "\"\", a file without bytes".into(),
        Some(value) if value.contains('\0') => {
            format!("{} bytes, of which some are zeros", value.len())
        }
        Some(value) if value.len() > 40 => format!("{} bytes", value.len()),
        Some(value) => format!("{value:?}"),
    }
}

/// How many bytes the files of the folder have.
pub fn bytes(disk: &CrashDisk) -> usize {
    let file = |name: &String| disk.read(&Path::new(DIR).join(name)).unwrap();
    let files = names(disk, DIR);
    files.iter().filter_map(file).map(|bytes| bytes.len()).sum()
}
