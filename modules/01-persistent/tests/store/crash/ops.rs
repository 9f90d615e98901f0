//! Operations on whole stores: the same call finishes what a power cut ended, and nothing is gone
//! meanwhile.

use std::fs;
use std::path::PathBuf;

use datastore::{Datastore, Disk};
use persistent::ops::{self, Migrated, Silent};
use persistent::{Config, Kind, Persistent};
use tempfile::TempDir;
use testkit::crash::{Acks, CrashDisk, Tally, laboratory};
use testkit::mount::in_memory;
use testkit::run;

use super::SEED;
use super::steps::Steps;
use crate::history::{State, all};

/// Two stores on one crash disk, and what is in the first.
struct Two {
    dir: TempDir,
    kinds: [Kind; 3],
    filled: CrashDisk,
    holds: State,
}

const NAMES: [&str; 3] = ["from", "to", "other"];

impl Two {
    fn new(from: Kind, to: Kind) -> Two {
        let mut two = Two {
            dir: in_memory(),
            kinds: [from, to, from],
            filled: CrashDisk::new(),
            holds: State::new(),
        };
        two.filled.make_dir(two.dir.path()).unwrap();
        let steps = Steps::of(SEED, 12);
        two.locks(false);
        let store = Persistent::open(&two.config(0, &two.filled)).unwrap();
        (0..steps.count()).for_each(|n| steps.run(n, &store).unwrap());
        two.holds = all(&store).unwrap();
        store.close().unwrap();
        drop(store);
        two
    }

    fn path(&self, which: usize) -> PathBuf {
        self.dir.path().join(NAMES[which])
    }

    fn config(&self, which: usize, disk: &CrashDisk) -> Config {
        Config::new(self.kinds[which])
            .with_path(self.path(which))
            .with_min_free(0)
            .with_disk(disk.shared())
    }

    /// The folders of the locks, which are the system's; `held` as after a power cut.
    fn locks(&self, held: bool) {
        for which in 0..NAMES.len() {
            let path = self.path(which);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("lock"), if held { "pid 1\n" } else { "" }).unwrap();
        }
    }

    fn migrate(&self, disk: &CrashDisk) -> ops::Result<Migrated> {
        self.migrate_to(1, disk)
    }

    fn migrate_to(&self, which: usize, disk: &CrashDisk) -> ops::Result<Migrated> {
        let (from, to) = (self.config(0, disk), self.config(which, disk));
        ops::migrate(&from, &to, true, &Silent)
    }

    fn migrated(&self, states: usize) -> Tally {
        let name = format!("{} migrated to {}", self.kinds[0], self.kinds[1]);
        let workload = |disk: &CrashDisk, acks: &Acks<()>| {
            self.locks(false);
            self.migrate(disk).unwrap();
            acks.note(());
        };
        laboratory(&name, states, &self.filled, workload, |disk, done| {
            self.locks(true);
            match self.migrate(disk) {
                Ok(end) if !end.removed => return Err("the source was not removed".to_owned()),
                Ok(end) if !end.already && !done.is_empty() => {
                    return Err("it was not done".to_owned());
                }
                Ok(_) => {}
                Err(error) => return Err(crate::chain(&error)),
            }
            self.has_all(1, disk)?;
            match disk.look(&self.path(0)).map_err(|e| e.to_string())? {
                Some(_) => Err("the source is still there".to_owned()),
                None => Ok(()),
            }
        })
    }
}

impl Two {
    fn has_all(&self, which: usize, disk: &CrashDisk) -> Result<(), String> {
        let store = Persistent::open(&self.config(which, disk)).map_err(|e| crate::chain(&e))?;
        let found = all(&store)?;
        store.close().map_err(|e| crate::chain(&e))?;
        if found != self.holds {
            let (found, held) = (found.len(), self.holds.len());
            return Err(format!("{found} of {held} are in {}", NAMES[which]));
        }
        Ok(())
    }

    /// After the cut the destination is given up, if the source is whole, and the source is moved
    /// to another.
    fn moved_elsewhere(&self, states: usize) -> Tally {
        let name = format!(
            "{} migrated to {}, then to another",
            self.kinds[0], self.kinds[1]
        );
        let workload = |disk: &CrashDisk, _: &Acks<()>| {
            self.locks(false);
            self.migrate(disk).unwrap();
        };
        laboratory(&name, states, &self.filled, workload, |disk, _| {
            self.locks(true);
            let failed = |error: std::io::Error| error.to_string();
            let journal = self.dir.path().join(".from.removed/migrate.json");
            let journal = disk.read(&journal).map_err(failed)?.unwrap_or_default();
            let is_whole = disk.look(&self.path(0)).map_err(failed)?.is_some()
                || String::from_utf8_lossy(&journal).contains("\"removing\":false");
            if is_whole && disk.look(&self.path(1)).map_err(failed)?.is_some() {
                disk.remove_tree(&self.path(1)).map_err(failed)?;
            }
            match (self.migrate_to(2, disk), is_whole) {
                (Ok(end), _) if end.removed => self.has_all(2, disk),
                (Err(_), false) => self.has_all(1, disk),
                (end, _) => Err(format!("{is_whole}: {end:?}")),
            }
        })
    }
}

#[test]
fn a_source_is_whole_until_its_removal_is_noted_and_can_be_moved_elsewhere() {
    let states = run::count("CAIRN_STATES", 40, 10_000);
    for (from, to) in [(Kind::File, Kind::Redb), (Kind::Redb, Kind::File)] {
        Two::new(from, to).moved_elsewhere(states).must_hold();
    }
}

#[test]
fn a_migration_that_was_cut_short_is_finished_by_the_same_call() {
    let states = run::count("CAIRN_STATES", 40, 10_000);
    for (from, to) in [(Kind::File, Kind::Redb), (Kind::Redb, Kind::File)] {
        Two::new(from, to).migrated(states).must_hold();
    }
}
