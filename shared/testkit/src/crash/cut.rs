//! A power cut: what is surely on the disk at one point, and what may be.

use std::collections::HashSet;

use super::choice::{self, Choice};
use super::disk::CrashDisk;
use super::image::{Entry, Id, Image, Node};
use super::record::{Change, Event, Names, Record};

/// A change that no flush has made durable yet.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) what: What,
    /// A flush of it failed: no later one makes it durable.
    forgotten: bool,
    /// It is durable, but stands after one that is not.
    pub(super) sure: bool,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Data(Id, Change),
    Names(Names),
}

/// A moment in a [`Record`].
#[derive(Clone, Debug)]
pub struct Cut<'a> {
    record: &'a Record,
    point: usize,
    /// What is surely there.
    pub(super) base: Image,
    /// What may be there, in order.
    pub(super) pending: Vec<Pending>,
}

impl<'a> Cut<'a> {
    pub(super) fn new(record: &'a Record) -> Cut<'a> {
        Cut {
            record,
            point: 0,
            base: record.first.clone(),
            pending: Vec::new(),
        }
    }

    /// How many events came before it.
    pub fn point(&self) -> usize {
        self.point
    }

    /// Goes on by one event; false at the end of the record.
    pub fn advance(&mut self) -> bool {
        let Some(event) = self.record.events.get(self.point) else {
            return false;
        };
        self.point += 1;
        let mut wait = |what| {
            self.pending.push(Pending {
                what,
                forgotten: false,
                sure: false,
            });
        };
        match event {
            Event::Made { id, folder: true } => self.base.add(*id, Node::folder()),
            Event::Made { id, folder: false } => self.base.add(*id, Node::file()),
            Event::Data { id, change } => wait(What::Data(*id, change.clone())),
            Event::Names(names) => wait(What::Names(names.clone())),
            Event::Flush { of, failed } => self.flush(*of, *failed),
        }
        true
    }

    fn flush(&mut self, of: Option<Id>, failed: bool) {
        for pending in self.pending.iter_mut().filter(|pending| !pending.forgotten) {
            let reached = match (&mut pending.what, of) {
                (_, None) => true,
                (What::Data(id, _), Some(of)) => *id == of,
                (What::Names(names), Some(of)) => {
                    let before = names.homes.len();
                    if !failed {
                        names.homes.retain(|home| *home != of);
                        names.homes.is_empty()
                    } else {
                        names.homes.iter().filter(|home| **home != of).count() < before
                    }
                }
            };
            if reached && failed {
                pending.forgotten = true;
            } else if reached {
                pending.sure = true;
            }
        }
        if !failed {
            self.include_causes();
            self.settle();
        }
    }

    /// A name that is durable has what it was made from.
    fn include_causes(&mut self) {
        let mut durable: HashSet<Entry> = HashSet::new();
        for pending in self.pending.iter_mut().rev() {
            if let What::Names(names) = &pending.what {
                pending.sure |= names.sets.iter().any(|(entry, _)| durable.contains(entry));
                if pending.sure {
                    durable.extend(names.sets.iter().map(|(entry, _)| entry.clone()));
                }
            }
        }
    }

    /// Does what is durable, unless it stands after something about the same file or name that is
    /// not.
    fn settle(&mut self) {
        let mut files: HashSet<Id> = HashSet::new();
        let mut entries: HashSet<Entry> = HashSet::new();
        let base = &mut self.base;
        self.pending.retain(|pending| {
            match &pending.what {
                What::Data(id, change) if pending.sure && !files.contains(id) => {
                    base.change(*id, change);
                    return false;
                }
                What::Data(id, _) => drop(files.insert(*id)),
                What::Names(names) => {
                    let mut touched = names.sets.iter().map(|(entry, _)| entry);
                    if pending.sure && !touched.any(|entry| entries.contains(entry)) {
                        base.rename(names);
                        return false;
                    }
                    entries.extend(names.sets.iter().map(|(entry, _)| entry.clone()));
                }
            }
            true
        });
    }

    /// How many states this cut may leave; `u64::MAX` stands for more.
    pub fn states(&self) -> u64 {
        let counts = self.unsure().map(|pending| choice::count(self, pending));
        counts.fold(1, u64::saturating_mul)
    }

    pub(super) fn unsure(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter().filter(|pending| !pending.sure)
    }

    /// State `number` of all of them, for a number below [`states`](Self::states).
    pub fn each(&self, number: u64) -> CrashDisk {
        self.made(&choice::digits(self, number))
    }

    /// State `number` of the random ones of `seed`. The first are the extremes: all that was not
    /// flushed is lost, is there, names without bytes, bytes without names, names with zeros.
    pub fn state(&self, seed: u64, number: u64) -> CrashDisk {
        self.made(&choice::random(self, seed, number))
    }

    /// What became of each change in that state, a line each.
    pub(super) fn tell(&self, seed: u64, number: u64, each: bool) -> String {
        let choices = if each {
            choice::digits(self, number)
        } else {
            choice::random(self, seed, number)
        };
        let mut choices = choices.iter();
        let mut text = String::new();
        for pending in &self.pending {
            let what = match &pending.what {
                What::Data(id, change) => format!("file {id}: {change}"),
                What::Names(names) => names.to_string(),
            };
            let became = match choices.next() {
                _ if pending.sure => "durable".to_owned(),
                Some(choice) => format!("{choice:?}"),
                None => continue,
            };
            text += &format!("\n  {what}: {became}");
        }
        text
    }

    fn made(&self, choices: &[Choice]) -> CrashDisk {
        let mut image = self.base.clone();
        let mut choices = choices.iter();
        for pending in &self.pending {
            let choice = if pending.sure {
                &Choice::Whole
            } else {
                choices.next().unwrap_or(&Choice::Lost)
            };
            match &pending.what {
                What::Data(id, change) => choice.apply(&mut image, *id, change),
                What::Names(names) if *choice == Choice::Whole => image.rename(names),
                What::Names(_) => {}
            }
        }
        CrashDisk::holding(image, self.record.next)
    }
}
