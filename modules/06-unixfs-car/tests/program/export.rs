//! `export`.

use unixfs_car::car::Version;
use unixfs_car::car::index::Format;

use crate::build::{self, Leaves, folder, leaf};
use crate::run::{car, dag, name, place};
use crate::samples::keep;

#[test]
fn export_writes_the_dag_in_every_form() {
    let place = place();
    let dag = dag();
    let root = [*dag[0].cid()];
    let cid = name(&dag[0]);
    place.file("a.car", &car(Version::V1, &root, &dag));
    place.run(&["import", "a.car"]).good();
    assert!(place.run(&["export", &cid]).good().bytes == place.read("a.car"));
    for (flags, version) in [
        (&[][..], Version::V1),
        (&["--car-version", "2"], Version::INDEXED),
        (
            &["--car-version", "2", "--index-codec", "none"],
            Version::V2,
        ),
        (
            &["--car-version", "2", "--index-codec", "car-index-sorted"],
            Version::Indexed(Format::Sorted),
        ),
    ] {
        place
            .run(&[&["export", &cid, "-o", "b.car"], flags].concat())
            .good();
        assert!(
            place.read("b.car") == car(version, &root, &dag),
            "{flags:?}"
        );
    }
    place
        .run(&["export", &cid, "--car-version", "2"])
        .bad(2, &["-o FILE"]);
    // Under another version of the CID it is another root.
    let path = format!("/ipfs/{cid}");
    assert!(place.run(&["export", &path]).good().bytes == place.read("a.car"));
}

/// The error names the block and the way to it, the exit code is 1, and no file is left or replaced.
#[test]
fn without_a_block_there_is_no_file() {
    let place = place();
    let dag = dag();
    let (root, inner, missing) = (name(&dag[0]), name(&dag[1]), name(&dag[3]));
    let some: Vec<_> = dag
        .iter()
        .filter(|block| name(block) != missing)
        .cloned()
        .collect();
    place.file("a.car", &car(Version::V1, &[], &some));
    place.run(&["import", "a.car"]).good();
    let way = format!("the way to it: {root} > {inner} > {missing}");
    let said = [&format!("block {missing} is not in the store")[..], &way];
    place.run(&["export", &root, "-o", "b.car"]).bad(1, &said);
    assert!(!place.path().join("b.car").exists());
    place.file("b.car", b"old");
    place.run(&["export", &root, "-o", "b.car"]).bad(1, &said);
    assert_eq!(place.read("b.car"), b"old");
    let files = std::fs::read_dir(place.path()).unwrap().count();
    assert_eq!(files, 3, "something is left");
    // What went to stdout is the part before.
    let ended = place.run(&["export", &root]).bad(1, &said);
    assert!(car(Version::V1, &[*dag[0].cid()], &dag).starts_with(&ended.bytes));
    let absent = name(&dag[3]);
    place.run(&["export", &absent]).bad(1, &[&absent]);
}

#[test]
fn a_path_leads_to_the_root() {
    let (place, store) = (place(), build::store());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let inner = folder(&store, &[("text", text)]);
    let root = folder(&store, &[("inner", inner)]);
    keep(&place, &store);
    let export = |path: &str| place.run(&["export", path]).good().bytes;
    assert!(export(&format!("/ipfs/{root}/inner")) == export(&inner.to_string()));
    place
        .run(&["export", &format!("{root}/nothing")])
        .bad(1, &["no \"nothing\""]);
}

#[test]
fn what_is_here_is_a_car_of_its_own() {
    let place = place();
    let dag = dag();
    let root = [*dag[0].cid()];
    let some = [dag[0].clone(), dag[4].clone(), dag[2].clone()];
    place.file("a.car", &car(Version::V1, &root, &some));
    let import = |flags: &[&str]| place.run(&[&["import", "a.car"], flags].concat()).good();
    assert_eq!(import(&["--local-only"]).out, format!("{}\n", root[0]));
    assert_eq!(import(&["--silent", "--pin-roots=false"]).out, "");
    let cid = root[0].to_string();
    place
        .run(&["export", &cid])
        .bad(1, &["is not in the store"]);
    let ended = place.run(&["export", "--local-only", &cid]).good();
    assert!(ended.bytes == place.read("a.car"));
    // A root that is not there has nothing that is.
    let absent = dag[1].cid().to_string();
    place
        .run(&["export", "--local-only", &absent])
        .bad(1, &["is not in the store"]);
}

#[test]
fn wrong_input_is_an_error() {
    let place = place();
    place.run(&["export", "bafkqaaa"]).bad(1, &["data/pack"]);
    place.run(&["export", "nonsense"]).bad(2, &["nonsense"]);
    place.run(&["export"]).bad(2, &["PATH"]);
    let dag = dag();
    place.file("a.car", &car(Version::V1, &[], &dag));
    place.run(&["import", "a.car"]).good();
    // Never into the store that is read.
    let root = name(&dag[0]);
    place
        .run(&["export", &root, "-o", "data/pack/x.car"])
        .bad(1, &["in the folder of the store"]);
    place
        .run(&["export", &root, "-o", "/nowhere/x.car"])
        .bad(1, &["/nowhere/x.car"]);
    // Nothing is written to say that a full disk was reached.
    let full = std::path::Path::new("/dev/full");
    if full.exists() {
        place
            .run(&["export", &root, "-o", "/dev/full"])
            .bad(1, &["/dev/full", "No space left"]);
    }
}
