use std::ops::Range;

use cid::Cid;

use crate::answer::{Bad, read};
use crate::files::{Node, Store};

/// Byte 0 is of kilobyte 0, and so on: each kilobyte has another letter.
fn file() -> Vec<u8> {
    (0..5 * 1024).map(|at| b'a' + (at / 1024) as u8).collect()
}

fn told(read: &Result<Vec<u8>, Bad>) -> String {
    let bytes = match read {
        Err(bad) => return format!("{bad:?}"),
        Ok(bytes) => bytes,
    };
    let mut text = format!("{} bytes", bytes.len());
    for run in bytes.chunk_by(|a, b| a == b) {
        text += &format!(", {} times {:?}", run.len(), run[0] as char);
    }
    text
}

fn reads(store: &Store, root: &Cid, range: Range<u64>, why: &str) {
    let file = file();
    let end = |at: u64| file.len().min(at as usize);
    let wanted = Ok(file[end(range.start)..end(range.end)].to_vec());
    let what = format!("read(root, {range:?})");
    is(&what, &read(store, root, range), &wanted, why);
}

fn is(what: &str, yours: &Result<Vec<u8>, Bad>, wanted: &Result<Vec<u8>, Bad>, why: &str) {
    if yours != wanted {
        let (yours, wanted) = (told(yours), told(wanted));
        say::wrong(format!(
            "{what}\nyours   {yours}\nwanted  {wanted}\nWhy it matters: {why}"
        ));
    }
}

/// bytes 2048 to 3071 of five kilobytes, which are one block
#[test]
fn a1_one_block() {
    let store = Store::default();
    let root = store.add(&file(), 1024, 5);
    let why =
        "`curl -r 2048-3071` is a request for `2048..3072`: the end of a range in HTTP is in it.";
    reads(&store, &root, 2048..3072, why);
}

/// ranges that begin and end within blocks
#[test]
fn a2_within() {
    let store = Store::default();
    let root = store.add(&file(), 1024, 5);
    let why = "players seek to any byte.";
    for range in [1000..1100, 0..5120, 1..5119, 4095..4096, 2048..2048] {
        reads(&store, &root, range, why);
    }
}

/// the same over several levels of blocks
#[test]
fn a3_deep() {
    let store = Store::default();
    let root = store.add(&file(), 100, 3);
    let why = "a child does not know where in the file it is: its parent does.";
    for range in [2048..3072, 0..1, 5119..5120, 901..4600] {
        reads(&store, &root, range, why);
    }
}

/// ranges that end behind the file, or begin there
#[test]
fn a4_beyond() {
    let store = Store::default();
    let root = store.add(&file(), 1024, 5);
    let why = "who asks for the first megabyte of a small file gets all of it.";
    for range in [5000..6000, 0..u64::MAX, 5120..5121, 9000..9001] {
        reads(&store, &root, range, why);
    }
}

/// a block that is missing elsewhere does no harm
#[test]
fn d1_elsewhere() {
    let store = Store::default();
    let root = store.add(&file(), 1024, 5);
    store.lose(&[b'b'; 1024]);
    store.lose(&[b'd'; 1024]);
    let why = "the specification of UnixFS has this very file, without two of its blocks, and wants these bytes.";
    reads(&store, &root, 2048..3072, why);
}

/// a block that is missing within is named, with the byte at which it begins
#[test]
fn d2_missing() {
    let store = Store::default();
    let root = store.add(&file(), 1024, 2);
    let cid = store.lose(&[b'c'; 1024]);
    let why = "with the CID it can be fetched, and with the byte one can go on there.";
    let wanted = Err(Bad::Missing { cid, from: 2048 });
    let what = "read(root, 1024..4096), without the third block";
    is(what, &read(&store, &root, 1024..4096), &wanted, why);
}

/// a block that is not as long as its parent says
#[test]
fn d3_size() {
    let store = Store::default();
    let short = store.put(Node::Leaf(vec![b'a'; 1000]));
    let next = store.put(Node::Leaf(vec![b'b'; 1024]));
    let root = store.put(Node::Parent(vec![(short, 1024), (next, 1024)]));
    let why = "both blocks are proven, and yet one of them lies: all that follows is at another byte than was said.";
    let wanted = Err(Bad::Size {
        cid: short,
        said: 1024,
        is: 1000,
    });
    let yours = read(&store, &root, 0..2048);
    is(
        "read(root, 0..2048), with a first block of 1,000 bytes",
        &yours,
        &wanted,
        why,
    );
    let above = store.put(Node::Parent(vec![(root, 9999)]));
    let wanted = Err(Bad::Size {
        cid: root,
        said: 9999,
        is: 2048,
    });
    let yours = read(&store, &above, 1500..1501);
    is(
        "read of one byte below a parent that lies",
        &yours,
        &wanted,
        why,
    );
}

/// sizes that are more than there can be
#[test]
fn d4_giant() {
    let store = Store::default();
    let leaf = store.put(Node::Leaf(vec![b'a'; 10]));
    let root = store.put(Node::Parent(vec![
        (leaf, 10),
        (leaf, u64::MAX),
        (leaf, u64::MAX),
    ]));
    let why = "sizes are written by strangers, and sums of them are more than 64 bits.";
    let yours = read(&store, &root, 0..10);
    is("read(root, 0..10)", &yours, &Ok(vec![b'a'; 10]), why);
}

/// one kilobyte of a hundred: the blocks on the way to it, and no other
#[test]
fn e1_reads() {
    let store = Store::default();
    let file: Vec<u8> = (0..100 * 1024_u32)
        .flat_map(|at| at.to_le_bytes())
        .take(100 * 1024)
        .collect();
    let root = store.add(&file, 1024, 10);
    let yours = read(&store, &root, 2048..3072);
    let reads = store.reads();
    let why = "each block more is a question to the network. A reader of films that fetches all of them is a download.";
    say::that(
        yours.as_deref() == Ok(&file[2048..3072]),
        "other bytes than were asked for",
    );
    say::same(
        "blocks read for 2048..3072: root, parent, leaf",
        &reads,
        &3,
        why,
    );
}
