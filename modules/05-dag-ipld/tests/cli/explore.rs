//! `explore`.

use std::path::Path;
use std::process::Command;

use block_cid::{Block, Cid, Hash, car};
use dag_ipld::{Codec, Ipld};

use crate::{LIST, Place, ada};

/// A CAR of these blocks.
fn write_car(path: &Path, roots: &[Cid], blocks: &[Block]) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = car::Writer::new(file, roots).unwrap();
    for block in blocks {
        writer.put(block).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn a_car_is_explored_without_a_store() {
    let place = Place::new();
    let leaf = Block::raw("leaf");
    let value = Codec::DagCbor
        .encode(&Ipld::from([("leaf", Ipld::from(*leaf.cid()))]))
        .unwrap();
    let root = Block::new(Codec::DagCbor.code(), Hash::SHA2_256, value).unwrap();
    let roots = [*root.cid()];
    let file = |name: &str| place.path().join(name);
    write_car(&file("whole.car"), &roots, &[root.clone(), leaf.clone()]);
    write_car(&file("partial.car"), &roots, std::slice::from_ref(&root));
    write_car(&file("rootless.car"), &[], std::slice::from_ref(&root));
    let lie = Block::claimed(*leaf.cid(), "lie");
    write_car(&file("lie.car"), &roots, &[root.clone(), lie]);
    let mut cut = std::fs::read(file("whole.car")).unwrap();
    cut.pop();
    std::fs::write(file("cut.car"), cut).unwrap();
    let whole = std::fs::read(file("whole.car")).unwrap();
    // As in CARv2: a pragma; 16 bytes of characteristics, where the data is, how long it is, where the
    // index is; padding; the CARv1; what is no section.
    let mut v2 = b"\x0a\xa1gversion\x02".to_vec();
    v2.extend([0; 16]);
    for n in [56, whole.len() as u64, 0] {
        v2.extend(n.to_le_bytes());
    }
    v2.extend([0; 5]);
    v2.extend(&whole);
    v2.extend(b"an index");
    std::fs::write(file("v2.car"), &v2).unwrap();
    std::fs::write(file("empty.car"), "").unwrap();
    std::fs::write(file("short.car"), "abc").unwrap();
    std::fs::write(file("v2 cut.car"), &v2[..20]).unwrap();

    let page = place.prints(&["explore", "whole.car", "partial.car"], "");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains(&leaf.cid().to_string()));
    assert!(page.contains(r#""label":"whole.car""#) && page.contains(r#""label":"partial.car""#));
    let v2 = place.prints(&["explore", "v2.car"], "");
    let v1 = place.prints(&["explore", "whole.car"], "");
    assert_eq!(v2.replace("v2.car", "whole.car"), v1);
    for (name, said) in [
        ("rootless.car", "no root"),
        ("lie.car", "the block is not"),
        ("cut.car", "the CAR ends"),
        ("empty.car", "it is empty"),
        ("short.car", "cannot explore"),
        ("v2 cut.car", "within the header of a CARv2"),
        (".", "cannot explore"),
    ] {
        let (code, error) = place.fails(&["explore", name], b"");
        assert!(code == 1 && error.contains(said), "{name}: {error}");
    }
    assert!(!place.path().join("data").exists(), "no store was made");
    // One from a file, one from the store.
    ada(&place);
    let page = place.prints(&["explore", "whole.car", LIST, "--max-blocks", "1"], "");
    assert!(page.contains(r#""state":"beyond""#));
}

/// `put` and `explore` wait for what a pipe will bring, and a signal ends the wait.
#[test]
fn a_signal_ends_the_wait_for_a_pipe() {
    let place = Place::new();
    let fifo = place.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    for args in [&["put"][..], &["put", "fifo"], &["explore", "fifo"]] {
        place.0.interrupted(args).bad(130, &["stopped by Ctrl-C"]);
    }
    assert!(!place.path().join("data").exists(), "no store was made");
}
