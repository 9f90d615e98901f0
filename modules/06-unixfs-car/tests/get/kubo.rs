//! Kubo writes the same DAGs: the same files, permissions and times.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use testkit::Trial;
use testkit::kubo::Kubo;
use unixfs_car::get::Options;
use unixfs_car::unixfs::{Data, Meta, Mtime, Type};

use crate::archive::{pack as archived, unpack};
use crate::build::{self, Leaves, file, folder, leaf, link, named, node, pack};
use crate::tree::{Thing, tree};
use crate::write::write;

/// Kind, content, permissions and time.
type Told = (char, Vec<u8>, u32, Option<(i64, i64)>);

/// What must be the same; of what has no time of its own, the time is that of writing.
pub fn told(root: &Path) -> BTreeMap<PathBuf, Told> {
    let told = |thing: Thing| {
        let mtime = Some(thing.mtime).filter(|(seconds, _)| *seconds < 1_700_000_000);
        let mode = if thing.kind == 'l' { 0 } else { thing.mode };
        (thing.kind, thing.content, mode, mtime)
    };
    tree(root, None)
        .into_iter()
        .map(|(path, thing)| (path, told(thing)))
        .collect()
}

/// The same without nanoseconds, which Kubo's archives do not have.
fn in_seconds(root: &Path) -> BTreeMap<PathBuf, Told> {
    let cut = |(path, (kind, content, mode, mtime)): (PathBuf, Told)| {
        let mtime = mtime.map(|(seconds, _)| (seconds, 0));
        (path, (kind, content, mode, mtime))
    };
    told(root).into_iter().map(cut).collect()
}

#[test]
fn files_and_folders_are_written_as_kubo_writes_them() {
    let Some(kubo) = Kubo::find("get against Kubo") else {
        return;
    };
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let kept = |data: Data, mode, seconds, nanos| {
        let mtime = Some(Mtime::new(seconds, nanos));
        node(&store, &data.with_meta(Meta { mode, mtime }), &[])
    };
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let large = file(&store, Leaves::Pb(Type::File), &[5; 3000], 100, 4);
    let meta = Meta {
        mode: Some(0o750),
        mtime: Some(Mtime::new(-3, 0)),
    };
    let inner = named(
        &store,
        &Data::directory().with_meta(meta),
        vec![link("text", text)],
    );
    let entries = [
        (
            "a file",
            kept(
                Data::leaf(Type::File, "x"),
                Some(0o604),
                1_000_000_000,
                123_456_789,
            ),
        ),
        ("empty", folder(&store, &[])),
        ("inner", inner),
        ("large", large),
        ("link", kept(Data::symlink("../x/石塚"), None, 5, 0)),
        (
            "no mode",
            kept(Data::leaf(Type::File, ""), None, 1_500_000_000, 0),
        ),
        ("sticky", kept(Data::directory(), Some(0o1777), 7, 7)),
        ("text", text),
        ("ü \n \\", text),
    ];
    let root = folder(&store, &entries);
    let car = place.path().join("all.car");
    pack(&store, root, &car);
    let repo = kubo.repo(&place.path().join("kubo"));
    repo.run(["dag", "import", "--pin-roots=false", car.to_str().unwrap()]);
    let mut trial = Trial::new("kubo", "get", None);
    let whole = [("the folder", root)];
    for (n, (name, cid)) in whole.iter().chain(&entries).enumerate() {
        trial.one();
        let [theirs, ours] = ["theirs", "ours"].map(|who| place.path().join(format!("{who} {n}")));
        let text = cid.to_string();
        repo.run(["get", &text, "-o", theirs.to_str().unwrap()]);
        write(&store, cid, &ours).unwrap();
        assert_eq!(told(&ours), told(&theirs), "{name}");
        let tar = place.path().join(format!("{n}.tar"));
        repo.run(["get", "-a", &text, "-o", tar.to_str().unwrap()]);
        let [theirs, ours] =
            ["theirs", "ours"].map(|who| place.path().join(format!("{who} of {n}")));
        unpack(&std::fs::read(tar).unwrap(), &theirs);
        unpack(&archived(&store, cid, Options::default()).unwrap(), &ours);
        let theirs = in_seconds(&theirs.join(&text));
        assert_eq!(in_seconds(&ours.join("name")), theirs, "{name}");
    }
    trial.end("files, folders and symlinks, their permissions and times");
}
