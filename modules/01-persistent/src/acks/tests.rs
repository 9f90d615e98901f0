use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, RwLock, mpsc};
use std::thread;

use bytes::Bytes;
use datastore::disk::{DiskFile, Mode};
use datastore::{Batch, Disk, Error, Key, Op, Os};

use super::census::{Census, Stretch};
use super::format::{Frames, Header, Note, Point, Unreadable, Walked, What, walk};
use super::seal::Seal;
use super::{Acks, Tail};
use crate::ballast::Ballast;
use crate::manifest::Record;
use crate::{Durability, Kind};

mod renew;

fn hash(n: u8) -> Vec<u8> {
    [&[0x12, 0x20][..], &[n; 32]].concat()
}

fn key(n: u8) -> Key {
    Key::block(&hash(n)).unwrap()
}

fn file(dir: &Path) -> Box<dyn DiskFile> {
    let file = Os.open(&dir.join("acks"), Mode::Create).unwrap();
    file.set_len(0).unwrap();
    Header::NEW.write(&*file).unwrap();
    file
}

/// Writes frames of these records, each frame by itself.
fn write(file: &dyn DiskFile, frames: &[&[(What, u8)]]) -> Vec<Point> {
    let mut points = vec![Point::START];
    for records in frames {
        let mut frame = Frames::default();
        for (what, n) in *records {
            frame.push(*what, &hash(*n));
        }
        let from = *points.last().unwrap();
        points.push(frame.write(file, from).unwrap());
    }
    points
}

fn census(file: &dyn DiskFile, end: u64) -> Census {
    let stretch = Stretch {
        file,
        path: Path::new("acks"),
        from: Point::START,
        end,
        records: 10,
        loose: false,
    };
    stretch.census().unwrap()
}

/// The blocks that are live, and whether each is perhaps deleted.
fn live(census: &Census) -> Vec<(u8, bool)> {
    let mut live: Vec<(u8, bool)> = census
        .live
        .iter()
        .map(|(key, claim)| (key.as_block().unwrap()[2], claim.perhaps))
        .collect();
    live.sort_unstable();
    live
}

const FRAMES: [&[(What, u8)]; 4] = [
    &[(What::Put, 1), (What::Put, 2)],
    &[(What::Put, 3)],
    &[(What::Delete, 2)],
    &[(What::Weak, 2), (What::Put, 4), (What::Delete, 1)],
];

#[test]
fn the_last_record_of_a_block_decides() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    let end = *write(&*file, &FRAMES).last().unwrap();
    let census = census(&*file, file.len().unwrap());
    assert_eq!(census.walked.end, end);
    assert_eq!(end.records, 7);
    assert_eq!(live(&census), [(2, false), (3, false), (4, false)]);
    assert!(census.live[&key(2)].weak && !census.live[&key(3)].weak);
}

#[test]
fn a_file_cut_at_any_byte_ends_behind_its_last_whole_frame_and_is_not_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    let points = write(&*file, &FRAMES);
    let end = points.last().unwrap().at;
    for cut in Point::START.at..end {
        let census = census(&*file, cut);
        let whole = points.iter().rfind(|point| point.at <= cut).unwrap();
        let torn = whole.at < cut;
        assert_eq!(
            census.walked,
            Walked {
                end: *whole,
                damage: None,
                torn
            },
            "cut at {cut}"
        );
        assert!(
            live(&census).iter().all(|(_, perhaps)| !perhaps),
            "cut at {cut}"
        );
        // The last frame ends in a delete, so that no part of it tells of one.
        assert_eq!(census.torn, [], "cut at {cut}");
    }
}

#[test]
fn every_flipped_bit_is_damage_or_a_torn_end_and_no_deleted_block_is_sure() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    let points = write(&*file, &FRAMES);
    let end = points.last().unwrap().at;
    let bytes = file.read_vec(0, end).unwrap();
    let mut resumed = 0;
    for bit in Point::START.at * 8..end * 8 {
        let at = bit / 8;
        let good = bytes[at as usize];
        file.write_all_at(&[good ^ 1 << (bit % 8)], at).unwrap();
        let census = census(&*file, end);
        let Walked { damage, torn, .. } = census.walked;
        assert!(damage.is_some() || torn, "bit {bit} is not noticed");
        resumed += u32::from(damage.is_some() && census.walked.end.at == end);
        // Block 1 is deleted by the last frame: whatever is lost of it, it is never missed.
        let sure = live(&census).contains(&(1, false));
        assert!(!sure || census.torn.contains(&key(1)), "bit {bit}");
        file.write_all_at(&[good], at).unwrap();
    }
    // Behind a record that is damaged the next frame fits.
    assert!(resumed > 300 * 3, "{resumed}");
}

#[test]
fn a_frame_that_is_missing_or_elsewhere_does_not_fit() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    let points = write(&*file, &FRAMES);
    let end = points.last().unwrap().at;
    let part = |a: usize, b: usize| {
        let from = points[a].at;
        file.read_vec(from, points[b].at - from).unwrap()
    };
    let (one, two, rest) = (part(0, 1), part(1, 2), part(2, 4));
    for changed in [
        [&two[..], &rest].concat(),
        [&two[..], &one, &rest].concat(),
        [&one[..], &rest].concat(),
    ] {
        file.set_len(Point::START.at).unwrap();
        file.write_all_at(&changed, Point::START.at).unwrap();
        let census = census(&*file, Point::START.at + changed.len() as u64);
        assert!(census.walked.damage.is_some());
    }
    assert!(end > 0);
}

#[test]
fn large_commits_are_cut_into_frames_and_written_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    let mut frames = Frames::default();
    for n in 0..5000_u32 {
        let n = n.to_le_bytes();
        frames.push(What::Put, &[&[0x12, 0x20][..], &n, &[0; 28]].concat());
    }
    let end = frames.write(&*file, Point::START).unwrap();
    assert_eq!((end.records, end.at), (5000, file.len().unwrap()));
    let mut seen = 0;
    let walked = walk::<io::Error>(&*file, Point::START, end.at, &mut |_, note| {
        assert!(matches!(note, Note::Record(What::Put, _)));
        seen += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!((walked.end, walked.damage, seen), (end, None, 5000));
}

#[test]
fn several_passes_give_each_live_block_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    write(&*file, &FRAMES);
    let stretch = Stretch {
        file: &*file,
        path: Path::new("acks"),
        from: Point::START,
        end: file.len().unwrap(),
        // As if there were many.
        records: 7 * super::census::PART,
        loose: false,
    };
    let mut keys = Vec::new();
    stretch
        .each(&mut |key, _| {
            keys.push(key.clone());
            Ok(())
        })
        .unwrap();
    keys.sort();
    assert_eq!(keys, [key(2), key(3), key(4)]);
}

#[test]
fn a_header_is_read_back_and_any_flip_in_it_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path());
    let header = Header {
        sealed: Point {
            at: 4711,
            sum: u64::MAX,
            records: 3,
        },
        live: 2,
        loose: true,
    };
    header.write(&*file).unwrap();
    assert_eq!(Header::read(&*file).unwrap(), Ok(header));
    let bytes = file.read_vec(0, Point::START.at).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        file.write_all_at(&flipped, 0).unwrap();
        let expected = match bit / 8 {
            0..8 => Unreadable::Foreign,
            _ => Unreadable::Damaged,
        };
        assert_eq!(Header::read(&*file).unwrap(), Err(expected), "bit {bit}");
    }
    file.set_len(20).unwrap();
    assert_eq!(Header::read(&*file).unwrap(), Err(Unreadable::Foreign));
}

fn acks(dir: &Path, durability: Durability) -> Acks {
    drop(file(dir));
    acks_of(dir, durability)
}

/// The ledger that a clean close has left there.
fn acks_of(dir: &Path, durability: Durability) -> Acks {
    let file = Os.open(&dir.join("acks"), Mode::Write).unwrap();
    let header = Header::read(&*file).unwrap().unwrap();
    Acks {
        disk: Arc::new(Os),
        path: dir.join("acks"),
        durability,
        ballast: Arc::new(Ballast::none()),
        order: RwLock::default(),
        tail: Mutex::new(Tail {
            file,
            header,
            seal: Seal::new(Arc::new(Os), dir.to_owned(), Kind::File, Record::default()),
            end: header.sealed,
            flushed: header.sealed.at,
            frames: Frames::default(),
            deletes: 0,
            unrecorded: false,
            failed: None,
        }),
    }
}

fn put(n: u8) -> Batch {
    Batch::from_iter([Op::Put(key(n), Bytes::new())])
}

fn delete(n: u8) -> Batch {
    Batch::from_iter([Op::Delete(key(n))])
}

#[test]
fn a_delete_waits_for_the_record_of_a_put_that_is_under_way() {
    for durability in [Durability::Each, Durability::None] {
        let dir = tempfile::tempdir().unwrap();
        let acks = acks(dir.path(), durability);
        let deleted = AtomicBool::new(false);
        thread::scope(|scope| {
            let (acks, deleted) = (&acks, &deleted);
            let (begin, begun) = mpsc::channel();
            acks.around(&put(1), || {
                scope.spawn(move || {
                    begin.send(()).unwrap();
                    let delete = || {
                        deleted.store(true, SeqCst);
                        Ok(())
                    };
                    acks.around(&self::delete(1), delete).unwrap();
                });
                begun.recv().unwrap();
                // Long enough for one that does not wait.
                (0..20_000).for_each(|_| thread::yield_now());
                assert!(!deleted.load(SeqCst), "{durability:?}");
                Ok(())
            })
            .unwrap();
        });
        let tail = acks.tail();
        assert_eq!(
            live(&census(&*tail.file, tail.end.at)),
            [],
            "{durability:?}"
        );
    }
}

#[test]
fn a_write_that_fails_is_no_acknowledgement_and_a_delete_that_fails_no_loss() {
    let dir = tempfile::tempdir().unwrap();
    let acks = acks(dir.path(), Durability::Each);
    acks.around(&put(1), || Ok(())).unwrap();
    assert!(acks.around(&put(2), || Err(Error::Closed)).is_err());
    assert!(acks.around(&delete(1), || Err(Error::Closed)).is_err());
    let tail = acks.tail();
    assert_eq!(live(&census(&*tail.file, tail.end.at)), []);
}

#[test]
fn no_sync_says_of_what_was_told_to_be_lost_that_it_is_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let acks = acks(dir.path(), Durability::Batch);
    let lost = || {
        let path = dir.path().to_owned();
        Err(Error::Unsynced { path })
    };
    acks.around(&put(1), || Ok(())).unwrap();
    acks.synced(|| Ok(())).unwrap();
    acks.around(&put(2), || Ok(())).unwrap();
    acks.around(&put(3), || Ok(())).unwrap();
    let told = acks.synced(lost).unwrap_err();
    assert!(matches!(told, Error::Unsynced { .. }), "{told}");
    // Put again, and another.
    acks.around(&put(3), || Ok(())).unwrap();
    acks.around(&put(4), || Ok(())).unwrap();
    acks.synced(|| Ok(())).unwrap();
    let tail = acks.tail();
    let census = census(&*tail.file, tail.end.at);
    assert_eq!(
        live(&census),
        [(1, false), (2, true), (3, false), (4, false)]
    );
    assert!([1, 3, 4].iter().all(|n| !census.live[&key(*n)].weak));
}

/// A file that takes its header, and no more.
#[derive(Debug)]
struct Full(Box<dyn DiskFile>);

impl DiskFile for Full {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        match offset < Point::START.at {
            true => self.0.write_at(bytes, offset),
            false => Err(io::ErrorKind::StorageFull.into()),
        }
    }
    fn look(&self) -> io::Result<datastore::disk::Meta> {
        self.0.look()
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}

#[test]
fn a_loss_that_cannot_be_recorded_makes_nothing_certain() {
    let dir = tempfile::tempdir().unwrap();
    let acks = acks(dir.path(), Durability::Batch);
    acks.around(&put(1), || Ok(())).unwrap();
    let mut tail = acks.tail();
    tail.file = Box::new(Full(Os.open(&acks.path, Mode::Write).unwrap()));
    drop(tail);
    let path = dir.path().to_owned();
    let told = acks.synced(|| Err(Error::Unsynced { path })).unwrap_err();
    assert!(matches!(told, Error::Unsynced { .. }), "{told}");
    let mut tail = acks.tail();
    assert!(tail.unrecorded);
    tail.file = Os.open(&acks.path, Mode::Write).unwrap();
    assert!(Header::read(&*tail.file).unwrap().unwrap().loose, "on disk");
    drop(tail);
    // There is room again, and still nothing is certain.
    acks.synced(|| Ok(())).unwrap();
    let tail = acks.tail();
    assert!(Header::read(&*tail.file).unwrap().unwrap().loose);
}
