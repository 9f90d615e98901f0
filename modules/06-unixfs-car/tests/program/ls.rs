//! `ls`.

use block_cid::Blockstore;
use unixfs_car::unixfs::{Data, Meta, Mtime};

use crate::build::{self, Leaves, folder, leaf, link, named, node};
use crate::samples::{keep, place};

const RAW: &str = "bafkreibvjvcv745gig4mvqs4hctx4zfkono4rjejm2ta6gtyzkqxfjeily";

#[test]
fn entries_are_told_in_columns_sorted_by_name() {
    let (place, store) = (place(), build::store());
    let text = leaf(&store, Leaves::Raw, b"a line\n").cid;
    let below = folder(&store, &[("x", text)]);
    let mut links = vec![link("b.txt", text), link("a folder", below)];
    links[0].size = Some(7);
    let root = named(&store, &Data::directory(), links).to_string();
    keep(&place, &store);
    let ls = |args: &[&str]| place.run(&[&["ls", &root], args].concat()).good().out;
    assert_eq!(ls(&[]), format!("{below} - a folder/\n{text} 7 b.txt\n"));
    let wide = "Hash".to_owned() + &" ".repeat(below.to_string().len() - 3);
    assert_eq!(
        ls(&["-v"]),
        format!("{wide}Size Name\n{below} -    a folder/\n{text} 7    b.txt\n")
    );
    assert_eq!(
        ls(&["--size=false"]),
        format!("{below} a folder/\n{text} b.txt\n")
    );
    // Nothing is looked at: what is no raw block may be anything.
    let blind = ls(&["--size=false", "--resolve-type=false"]);
    assert_eq!(blind, format!("{below} a folder\n{text} b.txt\n"));
    let streamed = ls(&["--stream"]);
    assert_eq!(
        streamed,
        format!("{below} -         a folder/\n{text} 7         b.txt\n")
    );
    let two = place
        .run(&["ls", &root, &format!("{root}/a folder")])
        .good()
        .out;
    assert_eq!(
        two,
        format!("{root}:\n{below} - a folder/\n{text} 7 b.txt\n\n{root}/a folder:\n{text} 0 x\n")
    );
}

#[test]
fn permissions_and_times_are_told_where_they_were_kept() {
    let (place, store) = (place(), build::store());
    let meta = Meta {
        mode: Some(0o750),
        mtime: Some(Mtime::new(1_000_000_000, 0)),
    };
    let kept = node(&store, &Data::directory().with_meta(meta), &[]);
    let text = leaf(&store, Leaves::Raw, b"a line\n").cid;
    let root = folder(&store, &[("kept", kept), ("text", text)]);
    keep(&place, &store);
    let long = place.run(&["ls", "-l", &root.to_string()]).good().out;
    let (dash, date) = ("-         ", "Sep 09  2001");
    assert_eq!(
        long,
        format!("drwxr-x--- {kept} - {date} kept/\n{dash} {text} 0 -            text\n")
    );
}

#[test]
fn names_cannot_speak_to_the_terminal() {
    let (place, store) = (place(), build::store());
    let text = leaf(&store, Leaves::Raw, b"").cid;
    let root = folder(&store, &[("\x1b]0;owned\x07", text), ("a\nb", text)]);
    keep(&place, &store);
    let out = place.run(&["ls", &root.to_string()]).good().out;
    assert!(
        out.ends_with("a\\nb\n") && out.contains("\\x1b]0;owned\\a\n"),
        "{out}"
    );
    assert!(!out.contains(['\x1b', '\x07']));
}

/// A folder whose third entry is not there: what is before it is told when it is streamed.
#[test]
fn an_entry_that_is_not_there_is_named() {
    let (place, store) = (place(), build::store());
    let below = folder(&store, &[]);
    let gone = folder(&store, &[("gone", below)]);
    let root = folder(&store, &[("a", below), ("b", gone), ("c", below)]).to_string();
    store.delete(&gone).unwrap();
    keep(&place, &store);
    let gone = gone.to_string();
    let said = [gone.as_str(), "is not in the store"];
    assert_eq!(place.run(&["ls", &root]).bad(1, &said).out, "");
    let blind = ["ls", "--size=false", "--resolve-type=false", &root];
    assert_eq!(place.run(&blind).good().out.lines().count(), 3);
    let none = place
        .run(&["ls", RAW])
        .bad(1, &[RAW, "is not in the store"]);
    assert_eq!(none.out, "");
}
