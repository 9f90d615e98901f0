//! While a backup is made nothing is compacted.

use std::sync::Mutex;

use datastore::Datastore;
use persistent::{Kind, Persistent, ops};

use crate::{backup, contents_of, fill, open};

/// Asks for a compaction in the middle.
struct Compacts<'a>(&'a Persistent, Mutex<Vec<String>>);

impl ops::Watch for Compacts<'_> {
    fn did(&self, _: u64, _: u64) {
        if let Err(error) = self.0.compact() {
            self.1.lock().unwrap().push(error.to_string());
        }
    }
}

#[test]
fn a_compaction_in_the_middle_of_a_backup_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(Kind::Pack, &dir.path().join("store"));
    fill(&store, 1, 50);
    let watch = Compacts(&store, Mutex::default());
    let file = dir.path().join("backup.car");
    let how = ops::Backup::of("pack");
    ops::backup(&store, &file, &how, &watch, &mut |left| panic!("{left:?}")).unwrap();
    let told = watch.1.into_inner().unwrap();
    assert!(
        !told.is_empty()
            && told
                .iter()
                .all(|why| why.contains("let the backup end first"))
    );
    store.compact().unwrap();
}

/// `cp -r`, while compaction is held and nobody writes.
#[test]
fn a_copy_of_the_folder_is_a_store_while_compaction_is_held() {
    let dir = tempfile::tempdir().unwrap();
    let [from, to] = ["store", "copy"].map(|name| dir.path().join(name));
    let store = open(Kind::Pack, &from);
    fill(&store, 1, 50);
    store.sync().unwrap();
    let held = store.hold_compaction();
    copy(&from, &to);
    drop(held);
    store.compact().unwrap();
    backup(&store, &dir.path().join("backup.car")).unwrap();
    store.close().unwrap();
    drop(store);
    assert!(contents_of(Kind::Pack, &to) == contents_of(Kind::Pack, &from));
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let new = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &new),
            false => drop(std::fs::copy(entry.path(), new).unwrap()),
        }
    }
}
