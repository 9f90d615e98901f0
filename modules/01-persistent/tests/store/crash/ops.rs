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
    kinds: [Kind; 2],
    filled: CrashDisk,
    holds: State,
}

const NAMES: [&str; 2] = ["from", "to"];

impl Two {
    fn new(from: Kind, to: Kind) -> Two {
        let mut two = Two {
            dir: in_memory(),
            kinds: [from, to],
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
        for which in [0, 1] {
            let path = self.path(which);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("lock"), if held { "pid 1\n" } else { "" }).unwrap();
        }
    }

    fn migrate(&self, disk: &CrashDisk) -> ops::Result<Migrated> {
        let (from, to) = (self.config(0, disk), self.config(1, disk));
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
            let to = Persistent::open(&self.config(1, disk)).map_err(|e| crate::chain(&e))?;
            let found = all(&to)?;
            to.close().map_err(|e| crate::chain(&e))?;
            if found != self.holds {
                return Err(format!("{} of {} are there", found.len(), self.holds.len()));
            }
            match disk.look(&self.path(0)).map_err(|e| e.to_string())? {
                Some(_) => Err("the source is still there".to_owned()),
                None => Ok(()),
            }
        })
    }
}

#[test]
fn a_migration_that_was_cut_short_is_finished_by_the_same_call() {
    let states = run::count("CAIRN_STATES", 40, 10_000);
    for (from, to) in [(Kind::File, Kind::Redb), (Kind::Redb, Kind::File)] {
        Two::new(from, to).migrated(states).must_hold();
    }
}
