//! What is lost by an opening anew fails the next flush or close.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use super::*;

/// What stays when an engine is dropped.
#[derive(Default)]
struct Disk {
    flushed: Mutex<BTreeSet<Key>>,
    full: AtomicBool,
    /// Opening fails as well.
    dead: AtomicBool,
    /// An engine that met a full disk does not say that it was full when it is closed.
    mute: AtomicBool,
    opened: AtomicUsize,
}

impl Disk {
    fn room(&self) -> Result<()> {
        match self.full.load(SeqCst) {
            true => enospc(),
            false => Ok(()),
        }
    }

    fn has(&self, key: &Key) -> bool {
        self.flushed.lock().unwrap().contains(key)
    }
}

/// Holds in memory what is not flushed, and refuses all writes once it met a full disk.
struct Forgetful {
    disk: Arc<Disk>,
    memory: Mutex<BTreeSet<Key>>,
    met_full: AtomicBool,
    after: AfterFull,
}

impl Forgetful {
    fn room(&self) -> Result<()> {
        let sick = self.after != AfterFull::Nothing && self.met_full.load(SeqCst);
        if self.disk.room().is_err() || sick {
            self.met_full.store(true, SeqCst);
            return enospc();
        }
        Ok(())
    }
}

impl Engine for Forgetful {
    fn get(&self, _: &Key) -> Result<Option<Bytes>> {
        Ok(None)
    }
    fn size(&self, _: &Key) -> Result<Option<u64>> {
        Ok(None)
    }
    fn write(&self, batch: &Batch, flush: Flush) -> Result<()> {
        self.room()?;
        let keys = batch.ops().iter().map(|op| op.key().clone());
        self.memory.lock().unwrap().extend(keys);
        match flush {
            Flush::Yes => self.flush(),
            Flush::No => Ok(()),
        }
    }
    fn flush(&self) -> Result<()> {
        self.room()?;
        let mut memory = self.memory.lock().unwrap();
        self.disk.flushed.lock().unwrap().append(&mut memory);
        Ok(())
    }
    fn query(&self, _: &Key) -> Result<Entries<'static>> {
        Ok(Box::new(std::iter::empty()))
    }
    fn after_full(&self) -> AfterFull {
        self.after
    }
    fn disk_usage(&self) -> Result<u64> {
        Ok(0)
    }
    fn close(&self) -> Result<()> {
        match self.disk.mute.load(SeqCst) {
            true => self.flush().or_else(|_| eio()),
            false => self.flush(),
        }
    }
}

fn forgetful(after: AfterFull) -> (Live, Arc<Disk>) {
    let disk = Arc::new(Disk::default());
    let shared = Arc::clone(&disk);
    let open: Open = Box::new(move |_| {
        shared.opened.fetch_add(1, SeqCst);
        if shared.dead.load(SeqCst) {
            enospc()?;
        }
        Ok(Box::new(Forgetful {
            disk: Arc::clone(&shared),
            memory: Mutex::default(),
            met_full: AtomicBool::new(false),
            after,
        }))
    });
    let path = std::env::temp_dir();
    let live = Live::new(path, Arc::new(Ballast::none()), open).unwrap();
    (live, disk)
}

const REOPENED: [AfterFull; 2] = [AfterFull::ReopenToWrite, AfterFull::ReopenToRead];

fn key(n: u8) -> Key {
    Key::block(&[&[0x12, 0x20][..], &[n; 32]].concat()).unwrap()
}

fn put(live: &Live, n: u8, flush: Flush) -> Result<()> {
    let put = datastore::Op::Put(key(n), Bytes::new());
    live.commit(&batch(&[put]), flush)
}

fn delete(live: &Live, n: u8) -> Result<()> {
    live.commit(&batch(&[datastore::Op::Delete(key(n))]), Flush::No)
}

fn is_unsynced<T: std::fmt::Debug>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Unsynced { path }) if *path == std::env::temp_dir())
}

/// The disk is full while something is put.
fn meets_a_full_disk(live: &Live, disk: &Disk) {
    disk.full.store(true, SeqCst);
    assert!(put(live, 99, Flush::No).unwrap_err().is_out_of_space());
    disk.full.store(false, SeqCst);
}

#[test]
fn what_a_reopening_lost_fails_the_next_flush_once() {
    type Write = fn(&Live) -> Result<()>;
    let writes: [Write; 2] = [|live| put(live, 1, Flush::No), |live| delete(live, 1)];
    for (after, write) in REOPENED.iter().flat_map(|a| writes.map(|w| (*a, w))) {
        let (live, disk) = forgetful(after);
        write(&live).unwrap();
        meets_a_full_disk(&live, &disk);
        // What comes after is not lost, and makes nothing good.
        put(&live, 2, Flush::No).unwrap();
        live.check(false).unwrap();
        let told = live.flush();
        assert!(is_unsynced(&told), "{after:?}: {told:?}");
        assert!(!disk.has(&key(1)) && disk.has(&key(2)), "{after:?}");
        write(&live).unwrap();
        live.flush().unwrap();
        assert!(disk.has(&key(1)));
        assert!(live.close().unwrap());
    }
}

#[test]
fn a_flush_that_finds_no_room_may_lose_what_it_should_have_saved() {
    for after in REOPENED {
        let (live, disk) = forgetful(after);
        put(&live, 1, Flush::No).unwrap();
        disk.full.store(true, SeqCst);
        for _ in 0..2 {
            assert!(live.flush().unwrap_err().is_out_of_space());
        }
        disk.full.store(false, SeqCst);
        let told = live.flush();
        assert!(is_unsynced(&told), "{after:?}: {told:?}");
        assert!(!disk.has(&key(1)));
        live.flush().unwrap();
        live.close().unwrap();
    }
}

#[test]
fn what_was_flushed_or_stays_in_its_engine_is_no_loss() {
    for after in REOPENED {
        let (live, disk) = forgetful(after);
        put(&live, 1, Flush::Yes).unwrap();
        meets_a_full_disk(&live, &disk);
        live.flush().unwrap();
        put(&live, 2, Flush::No).unwrap();
        live.flush().unwrap();
        meets_a_full_disk(&live, &disk);
        live.flush().unwrap();
        assert!(live.close().unwrap());
        assert!(disk.has(&key(1)) && disk.has(&key(2)));
        assert!(disk.opened.load(SeqCst) > 2, "{after:?}: never opened anew");
    }
    let (live, disk) = forgetful(AfterFull::Nothing);
    put(&live, 1, Flush::No).unwrap();
    meets_a_full_disk(&live, &disk);
    live.flush().unwrap();
    assert!(disk.has(&key(1)));
}

#[test]
fn a_close_says_what_was_lost_before_and_by_itself() {
    for after in REOPENED {
        // Before it.
        let (live, disk) = forgetful(after);
        put(&live, 1, Flush::No).unwrap();
        meets_a_full_disk(&live, &disk);
        put(&live, 2, Flush::No).unwrap();
        let told = live.close();
        assert!(is_unsynced(&told), "{after:?}: {told:?}");
        assert!(!live.close().unwrap(), "once");

        // An engine that only says at its close that it failed once.
        let (live, disk) = forgetful(after);
        disk.mute.store(true, SeqCst);
        put(&live, 1, Flush::No).unwrap();
        meets_a_full_disk(&live, &disk);
        let told = live.close();
        assert!(is_unsynced(&told), "{after:?}: {told:?}");

        // By itself: an engine that met a full disk unseen is opened anew.
        let (live, disk) = forgetful(after);
        put(&live, 1, Flush::No).unwrap();
        disk.full.store(true, SeqCst);
        let met = live.read(|engine| engine.flush());
        assert!(met.unwrap_err().is_out_of_space());
        disk.full.store(false, SeqCst);
        let told = live.close();
        assert!(is_unsynced(&told), "{after:?}: {told:?}");
        assert_eq!(disk.opened.load(SeqCst), 2);
        assert!(matches!(live.flush(), Err(Error::Closed)));
    }
}

#[test]
fn a_close_without_an_engine_says_what_it_lost() {
    for after in REOPENED {
        for lost in [true, false] {
            let (live, disk) = forgetful(after);
            if lost {
                put(&live, 1, Flush::No).unwrap();
            }
            disk.dead.store(true, SeqCst);
            meets_a_full_disk(&live, &disk);
            // It could not be opened, then or now.
            assert!(live.flush().unwrap_err().is_out_of_space());
            let closed = live.close();
            assert_eq!(is_unsynced(&closed), lost, "{after:?}: {closed:?}");
            assert!(lost || !closed.unwrap());
        }
    }
}
