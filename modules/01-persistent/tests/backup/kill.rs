//! A backup or a restore that is killed leaves the store, old or new, and nothing in the way of
//! the same command.

use std::fs;
use std::path::Path;
use std::time::Instant;

use datastore::Datastore;
use persistent::ops::{Backup, Restore, Silent};
use persistent::{Kind, Persistent, ops};
use testkit::calls::{Point, TRIES, points};
use testkit::child::{self, Child, arg, say};
use testkit::kill::{Moments, at_random};
use testkit::mount::in_memory;
use testkit::{Rng, Trial, or_skip, run, strace};

use crate::{
    Contents, backup, check, config, contents, contents_of, fill, names, on_disk, open, restore,
};

/// The child that makes a backup.
pub fn backing_up() {
    let _parent = child::orders();
    let (kind, dir): (Kind, _) = (arg("kind").parse().unwrap(), arg("dir"));
    let store = open(kind, &Path::new(&dir).join("store"));
    say("ready");
    let mut how = Backup::of(kind.name());
    (how.force, how.min_free) = (true, 0);
    let file = Path::new(&dir).join("backup.car");
    ops::backup(&store, &file, &how, &Silent, &mut |_| {}).unwrap();
    say("done");
    store.close().unwrap();
}

/// The child that restores one.
pub fn restoring() {
    let _parent = child::orders();
    let (kind, dir): (Kind, _) = (arg("kind").parse().unwrap(), arg("dir"));
    let dir = Path::new(&dir);
    say("ready");
    let config = config(kind, &dir.join("store"));
    ops::restore(&dir.join("good.car"), &config, Restore::default(), &Silent).unwrap();
    say("done");
}

fn plan(role: &str, kind: Kind, dir: &Path) -> child::Plan {
    Child::of("child", role)
        .with("kind", kind)
        .with("dir", dir.display())
}

/// A folder with a store, and a good backup of another.
struct Stage {
    kind: Kind,
    dir: tempfile::TempDir,
    old: Contents,
    new: Contents,
}

impl Stage {
    fn new(kind: Kind, blocks: u64) -> Stage {
        let dir = in_memory();
        let other = dir.path().join("other");
        let store = open(kind, &other);
        fill(&store, 2, blocks);
        let new = contents(&store);
        backup(&store, &dir.path().join("good.car")).unwrap();
        store.close().unwrap();
        fs::remove_dir_all(other).unwrap();
        let mut stage = Stage {
            kind,
            dir,
            old: Contents::new(),
            new,
        };
        stage.reset(blocks);
        stage
    }

    /// The old store in its place, and nothing else.
    fn reset(&mut self, blocks: u64) {
        for name in names(self.dir.path()) {
            if name.starts_with("store") {
                fs::remove_dir_all(self.dir.path().join(name)).unwrap();
            }
        }
        let store = open(self.kind, &self.dir.path().join("store"));
        fill(&store, 1, blocks);
        self.old = contents(&store);
        store.close().unwrap();
    }

    /// After a restore that may have been killed: the old store or the new one, and the same
    /// command works. True if it was the new one.
    fn look(&self, said: &[String], place: &str) -> bool {
        let dir = self.dir.path();
        let store = Persistent::open(&config(self.kind, &dir.join("store")))
            .unwrap_or_else(|error| panic!("{place}: {error}"));
        assert!(!store.found().created, "{place}: a new store was made");
        let found = contents(&store);
        store.close().unwrap();
        let new = found == self.new;
        assert!(
            new || found == self.old,
            "{place}: neither the old nor the new"
        );
        let kept = dir.join("store.before-restore");
        if new {
            assert!(
                contents_of(self.kind, &kept) == self.old,
                "{place}: the old one is lost"
            );
        } else {
            assert!(!kept.exists(), "{place}");
            let done = said.iter().any(|line| line == "done");
            assert!(!done, "{place}: it was said to be done");
        }
        restore(&dir.join("good.car"), self.kind, &dir.join("store"))
            .unwrap_or_else(|error| panic!("{place}: again: {error}"));
        assert!(
            contents_of(self.kind, &dir.join("store")) == self.new,
            "{place}"
        );
        assert!(!dir.join("store.restoring").exists(), "{place}");
        assert!(!dir.join("store/restore.json").exists(), "{place}");
        new
    }

    /// After a backup that may have been killed: a whole file or none, and the same command works.
    fn look_at_backup(&self, said: &[String], place: &str) {
        let dir = self.dir.path();
        let file = dir.join("backup.car");
        let done = said.iter().any(|line| line == "done");
        if file.exists() {
            check(&file).unwrap_or_else(|error| panic!("{place}: {error}"));
        } else {
            assert!(!done, "{place}");
        }
        let store = open(self.kind, &dir.join("store"));
        assert!(contents(&store) == self.old, "{place}");
        let mut how = Backup::of(self.kind.name());
        (how.force, how.min_free) = (true, 0);
        ops::backup(&store, &file, &how, &Silent, &mut |_| {})
            .unwrap_or_else(|error| panic!("{place}: again: {error}"));
        store.close().unwrap();
        check(&file).unwrap();
        let new = dir.join("backup.car.new");
        if new.exists() {
            // Killed before it got its name. It may be somebody's own, and is kept.
            check(&new).unwrap_or_else(|error| panic!("{place}: {error}"));
            fs::remove_file(new).unwrap();
        }
        assert!(!dir.join("backup.car.new-2").exists(), "{place}");
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn at_random_moments() {
    let seed = run::seed("backup kill");
    let kills = run::count("CAIRN_KILLS", 10, 2_000);
    for kind in on_disk() {
        let mut rng = Rng::of(seed, &[kind as u64]);
        let blocks = 60;
        let mut stage = Stage::new(kind, blocks);
        let mut trial = Trial::new("kill", format!("backup and restore {kind}"), seed);
        let mut new = 0;
        // As long as it takes, so that the end of it is reached, too.
        let begun = Instant::now();
        plan("restore", kind, stage.dir.path()).start().end();
        let moments = Moments {
            working: begun.elapsed(),
            ..Moments::default()
        };
        stage.reset(blocks);
        for n in 0..kills {
            let place = format!("{kind}, seed {seed}, kill {n}");
            trial.many(1);
            trial.one();
            let child = plan("restore", kind, stage.dir.path()).start();
            let said = at_random(child, &mut rng, &moments);
            new += usize::from(stage.look(&said, &place));
            stage.reset(blocks);
            let child = plan("backup", kind, stage.dir.path()).start();
            let said = at_random(child, &mut rng, &moments);
            stage.look_at_backup(&said, &place);
        }
        trial.end(&format!(
            "restores and backups; {new} with the new store in place"
        ));
    }
}

/// Every call of the child at which something on disk may change.
fn points_of(plan: child::Plan, dir: &Path) -> Vec<Point> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let words = strace::record(strace::STEPS, log.path());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (status, said, noise) = plan.under(&words).start().end();
    assert!(status.success(), "{said:?}: {noise}");
    let record = fs::read_to_string(log.path()).unwrap();
    points(&strace::parse(&record), dir)
}

#[test]
fn at_system_calls() {
    let Some(()) = or_skip("kills of a restore at system calls", strace::works()) else {
        return;
    };
    let seed = run::seed("backup at system calls");
    for kind in on_disk() {
        let mut rng = Rng::of(seed, &[kind as u64]);
        let blocks = 6;
        let mut stage = Stage::new(kind, blocks);
        for role in ["restore", "backup"] {
            let all = points_of(plan(role, kind, stage.dir.path()), stage.dir.path());
            stage.reset(blocks);
            let _ = fs::remove_file(stage.dir.path().join("backup.car"));
            let tries = run::count("CAIRN_CALLS", 12, all.len()).min(all.len());
            let mut trial = Trial::new("kill", format!("{role} {kind}, at system calls"), seed);
            let (mut missed, mut new) = (0, 0);
            let from = rng.below(all.len() as u64) as usize;
            for n in 0..tries {
                let point = &all[(from + n * all.len() / tries) % all.len()];
                let words = point.kill();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let place = format!("{kind}, {role}, {point}");
                let met = (0..TRIES).any(|_| {
                    let child = plan(role, kind, stage.dir.path()).under(&words).start();
                    let (status, said, _) = child.end();
                    if role == "restore" {
                        new += usize::from(stage.look(&said, &place));
                        stage.reset(blocks);
                    } else {
                        stage.look_at_backup(&said, &place);
                    }
                    !status.success()
                });
                if met {
                    trial.one();
                } else {
                    missed += 1;
                }
            }
            assert!(trial.tried() > 0, "{kind} {role}: nothing was killed");
            trial.end(&format!(
                "of {} calls; {missed} were not met in {TRIES} runs; {new} runs ended with the new store \
                 in place",
                all.len()
            ));
        }
    }
}
