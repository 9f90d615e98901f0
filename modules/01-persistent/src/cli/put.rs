//! `put`: files of yours as blocks.
//!
//! A thread reads the files while the blocks before them are hashed, on all cores, and written.
//! What is ready goes into one batch, and so shares one flush; a CID is printed once its block is
//! stored as `--durability` promises.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::{Context, Result};
use block_cid::{Block, Blocks, Blockstore, Cid, MAX_BLOCK, hash_many};
use demo::{Progress, plain, units};
use persistent::wrappers::repair::is_damage;
use persistent::{Durability, Persistent};
use serde_json::json;

use super::args::{Put, Store};
use super::stop;
use super::store::{self, Use};

/// With `--allow-big-block`: a block is held in memory as a whole, and engines have limits of
/// their own above this.
const MAX_BIG_BLOCK: u64 = 1 << 30;

/// A batch is written when it has this many bytes, or blocks, or nothing more is ready.
const BATCH_BYTES: usize = 8 << 20;
const BATCH_BLOCKS: usize = 256;

/// From how many files on a bar is worth the flicker.
const SOME: usize = 16;

/// Files that are read ahead.
const AHEAD: usize = 16;

/// What wakes the writing side.
enum Event {
    /// The next file, and its bytes or why there are none.
    Read(PathBuf, Result<Vec<u8>>),
    /// There are no more.
    End,
    /// Ctrl-C.
    Stop,
}

/// Stores the files.
pub fn run(args: &Store, put: &Put, out: &mut dyn Write) -> Result<ExitCode> {
    let limit = if put.allow_big_block {
        MAX_BIG_BLOCK
    } else {
        MAX_BLOCK
    };
    put.mhtype.names_blocks()?;
    store::refuse_unbuilt(args)?;
    if !put.files.iter().any(|path| may_be_read(path)) {
        // A mistyped name is no reason to make a store.
        for path in &put.files {
            if let Err(error) = read(path, limit) {
                report(&error);
            }
        }
        return Ok(ExitCode::FAILURE);
    }
    store::with(args, Use::Fill, |store, _| {
        let (send, events) = sync_channel(AHEAD);
        let waker = send.clone();
        // If the queue is full nobody waits for it, and the flag alone is seen.
        stop::wakes(move || drop(waker.try_send(Event::Stop)));
        let files = put.files.clone();
        thread::spawn(move || read_all(files, limit, &send));
        let mut run = Run {
            put,
            // A store that was closed has all its blocks on disk; after a crash, one that is there
            // may be in the page cache alone, and is written again.
            trust_what_is_there: !store.found().unclean,
            blocks: store.blocks().with_max_block(limit),
            progress: if put.files.len() < SOME {
                Progress::hidden()
            } else {
                Progress::count("put", Some(put.files.len() as u64))
            },
            out,
            failed: false,
            unsynced: (store.durability() != Durability::Each).then_some(0),
        };
        let ran = run.all(&events);
        match run.synced() {
            Ok(()) => ran,
            Err(error) => {
                if let Err(why) = ran {
                    report(&why);
                }
                Err(error)
            }
        }
    })
}

fn may_be_read(path: &Path) -> bool {
    path == Path::new("-") || path.metadata().is_ok_and(|meta| !meta.is_dir())
}

fn report(error: &anyhow::Error) {
    // Nothing is left to be done if stderr is gone too.
    let _ = demo::report(&mut io::stderr(), error, demo::Style::stderr());
}

/// Reads the files in order, until the other side hangs up.
fn read_all(files: Vec<PathBuf>, limit: u64, to: &SyncSender<Event>) {
    for path in files {
        let bytes = read(&path, limit);
        if to.send(Event::Read(path, bytes)).is_err() {
            return;
        }
    }
    // If nobody listens any more there is nobody to tell.
    let _ = to.send(Event::End);
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        return take(io::stdin().lock(), limit).context("cannot store stdin");
    }
    let named = || format!("cannot store {}", path.display());
    let file = File::open(path).with_context(named)?;
    let meta = file.metadata().with_context(named)?;
    if meta.is_dir() {
        let why = "it is a folder, and put takes files; `06-unixfs-car add -r` stores folders";
        return Err(anyhow::anyhow!(why)).with_context(named);
    }
    if meta.is_file() && meta.len() > limit {
        return Err(too_large(Some(meta.len()), limit)).with_context(named);
    }
    take(file, limit).with_context(named)
}

/// Everything there is to read, which may be no file with a length.
fn take(from: impl Read, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(None, limit));
    }
    Ok(bytes)
}

fn too_large(len: Option<u64>, limit: u64) -> anyhow::Error {
    // Rounded, a byte more is as much.
    let is_close = len.is_some_and(|len| units::bytes(len) == units::bytes(limit));
    let text = |bytes| match is_close {
        true => format!("{} bytes", units::count(bytes)),
        false => units::bytes(bytes),
    };
    let limit_text = text(limit);
    let len = len.map_or(format!("more than {limit_text}"), text);
    if limit == MAX_BLOCK {
        anyhow::anyhow!(
            "it has {len}, and a block {limit_text} at most, which is what every bitswap peer has to \
             take; `06-unixfs-car add` cuts it into blocks, and --allow-big-block keeps it as one that \
             no other node can be relied on to get"
        )
    } else {
        anyhow::anyhow!("it has {len}, and no block here has more than {limit_text}")
    }
}

/// A file that is stored: its CID, name and length, and whether the block was there before.
type Stored = (Cid, PathBuf, usize, bool);

fn is_full(error: &block_cid::Error) -> bool {
    use datastore::Error::StorageFull;
    matches!(error, block_cid::Error::Store(StorageFull { .. }))
}

struct Run<'a> {
    put: &'a Put,
    trust_what_is_there: bool,
    blocks: Blocks<&'a Persistent>,
    progress: Progress,
    out: &'a mut dyn Write,
    failed: bool,
    /// Blocks that were printed and are on disk after a sync only, if the promise is a weaker one.
    unsynced: Option<usize>,
}

impl Run<'_> {
    /// Makes good what was printed, also after a run that failed.
    fn synced(&self) -> Result<()> {
        match self.unsynced {
            None => Ok(()),
            Some(0) => Ok(self.blocks.sync()?),
            Some(printed) => self.blocks.sync().with_context(|| {
                format!("the {printed} blocks printed above may not be on disk: put them again")
            }),
        }
    }

    fn all(&mut self, events: &Receiver<Event>) -> Result<ExitCode> {
        let mut more = true;
        while more {
            let mut batch = Vec::new();
            let mut bytes = 0;
            // Waits for one file, then takes what is ready.
            let mut next = events.recv().ok();
            loop {
                stop::check()?;
                match next {
                    Some(Event::Read(path, Ok(data))) => {
                        bytes += data.len();
                        batch.push((path, data));
                    }
                    Some(Event::Read(_, Err(error))) => self.fail(&error),
                    Some(Event::Stop) => {}
                    Some(Event::End) | None => {
                        more = false;
                        break;
                    }
                }
                if bytes >= BATCH_BYTES || batch.len() >= BATCH_BLOCKS {
                    break;
                }
                match events.try_recv() {
                    Ok(event) => next = Some(event),
                    Err(_) => break,
                }
            }
            self.store(batch)?;
        }
        Ok(if self.failed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }

    /// A file that cannot be read keeps no other from being stored.
    fn fail(&mut self, error: &anyhow::Error) {
        self.failed = true;
        self.progress.add(1);
        self.progress.pause(|| report(error));
    }

    fn store(&mut self, batch: Vec<(PathBuf, Vec<u8>)>) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let (names, data): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let hashes = hash_many(self.put.mhtype, &data)?;
        let mut fresh = Vec::new();
        let mut stored = Vec::new();
        for ((name, data), hash) in names.into_iter().zip(data).zip(hashes) {
            let cid = Cid::new_v1(self.put.cid_codec, hash);
            let existed = self.trust_what_is_there && self.is_there(&cid)?;
            stored.push((cid, name, data.len(), existed));
            if !existed {
                fresh.push(Block::trusted(cid, data));
            }
        }
        let end = match self.blocks.put_many(&fresh) {
            Err(error) if is_full(&error) => self.one_by_one(fresh, &mut stored),
            end => Ok(end?),
        };
        self.progress.add(stored.len() as u64);
        let (out, put) = (&mut *self.out, self.put);
        if let Some(unsynced) = &mut self.unsynced {
            *unsynced += stored.len();
        }
        self.progress.pause(|| print(out, put, &stored))?;
        end
    }

    /// Stores the blocks of a batch for which there is no room as a whole, as far as there is room
    /// for each, and leaves of `stored` what is there then.
    ///
    /// # Errors
    /// Why the first file that is not there was not stored.
    fn one_by_one(&self, fresh: Vec<Block>, stored: &mut Vec<Stored>) -> Result<()> {
        let mut fresh = fresh.into_iter();
        let mut first = Ok(());
        let mut full = true;
        stored.retain(|(_, name, _, existed)| {
            if *existed {
                return true;
            }
            // In the order of `stored`, one for each file that was not there.
            let Some(block) = fresh.next().filter(|_| full) else {
                return false;
            };
            let Err(error) = self.blocks.put(&block) else {
                return true;
            };
            // Any other error is no matter of size, and the next block would meet it as well.
            full = is_full(&error);
            if first.is_ok() {
                let named = || format!("cannot store {}", name.display());
                first = Err(error).with_context(named);
            }
            false
        });
        first
    }

    /// Whether the block is there, and whole: one that is damaged is written anew.
    fn is_there(&self, cid: &Cid) -> Result<bool> {
        match self.blocks.get(cid) {
            Ok(block) => Ok(block.is_some()),
            Err(damaged) if is_damage(&damaged) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn print(out: &mut dyn Write, put: &Put, stored: &[Stored]) -> Result<()> {
    for (cid, path, size, existed) in stored {
        if put.json {
            let line = json!({
                "cid": cid.to_string(),
                "name": path.to_string_lossy(),
                "size": size,
                "existed": existed,
            });
            writeln!(out, "{line}")?;
        } else if put.quieter {
            writeln!(out, "{cid}")?;
        } else {
            writeln!(out, "{cid}  {}", plain(&path.to_string_lossy()))?;
        }
    }
    // A script that waits for an answer gets it before the next file is read.
    Ok(out.flush()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use clap::Parser;
    use persistent::{Config, Kind};

    use super::super::args::{Args, Command};
    use super::*;

    #[test]
    fn of_a_batch_that_has_no_room_what_fits_is_stored() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::new(Kind::File).with_path(dir.path().join("store"));
        config.quota = Some(1 << 20);
        let store = Persistent::open(&config).unwrap();
        let args = Args::parse_from(["01-persistent", "put", "-Q", "-"]);
        let Some(Command::Put(put)) = args.command else {
            panic!("that is a put");
        };
        let mut out = Vec::new();
        let run = |out: &mut Vec<u8>, batch: &[(&str, &Vec<u8>)]| {
            let mut run = Run {
                put: &put,
                trust_what_is_there: true,
                blocks: store.blocks(),
                progress: Progress::hidden(),
                out,
                failed: false,
                unsynced: None,
            };
            let batch = batch.iter();
            run.store(batch.map(|(n, data)| (n.into(), data.to_vec())).collect())
        };
        let [old, small, last] = [1, 2, 3].map(|byte| vec![byte; 100]);
        let large = vec![4; (1 << 20) + 1];
        run(&mut out, &[("old", &old)]).unwrap();
        out.clear();
        let batch = [
            ("small", &small),
            ("large", &large),
            ("old", &old),
            ("larger", &large),
            ("last", &last),
        ];
        let error = run(&mut out, &batch).unwrap_err();
        let text = format!("{error:#}");
        assert!(
            text.starts_with("cannot store large: no space for "),
            "{text}"
        );
        let stored = [small, old, last].map(|data| *Block::raw(data).cid());
        let said: String = stored.iter().map(|cid| format!("{cid}\n")).collect();
        assert_eq!(String::from_utf8(out).unwrap(), said);
        for cid in &stored {
            assert!(store.blocks().get(cid).unwrap().is_some());
        }
    }
}
