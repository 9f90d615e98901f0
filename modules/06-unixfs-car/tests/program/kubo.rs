//! Kubo reads the same blocks: what it prints is what the program prints.

use testkit::Place;
use testkit::kubo::{Kubo, Repo};
use unixfs_car::Cid;

use crate::build::{self, Store, pack};
use crate::samples::{folders, keep, place};

/// A place with these blocks, and a repository of Kubo's that has them.
fn both(test: &str, store: &Store, root: Cid) -> Option<(Place, Repo)> {
    let kubo = Kubo::find(test)?;
    let place = place();
    keep(&place, store);
    let car = place.path().join("all.car");
    pack(store, root, &car);
    let repo = kubo.repo(&place.path().join("kubo"));
    let car = car.to_str().unwrap();
    repo.run(["dag", "import", "--pin-roots=false", car]);
    Some((place, repo))
}

/// Both with the same arguments: the same bytes, and the same end.
fn agree(place: &Place, repo: &Repo, what: &str, args: &[&str]) {
    let theirs = repo.output(args, b"");
    let ours = place.run(args);
    let shown = String::from_utf8_lossy(&theirs.stdout);
    assert_eq!(ours.out, shown, "{what}: {args:?}");
    assert_eq!(ours.bytes, theirs.stdout, "{what}: {args:?}");
    let failed = String::from_utf8_lossy(&theirs.stderr).into_owned();
    assert_eq!(
        ours.code,
        theirs.status.code(),
        "{what}: {args:?}: {failed}{ours:?}"
    );
}

#[test]
fn folders_are_listed_as_kubo_lists_them() {
    let store = build::store();
    let samples = folders(&store);
    let Some((place, repo)) = both("ls against Kubo", &store, samples[0].1) else {
        return;
    };
    let mut trial = testkit::Trial::new("kubo", "ls", None);
    let mut all = vec!["ls", "-v"];
    let texts: Vec<String> = samples.iter().map(|(_, cid)| cid.to_string()).collect();
    all.extend(texts.iter().map(String::as_str));
    agree(&place, &repo, "all of them", &all);
    for ((what, _), cid) in samples.iter().zip(&texts) {
        for flags in [
            &[][..],
            &["--headers"],
            &["--size=false"],
            &["--size=false", "--resolve-type=false"],
            &["--resolve-type=false", "-v"],
            &["--long"],
            &["--long", "-v", "--size=false"],
            &["--stream", "-v"],
            &["--cid-base=base36", "--headers=true"],
        ] {
            trial.one();
            agree(&place, &repo, what, &[&["ls"], flags, &[cid]].concat());
        }
    }
    trial.end(&format!("{} folders", samples.len()));
}

#[test]
fn files_are_written_as_kubo_writes_them() {
    let store = build::store();
    let samples = folders(&store);
    let Some((place, repo)) = both("cat against Kubo", &store, samples[0].1) else {
        return;
    };
    let root = samples[0].1.to_string();
    let large = format!("/ipfs/{root}/large");
    let mut trial = testkit::Trial::new("kubo", "cat", None);
    for path in [
        "text",
        "large",
        "node",
        "symlink",
        "empty",
        "cbor",
        "nothing",
        "text/x",
        "./large/",
        "empty/../text",
    ] {
        trial.one();
        let path = format!("{root}/{path}");
        agree(&place, &repo, &path, &["cat", &path]);
        agree(&place, &repo, &path, &["cat", "--progress=false", &path]);
    }
    for flags in [
        &["-o", "0"][..],
        &["-o", "4999"],
        &["-o", "5000"],
        &["-o", "5001"],
        &["-o", "123", "-l", "456"],
        &["-l", "0"],
        &["-o", "4990", "-l", "100"],
        &["-o", "5003", "-l", "4"],
    ] {
        trial.one();
        agree(&place, &repo, "one", &[&["cat"], flags, &[&large]].concat());
        trial.one();
        let text = format!("ipfs:{root}/text");
        agree(
            &place,
            &repo,
            "two",
            &[&["cat"], flags, &[&large, &text]].concat(),
        );
    }
    trial.end("paths and ranges");
}
