//! What a removal that was cut short leaves, and what it must not take.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use persistent::Kind;
use testkit::mount::Mount;
use testkit::or_skip;

use crate::run::{Place, ended};

const REDB: &str = "redb:data/redb";

fn remove(place: &Place, to: &str) -> crate::run::Ended {
    place.run(&["migrate", REDB, to, "--remove-source"])
}

/// What a cut leaves of the source that was moved to the `file` store `d`.
fn cut(place: &Place, removing: bool) -> PathBuf {
    let data = place.path().join("data");
    let (source, going) = (data.join("redb"), data.join(".redb.removed"));
    let to = place.path().canonicalize().unwrap().join("d");
    let journal = serde_json::json!({
        "cairn": "migrate", "version": 1, "to": to, "kind": "file", "removing": removing,
    });
    if removing {
        fs::create_dir(&source).unwrap();
        fs::write(source.join("store.json"), "{}").unwrap();
    }
    fs::write(source.join("migrate.json"), journal.to_string()).unwrap();
    fs::rename(source, &going).unwrap();
    going
}

fn count(place: &Place, kind: Kind, path: &str) -> usize {
    let ls = place.run(&["-b", kind.name(), "--path", path, "ls"]);
    ls.good().out.lines().count()
}

#[test]
fn a_source_that_is_whole_gets_its_name_back_and_is_moved_anew() {
    let place = Place::new();
    place.fill(Kind::Redb, 20);
    place.run(&["migrate", REDB, "file:d"]).good();
    let going = cut(&place, false);
    fs::remove_dir_all(place.path().join("d")).unwrap();
    place
        .run(&["migrate", REDB, "fjall:other"])
        .bad(1, &[".redb.removed", "--remove-source"]);
    let said = remove(&place, "fjall:other").good().out;
    assert!(said.contains("copied 20 blocks"), "{said}");
    assert_eq!(count(&place, Kind::Fjall, "other"), 20);
    assert!(!going.exists() && !going.with_file_name("redb").exists());
}

#[test]
fn what_is_left_of_a_source_goes_only_where_its_blocks_are() {
    let place = Place::new();
    place.fill(Kind::Redb, 20);
    remove(&place, "file:d").good();
    let going = cut(&place, true);
    remove(&place, "fjall:other").bad(1, &[".redb.removed", "file:", "/d"]);
    // A new store in the place of the one that has them.
    let (d, aside) = (place.path().join("d"), place.path().join("aside"));
    fs::rename(&d, &aside).unwrap();
    remove(&place, "file:d").bad(1, &[".redb.removed"]);
    place.file("x", b"x");
    let put = ["-b", "file", "--path", "d", "put", "x"];
    place.run(&put).good();
    remove(&place, "file:d").bad(1, &[".redb.removed"]);
    assert!(going.join("store.json").exists());
    fs::remove_dir_all(&d).unwrap();
    fs::rename(&aside, &d).unwrap();
    remove(&place, "file:d").good();
    assert!(!going.exists());
    assert_eq!(count(&place, Kind::File, "d"), 20);
    let said = remove(&place, "file:d").good().out;
    assert!(said.contains("nothing was left to do"), "{said}");
}

#[test]
fn what_has_the_name_for_a_removal_and_is_not_ours_stays() {
    let place = Place::new();
    let source = place.fill(Kind::Redb, 5);
    let precious = source.with_file_name(".redb.removed").join("x");
    fs::create_dir(precious.parent().unwrap()).unwrap();
    fs::write(&precious, "precious").unwrap();
    remove(&place, "file:d").bad(1, &[".redb.removed", "move it away"]);
    assert!(source.exists());
    // Nor when the source is gone.
    let aside = place.path().join("aside");
    fs::rename(&source, &aside).unwrap();
    remove(&place, "file:d").bad(1, &["no store"]);
    assert_eq!(fs::read(&precious).unwrap(), b"precious");
    // An end that was cut off before its last step is no reason to stop.
    fs::remove_file(&precious).unwrap();
    fs::rename(&aside, &source).unwrap();
    remove(&place, "file:d").good();
    assert!(!source.exists() && !source.with_file_name(".redb.removed").exists());
}

#[cfg(unix)]
#[test]
fn a_source_whose_name_is_no_text_is_not_removed() {
    use std::os::unix::ffi::OsStringExt;
    let place = Place::new();
    let source = place.fill(Kind::Redb, 5);
    let odd = OsString::from_vec(b"a\xffb".to_vec());
    fs::rename(&source, place.path().join(&odd)).unwrap();
    let mut from = OsString::from("redb:");
    from.push(&odd);
    let run = |more: &[&str]| {
        let mut command = place.command(&["migrate"]);
        ended(
            command
                .arg(&from)
                .arg("file:d")
                .args(more)
                .output()
                .unwrap(),
        )
    };
    run(&["--remove-source"]).bad(1, &["no text"]);
    let names = fs::read_dir(place.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.contains(&odd), "{names:?}");
    assert!(!place.path().join("d").exists());
    run(&[]).good();
    // As a destination, too.
    let mut to = OsString::from("redb:c");
    to.push(&odd);
    let mut command = place.command(&["migrate", "--remove-source", "file:d"]);
    ended(command.arg(&to).output().unwrap()).bad(1, &["no text"]);
    assert_eq!(count(&place, Kind::File, "d"), 5);
}

#[test]
fn a_destination_that_is_mounted_from_the_source_is_refused() {
    let place = Place::new();
    let source = place.fill(Kind::Redb, 5);
    for inside in [source.clone(), source.join("redb")] {
        let Some(mount) = or_skip("a folder in two places", Mount::bind(&inside)) else {
            return;
        };
        for to in ["", "new"] {
            let to = format!("file:{}", mount.path().join(to).display());
            remove(&place, &to).bad(1, &["one within the other"]);
        }
        // The other way round.
        let from = format!("redb:{}", mount.path().join("new").display());
        place
            .run(&["migrate", &from, REDB, "--remove-source"])
            .bad(1, &["one within the other"]);
    }
    assert_eq!(count(&place, Kind::Redb, "data/redb"), 5);
}
