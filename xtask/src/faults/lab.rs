//! The fault laboratories: what each does, what it calls a failure, and how far it is to go.

use crate::suite::Suite;

/// A laboratory: some tests that print results.
#[derive(Debug)]
pub struct Lab {
    /// Its name here, and in its results.
    pub name: &'static str,
    pub suites: &'static [Suite],
    /// What is done.
    pub does: &'static str,
    /// What counts as a failure.
    pub fails: &'static str,
    /// How far `--long` is to go.
    pub target: &'static str,
}

impl Lab {
    /// Whether a result of this name is one of its own: `migrate-kill` is one of `migrate`.
    pub fn says(&self, name: &str) -> bool {
        name.split('-').next() == Some(self.name)
    }
}

pub const LABS: &[Lab] = &[
    Lab {
        name: "kill",
        suites: &[Suite::of_stores("kill::"), Suite::of_backup("kill::")],
        does: "A child with three threads writes blocks, other keys, deletes and batches, and acknowledges \
               each step through a pipe. It is killed with `SIGKILL` after a random number of \
               microseconds, some of them twice before anybody looks. Then the store is opened. Backups and \
               restores are killed in the same way, and at system calls as for calls.",
        fails: "The store does not open, a step that was acknowledged is gone (under `batch`: one that \
                was synced), or what is there is no state that the steps pass through; after a restore \
                there is neither the old store nor the new, after a backup half a file, or the same command \
                does not finish it.",
        target: "10,000 kills of each engine, 2,500 of each under `batch`, 2,000 of a restore and 2,000 of a \
                 backup of each, 0 lost",
    },
    Lab {
        name: "calls",
        suites: &[Suite::of_stores("calls::")],
        does: "strace counts the system calls of a workload of 200 steps that make, change, name or \
               flush a file, for each call by itself. Then the workload runs for each of them and is killed \
               with `SIGKILL` at that very call. Threads differ in who makes the n-th call of a name: a run that \
               does not come to its call is not counted, and made again, up to five times.",
        fails: "As for kill.",
        target: "every call of the workload on each engine, 0 lost",
    },
    Lab {
        name: "power",
        suites: &[Suite::of_stores("power::")],
        does: "The store lies on ext4 or xfs in an image on a loop device. What a writing child has \
               acknowledged is read, then the file system is shut down without a flush of its log, the \
               child is killed, the image is mounted again and the store is opened. Also with a sync \
               now and then instead of a flush for each step (`batch`).",
        fails: "The store does not open, a step acknowledged before the cut is gone or damaged, or what \
                is there is no state that the steps pass through.",
        target: "500 cuts of each engine on each file system, and 167 of each under `batch` on ext4, 0 lost",
    },
    Lab {
        name: "crash",
        suites: &[Suite::of_stores("crash::"), Suite::of_backup("crash::")],
        does: "The file engine, the manifest, the record of acknowledgements, redb and pack run on a disk in \
               memory that notes every write, name and flush. For a power cut at each point of the record it gives \
               the states that a disk may be left in: of what was not flushed each write lost, kept, torn at \
               512 bytes or replaced by zeros, each name as before or as after, in any combination. In the \
               workload of 220 steps stores are closed, killed in the middle of a step and opened again; a part of the \
               states is cut once more while they are recovered from. The making of a store, migrations, \
               backups and restores are cut in the same way. And each flush of a workload of 200 steps fails, once \
               or for good, and the disk is full for three writes, from each on. fjall and RocksDB write past the \
               disk in memory; for them there are power and flush.",
        fails: "The store does not open without a manual step, a step that was acknowledged (under `batch`: \
                one that was synced) is gone or damaged, or what is there is no state that the steps may leave; a \
                block is reported as lost that was not promised; a migration is not finished by the same call; \
                after a failed flush anything is acknowledged.",
        target: "1,000,000 states of the file engine and the manifest, 10,000 of redb and of pack, of each migration, of a \
                 backup and of a restore, 0 violations",
    },
    Lab {
        name: "flip",
        suites: &[Suite::of_stores("flip::"), Suite::of_backup("flips::")],
        does: "A store of 60 blocks of 4 KiB is closed, or its writer is killed. On a copy in memory one \
               bit is flipped, 4 KiB are zeroed, a tail is cut off, two files are exchanged or a page \
               of an earlier copy is put back, anywhere in the folder. A child opens the copy, reads \
               each block and verifies. One copy in ten (in a short run one in thirty) is salvaged as well, \
               before it is opened and after. And every single bit of one stored block of the file engine is \
               flipped and the block read, and every single bit of a small backup.",
        fails: "Wrong bytes are returned; a block is absent and neither opening nor verifying says so; the \
                process ends; salvage brings back less than could be read, or less after an opening than before.",
        target: "10,000 flipped bits and 5,000 other damages of each engine, closed and killed, 0 wrong and 0 \
                 silent; every bit of a block of 4 KiB and of one of 256 KiB found at read",
    },
    Lab {
        name: "salvage",
        suites: &[Suite::of_stores("salvage::every")],
        does: "A store of 60 blocks of 60 bytes to 20 KiB, in tables, blob files, pages, segments and journals, is closed or \
               left as a kill leaves it. In a copy it is damaged as for flip, two in three times by one bit, and salvaged.",
        fails: "A block is missing of whose bytes none was hit, or one is lost and not named, or wrong bytes are \
                in the fresh store.",
        target: "10,000 damages of each engine, closed and killed, 0 lost silently",
    },
    Lab {
        name: "migrate",
        suites: &[Suite::of_stores("migrate::lab")],
        does: "A child moves a store of 50 blocks and 5 other keys to another engine, each to each. It is \
               killed after a random number of microseconds, or at a system call as for calls; or the disk is full \
               from one of its writes on. Then the same call is made again.",
        fails: "A block is missing in the source that was not removed, or in the destination after the second call; a \
                block that was good in the destination is copied again; the source is removed before all that was in it \
                is elsewhere.",
        target: "100 kills, 100 calls and 100 full disks of each of the 25 pairs of engines",
    },
    Lab {
        name: "flush",
        suites: &[Suite::of_stores("flush::")],
        does: "strace counts the flushes of a workload of 200 steps. Each in turn fails with EIO, once, or it and \
               all later ones of its name.",
        fails: "Anything is acknowledged after it, what was written before cannot be read, or a restart \
                does not find all that was acknowledged.",
        target: "every flush of the workload on each engine, once and for good, 0 acknowledged after it",
    },
    Lab {
        name: "full",
        suites: &[Suite::of_stores("full::")],
        does: "A store is filled on disks in memory of every size in steps of 4 KiB over 1 MiB, and on ext4 \
               without a reserve, and then the rest of the disk, to the last byte; or no inode is left; or \
               another process eats the disk meanwhile. Then it is opened on the disk that is still full, every \
               block is read, all are deleted, it is compacted, and written to when there is room again. Or the disk \
               stays full while it is closed and opened again and again. Also each system call of a workload of \
               200 steps that makes, changes or names a file fails with ENOSPC or EDQUOT, once, or it and all later \
               ones of its name; but for `write`, which fails once only, because the child acknowledges through \
               it. And files may not grow beyond a limit, and the guard's questions for the room that is left are \
               counted.",
        fails: "The store does not open, a block that was acknowledged is gone, a delete or the compaction \
                is refused, a close is not a clean one, writing does not go on when there is room, an error does not \
                say that there is no space, or the guard asks more than once in 8 MiB.",
        target: "each of 256 sizes and every call on each engine, 40 disks of each other way, 64 limits, 0 lost, \
                 all deleted",
    },
    Lab {
        name: "trace",
        suites: &[Suite::of_stores("trace::")],
        does: "strace records the writes and flushes of a child that acknowledges each step.",
        fails: "Between two acknowledgements a file was written and not flushed, a file got its name and \
                its folder was not flushed, or fewer bytes were written than the step has.",
        target: "10,000 acknowledgements of each engine, 0 too early",
    },
    Lab {
        name: "race",
        suites: &[Suite::of_stores("race::of_eight")],
        does: "Eight processes, or eight threads of one, open one store at the same time.",
        fails: "Not exactly one of them gets it.",
        target: "1,000 races of each engine among processes and among threads, one winner each; 10,000 of the \
                 file engine among processes",
    },
    Lab {
        name: "schedules",
        suites: &[Suite {
            package: "persistent",
            target: &["--test", "schedules"],
            filter: "",
        }],
        does: "shuttle runs the threads of the cache, the bloom filter, the tiers, the sweep of what is too old, the \
               record of what was acknowledged and not synced, and the group commit in an order of its own, and \
               another in each run.",
        fails: "An answer that no order of the calls explains: a block that is there and is not found, or the \
                other way round; a put that is acknowledged and not committed.",
        target: "1,000,000 schedules of each, 0 false answers",
    },
    Lab {
        name: "load",
        suites: &[Suite::of_backup("load::")],
        does: "Four threads write, replace and delete while backups are made of the store. Each is restored \
               into another store. What is counted are the keys acknowledged before a backup and not deleted.",
        fails: "A key that was acknowledged before a backup began, and not deleted before it ended, is not in it; or \
                a key that names a block is there without the block.",
        target: "100 backups of each engine, 0 missing",
    },
    Lab {
        name: "acks",
        suites: &[Suite {
            package: "persistent",
            target: &["--test", "acks"],
            filter: "alarms::",
        }],
        does: "A store is written, synced now and then, and copied in the middle of it, as a kill would leave it; \
               the copy is opened and verified. And four threads write and delete the same blocks at once.",
        fails: "A block that was acknowledged is not there and not named, or one is named that is there or was deleted.",
        target: "300 copies and 100 races of each engine and promise, 0 silent and 0 false alarms",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::LABS;

    #[test]
    fn each_stands_once() {
        let names: BTreeSet<&str> = LABS.iter().map(|lab| lab.name).collect();
        assert_eq!(names.len(), LABS.len());
    }
}
