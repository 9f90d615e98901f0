//! No more blocks are read and made than have to be.

use block_cid::Blockstore;
use testkit::Rng;
use unixfs_car::edit::Editor;
use unixfs_car::{Chunker, Cid, Reader};

use crate::build::{self, Leaves, file};
use crate::counted::Counted;

/// 64 leaves of 100 bytes below three levels of branches.
fn deep() -> (build::Store, Cid) {
    let store = build::store();
    let cid = file(&store, Leaves::Raw, &Rng::new(3).bytes(6400), 100, 4);
    (store, cid)
}

fn blocks(store: &build::Store) -> usize {
    store.cids().unwrap().count()
}

#[test]
fn the_leaves_that_change_and_the_branches_above() {
    for (offset, len, leaves, branches) in [
        (0, 1, 1, 3),
        (3250, 10, 1, 3),
        (3250, 100, 2, 3),
        (350, 100, 2, 4),
        (0, 6400, 64, 21),
    ] {
        let (inner, cid) = deep();
        let before = blocks(&inner);
        let store = Counted::new(&inner);
        let new = vec![b'!'; len];
        let changed = Editor::new(&store).write(&cid, offset, &new).unwrap();
        // The root is looked at for its size first, and once more for what it has become.
        assert!(store.blocks() <= leaves + branches + 2, "{offset}, {len}");
        let made = blocks(&inner) - before;
        // Leaves of the same bytes are one block, and branches of the same leaves.
        assert!(
            made <= leaves + branches && made >= 2,
            "{offset}, {len}: {made}"
        );
        assert_eq!(Reader::open(&inner, &changed).unwrap().size(), 6400);
    }
}

#[test]
fn the_right_edge_and_no_more() {
    let (inner, cid) = deep();
    let store = Counted::new(&inner);
    let editor = Editor::new(&store)
        .with_chunker(Chunker::Size(100))
        .with_links(4);
    let before = blocks(&inner);
    let longer = editor.append(&cid, &[b'!'; 100]).unwrap();
    assert!(store.blocks() <= 6);
    assert!(blocks(&inner) - before <= 4);
    let before = blocks(&inner);
    store.blocks();
    editor.truncate(&longer, 3210).unwrap();
    // Four levels, and the root once more at both ends.
    assert!(store.blocks() <= 6);
    assert_eq!(blocks(&inner) - before, 4);
}

/// A gibibyte of zeros is one leaf, and few branches that differ.
#[test]
fn zeros_are_one_leaf() {
    let store = build::store();
    let empty = block_cid::Block::raw("");
    store.put(&empty).unwrap();
    let far = Editor::new(&store)
        .write(empty.cid(), 64 << 20, b"end")
        .unwrap();
    let mut reader = Reader::open(&store, &far).unwrap();
    assert_eq!(reader.size(), (64 << 20) + 3);
    assert!(blocks(&store) < 40, "{}", blocks(&store));
    let all = reader.copy_to(&mut std::io::sink()).unwrap();
    assert_eq!(all, (64 << 20) + 3);
}
