//! Three ways to write a new value over an old one, and what a reader finds if the power fails right
//! after a step: on the crash disk, in every state that it may be left in.

use std::io;
use std::path::Path;

use anyhow::{Result, ensure};
use datastore::disk::{Disk, Mode};
use picture::cuts::{self, Cut, Writer};
use picture::{Letters, MARGIN, Picture, Tone};
use testkit::crash::{self, CrashDisk};

/// The folder and the file.
const DIR: &str = "folder";
const FILE: &str = "folder/a";
const TEMP: &str = "folder/a.new";

/// As many bytes as have a beginning, a middle and an end on a disk with sectors of 512.
const LEN: usize = 1300;

/// A writer: it has the new value written when it returns.
type Write = fn(&dyn Disk, &[u8]) -> io::Result<()>;

const WRITERS: [(&str, Write); 3] = [
    ("flush, then rename", safe),
    ("rename, then flush", hasty),
    ("write over the old one", over),
];

fn safe(disk: &dyn Disk, value: &[u8]) -> io::Result<()> {
    let file = disk.open(Path::new(TEMP), Mode::New)?;
    file.write_all_at(value, 0)?;
    file.sync()?;
    disk.rename(Path::new(TEMP), Path::new(FILE))?;
    disk.sync_dir(Path::new(DIR))
}

fn hasty(disk: &dyn Disk, value: &[u8]) -> io::Result<()> {
    let file = disk.open(Path::new(TEMP), Mode::New)?;
    file.write_all_at(value, 0)?;
    disk.rename(Path::new(TEMP), Path::new(FILE))?;
    file.sync()?;
    disk.sync_dir(Path::new(DIR))
}

fn over(disk: &dyn Disk, value: &[u8]) -> io::Result<()> {
    let file = disk.open(Path::new(FILE), Mode::Write)?;
    file.write_all_at(value, 0)?;
    file.sync()
}

pub fn draw() -> Result<String> {
    let mut writers = Vec::new();
    for (name, write) in WRITERS {
        let cuts = cut(write)?;
        writers.push(Writer {
            name: name.to_owned(),
            cuts,
        });
    }
    let wrong = |writer: &Writer| writer.cuts.iter().map(|cut| cut.wrong).sum::<u64>();
    // What the picture is there to show.
    let [good, bad @ ..] = &writers[..] else {
        anyhow::bail!("there are no writers");
    };
    ensure!(wrong(good) == 0, "the right writer loses data");
    ensure!(
        bad.iter().all(|bad| wrong(bad) > 0),
        "a wrong writer loses nothing"
    );

    let told: Vec<String> = writers.iter().map(Writer::told).collect();
    let says = format!(
        "Three ways to replace an old value of {LEN} bytes by a new one, and what a reader finds if the power \
         fails right after a step. {}",
        told.join(" ")
    );
    let mut page = Picture::new("The power fails right after this step", &says);
    let intro = "A file has an old value, and gets a new one. Below each step: what the next reader finds, \
                 in all the states that the disk may be left in.";
    let mut y = page.words(MARGIN, 56.0, Letters::Small, Tone::Soft, intro);
    for writer in &writers {
        y = cuts::writer(&mut page, y + 6.0, writer);
    }
    Ok(page.finish()?)
}

/// What is found after each step of a writer, and once it has returned.
fn cut(write: Write) -> Result<Vec<Cut>> {
    let disk = CrashDisk::new();
    disk.create_dir(Path::new(DIR))?;
    let (old, new) = (vec![b'o'; LEN], vec![b'n'; LEN]);
    disk.write_whole(Path::new(FILE), &old)?;
    disk.settle();
    write(&disk, &new)?;
    let record = disk.record();
    let mut cuts = Vec::new();
    for point in 1..=record.last() {
        if let Some(step) = record.step(point) {
            let (step, on) = cuts::words(&step);
            cuts.push(found(&record.cut(point), step, on, &[&old, &new])?);
        }
    }
    let end = ("return".to_owned(), "to caller".to_owned());
    cuts.push(found(&record.cut(record.last()), end.0, end.1, &[&new])?);
    Ok(cuts)
}

/// What a reader finds in each state of one cut, where one of `right` has to be.
fn found(cut: &crash::Cut<'_>, step: String, on: String, right: &[&Vec<u8>]) -> Result<Cut> {
    let mut right_ones: Vec<&str> = Vec::new();
    let mut wrong_ones: Vec<&str> = Vec::new();
    for state in 0..cut.states() {
        let value = cut.each(state).read(Path::new(FILE))?;
        let name = match &value {
            None => "gone",
            Some(value) if value.is_empty() => "empty",
            Some(value) if value.iter().all(|byte| *byte == b'o') => "old",
            Some(value) if *value == vec![b'n'; LEN] => "new",
            Some(_) => "torn",
        };
        let is_right = value.is_some_and(|value| right.contains(&&value));
        match is_right {
            true => right_ones.push(name),
            false => wrong_ones.push(name),
        }
    }
    let wrong = wrong_ones.len() as u64;
    let mut names = if wrong > 0 { wrong_ones } else { right_ones };
    names.sort_by_key(|name| {
        ["old", "new", "empty", "torn", "gone"]
            .iter()
            .position(|known| known == name)
    });
    names.dedup();
    if wrong > 0 {
        // There is room for the worst.
        names.drain(..names.len() - 1);
    }
    Ok(Cut {
        step,
        on,
        finds: names.join(", "),
        states: cut.states(),
        wrong,
    })
}
