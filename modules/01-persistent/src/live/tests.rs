use super::*;
use crate::engine::{AfterFull, Flush};
use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, MemStore};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

mod unsynced;

/// Fails each write as it is told to, and counts how often it was opened.
struct Sick(fn() -> Result<()>, AfterFull);

impl Engine for Sick {
    fn get(&self, _: &Key) -> Result<Option<Bytes>> {
        Ok(Some(Bytes::from_static(b"still here")))
    }
    fn size(&self, _: &Key) -> Result<Option<u64>> {
        panic!("slice index starts at 20 but ends at 0")
    }
    fn write(&self, _: &Batch, _: Flush) -> Result<()> {
        (self.0)()
    }
    fn flush(&self) -> Result<()> {
        (self.0)()
    }
    fn query(&self, _: &Key) -> Result<Entries<'static>> {
        Ok(Box::new(std::iter::once_with(|| panic!("in the middle"))))
    }
    fn after_full(&self) -> AfterFull {
        self.1
    }
    fn disk_usage(&self) -> Result<u64> {
        Ok(0)
    }
    fn close(&self) -> Result<()> {
        Ok(())
    }
}

fn live(fails: fn() -> Result<()>, after: AfterFull) -> (Live, Arc<AtomicUsize>) {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let open = move |_| {
        count.fetch_add(1, SeqCst);
        Ok(Box::new(Sick(fails, after)) as Box<dyn Engine>)
    };
    (
        Live::new(
            std::env::temp_dir(),
            Arc::new(Ballast::none()),
            Box::new(open),
        )
        .unwrap(),
        opened,
    )
}

fn write(live: &Live) -> Result<()> {
    live.write(Room::AsItIs, |engine| {
        engine.write(&Batch::new(), Flush::Yes)
    })
}

fn get(live: &Live) -> Result<Option<Bytes>> {
    live.read(|engine| engine.get(&Key::blocks()))
}

fn eio() -> Result<()> {
    Err(Error::io("flush", "/x", io::Error::from_raw_os_error(5)))
}

fn enospc() -> Result<()> {
    Err(Error::io("write", "/x", io::ErrorKind::StorageFull.into()))
}

#[test]
fn after_a_failed_flush_nothing_is_written_and_reads_go_on() {
    let (live, opened) = live(eio, AfterFull::ReopenToRead);
    assert!(matches!(write(&live), Err(Error::Io { .. })));
    for _ in 0..3 {
        let error = write(&live).unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
        assert!(error.to_string().contains("cannot flush /x"), "{error}");
    }
    assert!(get(&live).unwrap().is_some());
    assert_eq!(
        opened.load(SeqCst),
        1,
        "it must not be opened anew behind the caller's back"
    );
    assert!(!live.close().unwrap(), "such a close is not a clean one");
}

#[test]
fn a_full_disk_reopens_the_engine_that_needs_it() {
    for (after, times) in [
        (AfterFull::Nothing, 1),
        (AfterFull::ReopenToWrite, 3),
        (AfterFull::ReopenToRead, 3),
    ] {
        let (live, opened) = live(enospc, after);
        for _ in 0..2 {
            assert!(write(&live).unwrap_err().is_out_of_space());
            assert!(get(&live).unwrap().is_some());
        }
        assert_eq!(opened.load(SeqCst), times, "{after:?}");
    }
}

#[test]
fn an_engine_that_tells_of_a_disk_that_was_full_is_asked_again() {
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    let once = || match TOLD.fetch_add(1, SeqCst) {
        0 => enospc(),
        _ => Ok(()),
    };
    let (live, opened) = live(once, AfterFull::ReopenToWrite);
    write(&live).unwrap();
    assert_eq!((TOLD.load(SeqCst), opened.load(SeqCst)), (2, 2));
}

#[test]
fn a_panic_is_a_typed_error_and_ends_writing() {
    let (live, _) = live(|| panic!("torn page"), AfterFull::Nothing);
    let error = live.read(|engine| engine.size(&Key::blocks())).unwrap_err();
    assert!(matches!(&error, Error::Corrupt { what, .. } if what.contains("starts at 20")));
    assert!(matches!(write(&live), Err(Error::Corrupt { .. })));
    assert!(matches!(write(&live), Err(Error::ReadOnly { .. })));
    let entries = live.read(|engine| engine.query(&Key::root())).unwrap();
    let mut entries = Caught::new(&live, entries);
    assert!(matches!(entries.next(), Some(Err(Error::Corrupt { .. }))));
    assert!(entries.next().is_none());
}

#[test]
fn a_panic_while_the_engine_is_let_go_of_is_a_typed_error() {
    struct Stuck(MemStore);
    impl Drop for Stuck {
        fn drop(&mut self) {
            panic!("bit < self.len");
        }
    }
    impl Engine for Stuck {
        fn get(&self, key: &Key) -> Result<Option<Bytes>> {
            self.0.get(key)
        }
        fn size(&self, key: &Key) -> Result<Option<u64>> {
            self.0.size(key)
        }
        fn write(&self, _: &Batch, _: Flush) -> Result<()> {
            enospc()
        }
        fn flush(&self) -> Result<()> {
            Ok(())
        }
        fn query(&self, _: &Key) -> Result<Entries<'static>> {
            Ok(Box::new(std::iter::empty()))
        }
        fn after_full(&self) -> AfterFull {
            AfterFull::ReopenToRead
        }
        fn disk_usage(&self) -> Result<u64> {
            Ok(0)
        }
        fn close(&self) -> Result<()> {
            Ok(())
        }
    }
    let open = |_| Ok(Box::new(Stuck(MemStore::new())) as Box<dyn Engine>);
    let live = Live::new(
        std::env::temp_dir(),
        Arc::new(Ballast::none()),
        Box::new(open),
    )
    .unwrap();
    assert!(write(&live).unwrap_err().is_out_of_space());
    let error = live.close().unwrap_err();
    assert!(matches!(&error, Error::Corrupt { what, .. } if what.contains("bit <")));
}

#[test]
fn a_bad_key_harms_nobody() {
    let (live, _) = live(
        || {
            Err(Error::InvalidKey {
                key: "k".into(),
                reason: "too long",
            })
        },
        AfterFull::Nothing,
    );
    for _ in 0..2 {
        assert!(matches!(write(&live), Err(Error::InvalidKey { .. })));
    }
    assert!(live.close().unwrap());
    assert!(matches!(get(&live), Err(Error::Closed)));
}

/// A live store whose engine has room from its `n`th write on, with a ballast.
fn until(n: usize, dir: &tempfile::TempDir) -> (Live, Arc<AtomicUsize>) {
    struct Full(Arc<AtomicUsize>, usize);
    impl Engine for Full {
        fn get(&self, _: &Key) -> Result<Option<Bytes>> {
            Ok(None)
        }
        fn size(&self, _: &Key) -> Result<Option<u64>> {
            Ok(None)
        }
        fn write(&self, _: &Batch, _: Flush) -> Result<()> {
            self.flush()
        }
        fn flush(&self) -> Result<()> {
            match self.0.fetch_add(1, SeqCst) {
                tried if tried < self.1 => enospc(),
                _ => Ok(()),
            }
        }
        fn query(&self, _: &Key) -> Result<Entries<'static>> {
            Ok(Box::new(std::iter::empty()))
        }
        fn compact(&mut self) -> Result<()> {
            self.flush()
        }
        fn disk_usage(&self) -> Result<u64> {
            Ok(0)
        }
        fn close(&self) -> Result<()> {
            self.flush()
        }
    }
    std::fs::create_dir_all(dir.path().join("redb")).unwrap();
    std::fs::write(dir.path().join("redb/file"), [1; 4096]).unwrap();
    let config = crate::Config::new(crate::Kind::Redb).with_min_free(0);
    let ballast = Arc::new(Ballast::find(dir.path(), &config));
    ballast.take();
    assert!(ballast.held() > 0);
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    let open: Open = Box::new(move |_| Ok(Box::new(Full(Arc::clone(&count), n))));
    let live = Live::new(dir.path().into(), ballast, open).unwrap();
    (live, tries)
}

/// Files of the ballast.
fn kept(dir: &tempfile::TempDir) -> usize {
    let files = std::fs::read_dir(dir.path().join(crate::ballast::NAME)).unwrap();
    files.count()
}

fn batch(ops: &[datastore::Op]) -> Batch {
    ops.iter().cloned().collect()
}

#[test]
fn what_forgets_gives_up_the_ballast_and_is_tried_again() {
    let delete = batch(&[datastore::Op::Delete(Key::blocks())]);
    // What is compacted takes it back.
    type Forget = fn(&Live, &Batch) -> Result<()>;
    let all: [(Forget, bool); 3] = [
        (|live, delete| live.commit(delete, Flush::Yes), false),
        (|live, _| live.flush(), false),
        (|live, _| live.compact(), true),
    ];
    for (forget, taken_back) in all {
        // Eight files, given up by halves.
        for (room_at, works) in [(0, true), (1, true), (4, true), (5, false)] {
            let dir = tempfile::tempdir().unwrap();
            let (live, tries) = until(room_at, &dir);
            let forgot = forget(&live, &delete);
            assert_eq!(forgot.is_ok(), works, "{forgot:?}");
            assert_eq!(tries.load(SeqCst), 5.min(room_at + 1));
            let left = if taken_back && works { 8 } else { 8 >> room_at };
            assert_eq!(kept(&dir), left);
        }
    }
}

#[test]
fn a_put_never_takes_the_ballast() {
    let put = datastore::Op::Put(Key::blocks(), Bytes::new());
    let delete = datastore::Op::Delete(Key::blocks());
    for flush in [Flush::Yes, Flush::No] {
        let dir = tempfile::tempdir().unwrap();
        let (live, tries) = until(1, &dir);
        let full = live.commit(&batch(&[delete.clone(), put.clone()]), flush);
        assert!(full.unwrap_err().is_out_of_space());
        assert_eq!(tries.load(SeqCst), 1);
        assert_eq!(kept(&dir), 8);
    }
    // Nor does the flush of what was put.
    let dir = tempfile::tempdir().unwrap();
    let (live, tries) = until(1, &dir);
    tries.store(1, SeqCst);
    live.commit(&batch(&[put]), Flush::No).unwrap();
    tries.store(0, SeqCst);
    assert!(live.flush().unwrap_err().is_out_of_space());
    assert_eq!(kept(&dir), 8);
    // What is flushed now was deleted.
    tries.store(0, SeqCst);
    live.commit(&batch(&[delete]), Flush::No).unwrap();
    live.flush().unwrap();
}
