//! What was done to a disk, step by step, in words.

use super::image::{Id, ROOT};
use super::record::{Change, Event, Record};

impl Record {
    /// What was done last before `point`, as `rename a.new -> a` or `flush a.new`; `None` where that is
    /// nothing to be seen from outside.
    pub fn step(&self, point: usize) -> Option<String> {
        let at = point.checked_sub(1)?;
        let name = |id: &Id| self.name(*id, at);
        Some(match self.events.get(at)? {
            Event::Made { .. } => return None,
            Event::Data { id, change } => match change {
                Change::Write { bytes, .. } => {
                    format!("write of {} bytes to {}", bytes.len(), name(id))
                }
                Change::Len(len) => format!("{} cut or filled to {len} bytes", name(id)),
            },
            Event::Names(names) => {
                let verb = names.verb;
                let names: Vec<&str> = names.sets.iter().map(|((_, name), _)| &**name).collect();
                format!("{verb} {}", names.join(" -> "))
            }
            Event::Flush { of, failed } => {
                let of = of.as_ref().map_or_else(|| "everything".to_owned(), name);
                let failed = if *failed { ", which failed" } else { "" };
                format!("flush of {of}{failed}")
            }
        })
    }

    /// The last name that a file or folder had before event `at`, or first, if it got it later.
    fn name(&self, id: Id, at: usize) -> String {
        if id == ROOT {
            return "the root folder".into();
        }
        let named = |event: &Event| match event {
            Event::Names(names) => names
                .sets
                .iter()
                .find(|(_, set)| *set == Some(id))
                .map(|((_, name), _)| name.clone()),
            _ => None,
        };
        let events = self.events.get(..at).unwrap_or_default();
        if let Some(name) = events.iter().rev().find_map(named) {
            return name;
        }
        let in_folder = |folder: Id| {
            let names = self.first.names(folder).ok()?;
            let found = names.iter().find(|(_, known)| **known == id);
            found.map(|(name, _)| name.clone())
        };
        let first = (0..self.next).find_map(in_folder);
        first.unwrap_or_else(|| format!("file {id}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use datastore::disk::{Disk, Mode};

    use crate::crash::CrashDisk;

    #[test]
    fn each_step_is_told_by_its_names() {
        let disk = CrashDisk::new();
        disk.create_dir(Path::new("d")).unwrap();
        disk.open(Path::new("d/old"), Mode::Create).unwrap();
        disk.settle();
        disk.write_whole(Path::new("d/a"), b"xyz").unwrap();
        disk.open(Path::new("d/old"), Mode::Write)
            .unwrap()
            .write_all_at(b"1", 0)
            .unwrap();
        let record = disk.record();
        let steps: Vec<String> = (0..=record.last())
            .filter_map(|at| record.step(at))
            .collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        assert_eq!(
            steps,
            [
                "create a.new",
                "a.new cut or filled to 0 bytes",
                "write of 3 bytes to a.new",
                "flush of a.new",
                "rename a.new -> a",
                "flush of d",
                "write of 1 bytes to old",
            ]
        );
    }
}
