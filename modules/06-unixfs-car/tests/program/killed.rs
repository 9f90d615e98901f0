//! `kill -9` in the middle: what was printed is there with all that is below it, and the same command comes
//! to its end.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::path::Path;
use std::process::{Child, Stdio};

use block_cid::Block;
use persistent::ops::Silent;
use persistent::{Config, Kind, Persistent};
use testkit::{Place, Rng};
use unixfs_car::Cid;
use unixfs_car::car::export::{Missing, export};
use unixfs_car::car::index::Scratch;
use unixfs_car::car::{Version, Writer};

use crate::run::{car, dag, place};

fn start(place: &Place, args: &[&str]) -> Child {
    let mut command = place.command(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).spawn().unwrap()
}

/// The CAR of this DAG in the store, which is repaired first.
fn exported(kind: Kind, store: &Path, root: &Cid) -> Vec<u8> {
    let store = Persistent::open(&Config::new(kind).with_path(store)).unwrap();
    let scratch = Scratch::new(std::env::temp_dir());
    let out = Cursor::new(Vec::new());
    let mut writer = Writer::new(out, &[*root], Version::V1, &scratch).unwrap();
    export(
        &store.blocks(),
        root,
        Missing::Refused,
        &mut writer,
        &Silent,
    )
    .unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn what_add_has_printed_is_there_with_its_dag() {
    // More than a batch, of which some is stored when the rest is waited for.
    let stream = Rng::new(1).bytes(9 << 20);
    for kind in Kind::built().filter(|kind| kind.is_on_disk()) {
        let place = place();
        fs::create_dir_all(place.path().join("d/inner")).unwrap();
        place.file("d/inner/a", &stream[..600_000]);
        place.file("d/b", b"text");
        place.file("f", &stream[..300_000]);
        let store = ["--path", "store", "-b", kind.name()];
        let args = ["add", "-r", "--stdin-name=z", "d", "f", "-"];
        let args = [&args[..], &store].concat();
        let mut child = start(&place, &args);
        let mut stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        stdin.write_all(&stream[..stream.len() - 1]).unwrap();
        let printed: Vec<String> = lines.by_ref().take(5).map(Result::unwrap).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(lines.count(), 0, "{kind}: a file whose end is to come");
        let names = ["d/b", "d/inner/a", "d/inner", "d", "f"];
        for (line, name) in printed.iter().zip(names) {
            let cid = line.strip_prefix("added ").unwrap().strip_suffix(name);
            let cid = cid.unwrap().trim().parse().unwrap();
            exported(kind, &place.path().join("store"), &cid);
        }
        let again = place.feed(&stream, &args).good().out;
        let hashed = place.feed(&stream, &[&args[..], &["-n"]].concat()).good();
        assert_eq!(again, hashed.out, "{kind}");
        assert!(again.starts_with(&(printed.join("\n") + "\n")), "{kind}");
    }
}

#[test]
fn import_prints_no_root_before_all_is_there() {
    let place = place();
    let dag = dag();
    let root = *dag[0].cid();
    let others = (0..3000u32).map(|n| Block::raw(n.to_le_bytes().to_vec()));
    let blocks: Vec<Block> = dag.iter().cloned().chain(others).collect();
    let whole = car(Version::V1, &[root], &blocks);
    let args = ["import", "-", "-b", "pack", "--path", "store"];
    let mut child = start(&place, &args);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&whole[..whole.len() - 1]).unwrap();
    // Once the log has that much, blocks were put, and the end is waited for.
    let log = place.path().join("store/blocks/000001.car");
    while !fs::metadata(&log).is_ok_and(|meta| meta.len() > 50_000) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before");
    }
    child.kill().unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.stdout, b"");
    let again = place.feed(&whole, &args).good();
    assert_eq!(again.out, format!("{root}\n"));
    let found = exported(Kind::Pack, &place.path().join("store"), &root);
    assert!(found == car(Version::V1, &[root], &dag));
}
