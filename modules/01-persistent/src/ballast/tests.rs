use super::*;

const MIB: u64 = 1 << 20;

/// A ballast of as much as the engine takes, from 1 to 4 MiB; it takes 8.
fn ballast(dir: &tempfile::TempDir, config: Config) -> Ballast {
    let data = dir.path().join(config.kind.name());
    fs::create_dir(&data).unwrap();
    fs::write(data.join("file"), vec![1; 8 << 20]).unwrap();
    // Not all file systems say at once what they will allocate.
    File::open(data.join("file")).unwrap().sync_all().unwrap();
    let mut ballast = Ballast::find(dir.path(), &config);
    ballast.scale = Some(Scale {
        least: MIB,
        parts: 1,
        of: 1,
        most: 4 * MIB,
    });
    ballast
}

fn config() -> Config {
    Config::new(Kind::Redb).with_min_free(0)
}

#[test]
fn it_is_allocated_given_up_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let ballast = ballast(&dir, config());
    assert_eq!((ballast.held(), ballast.give_up()), (0, false));
    for _ in 0..2 {
        ballast.take();
        assert_eq!((ballast.held(), ballast.lacks()), (4 * MIB, 0));
        let files = || fs::read_dir(dir.path().join(NAME)).unwrap().count() as u64;
        assert!(usage::allocated(&dir.path().join(NAME)).unwrap() >= 4 * MIB);
        for left in [4, 2, 1, 0] {
            assert!(ballast.give_up());
            let bytes = left * 4 * MIB / FILES;
            assert_eq!((ballast.held(), ballast.lacks()), (bytes, 4 * MIB - bytes));
            assert_eq!(files(), left, "each was an inode");
        }
        assert!(!ballast.give_up(), "there is nothing left to give up");
    }
}

#[test]
fn it_is_not_taken_where_not_as_much_again_stays_free() {
    let dir = tempfile::tempdir().unwrap();
    let ballast = ballast(&dir, config());
    ballast.measure();
    ballast.take_of(8 * MIB - 1);
    assert_eq!((ballast.held(), ballast.lacks()), (0, 4 * MIB));
    ballast.take_of(8 * MIB);
    assert_eq!((ballast.held(), ballast.lacks()), (4 * MIB, 0));
}

#[test]
fn it_has_its_share_of_what_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut ballast = ballast(&dir, config());
    assert_eq!(ballast.share(100), 100, "there is no database yet");
    ballast.measure();
    assert_eq!(ballast.share(100), 100, "it is as large as it gets");
    ballast.scale = Scale::of(Kind::Fjall);
    assert_eq!(ballast.share(900), 360);
}

#[test]
fn it_is_made_whole_of_the_last_room() {
    let dir = tempfile::tempdir().unwrap();
    let ballast = ballast(&dir, config());
    ballast.measure();
    let each = 4 * MIB / FILES;
    for (room, files) in [(each - 1, 0), (3 * each, 3), (5 * each, 8)] {
        ballast.allocate(each, room);
        let held = files * each;
        assert_eq!((ballast.held(), ballast.lacks()), (held, 4 * MIB - held));
    }
    assert!(ballast.give_up());
    ballast.make_whole();
    assert_eq!(ballast.lacks(), 0);
}

#[test]
fn what_was_given_up_and_not_used_is_taken_back() {
    let Some(disk) = testkit::or_skip("ballast", testkit::mount::Mount::tmpfs("size=9m")) else {
        return;
    };
    let dir = tempfile::tempdir_in(disk.path()).unwrap();
    let data = dir.path().join("redb");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("file"), vec![1; 4 << 20]).unwrap();
    let mut ballast = Ballast::find(dir.path(), &config());
    ballast.scale = Some(Scale {
        least: MIB,
        parts: 1,
        of: 1,
        most: 4 * MIB,
    });
    ballast.take();
    assert_eq!(ballast.held(), 0, "not as much again stays free");
    ballast.make_whole();
    assert_eq!(ballast.lacks(), 0);
    assert!(ballast.give_up() && ballast.lacks() > 0);
    ballast.take();
    assert_eq!(ballast.lacks(), 0);
}

#[test]
fn it_leaves_the_minimum_free() {
    let dir = tempfile::tempdir().unwrap();
    let ballast = ballast(&dir, config().with_min_free(u64::MAX));
    ballast.take();
    assert_eq!(ballast.held(), 0);
}

#[test]
fn it_takes_a_sixteenth_of_a_quota_at_most() {
    let dir = tempfile::tempdir().unwrap();
    let ballast = ballast(&dir, config().with_quota(16 * MIB));
    ballast.take();
    assert_eq!((ballast.held(), ballast.lacks()), (MIB, 0));
}

#[test]
fn it_grows_with_the_store_and_is_bounded() {
    let scale = Scale::of(Kind::Redb).unwrap();
    assert_eq!(scale.want(0), scale.least);
    assert_eq!(scale.want(u64::MAX), scale.most);
    assert!(Scale::of(Kind::Memory).is_none());
    let dir = tempfile::tempdir().unwrap();
    let ballast = ballast(&dir, config());
    // Not empty: in memory a folder takes no space.
    fs::write(dir.path().join("redb/file"), [1]).unwrap();
    ballast.take();
    assert_eq!(ballast.held(), MIB);
    ballast.grew(2 * MIB);
    ballast.take_of(u64::MAX);
    assert!(ballast.held() > MIB, "{}", ballast.held());
}

#[test]
fn a_copy_with_holes_is_taken_for_what_is_allocated() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(NAME)).unwrap();
    let copy = File::create(dir.path().join(NAME).join("0")).unwrap();
    copy.set_len(4 * MIB / FILES).unwrap();
    let ballast = ballast(&dir, config());
    assert_eq!(ballast.held(), 0);
    ballast.take();
    assert_eq!(ballast.held(), 4 * MIB);
}

#[test]
fn what_a_smaller_store_does_not_need_is_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let ballast = ballast(&dir, config());
    ballast.take();
    // Not empty: in memory a folder takes no space.
    fs::write(dir.path().join("redb/file"), [1]).unwrap();
    ballast.take();
    assert_eq!((ballast.held(), ballast.lacks()), (MIB, 0));
}
