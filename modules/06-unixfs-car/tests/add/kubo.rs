//! Random trees with random flags: what `ipfs add` prints of them, and whether it fails, is what the
//! program does.

use std::fs;
use std::path::Path;

use testkit::kubo::{Kubo, Repo};
use testkit::{Rng, Trial, run};

use crate::trees::{bytes, flags, one, tree};

/// Settings of Kubo's, and the flags that say the same here.
#[rustfmt::skip]
const SETTINGS: &[(&str, &str, &[&str])] = &[
    ("kubo", "{}", &[]),
    ("v0", "", &["--profile=unixfs-v0-2015"]),
    ("v1", "", &["--profile=unixfs-v1-2025"]),
    ("links", r#"{"UnixFSHAMTDirectorySizeThreshold": "300B"}"#, &["--hamt-threshold=300"]),
    ("block", r#"{"UnixFSHAMTDirectorySizeThreshold": "400B", "UnixFSHAMTDirectorySizeEstimation": "block"}"#, &["--hamt-threshold=400", "--hamt-estimate=block"]),
    ("disabled", r#"{"UnixFSHAMTDirectorySizeEstimation": "disabled"}"#, &["--hamt-estimate=disabled"]),
];

/// The threshold of a setting under which small folders are tries.
fn threshold(setting: &str) -> Option<u64> {
    match setting {
        "links" => Some(300),
        "block" => Some(400),
        _ => None,
    }
}

#[test]
fn what_add_prints_is_what_kubo_prints() {
    const NAME: &str = "add against Kubo";
    let Some(kubo) = Kubo::find(NAME) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let repos: Vec<Repo> = SETTINGS
        .iter()
        .map(|(name, import, flags)| {
            let repo = kubo.repo(&place.path().join(name));
            match flags
                .first()
                .and_then(|flag| flag.strip_prefix("--profile="))
            {
                Some(profile) => repo.run(["config", "profile", "apply", profile]),
                None => repo.run(["config", "--json", "Import", import]),
            };
            repo
        })
        .collect();
    let seed = run::seed(NAME);
    let mut trial = Trial::new("kubo", "add", seed);
    let mut near = 0;
    for round in 0..run::count("CAIRN_ADD_TRIALS", 60, 3000) {
        let mut rng = Rng::of(seed, &[round as u64]);
        let ours = crate::place();
        let (at, input) = inputs(&mut rng, ours.path());
        let n = rng.below(SETTINGS.len() as u64) as usize;
        let (setting, _, settings) = SETTINGS[n];
        let flags = flags(&mut rng);
        let args = |own: &[&str]| {
            let mut args = vec!["add".to_owned(), "--progress=false".to_owned()];
            args.extend(own.iter().map(|flag| (*flag).to_owned()));
            args.extend(flags.iter().cloned());
            args.extend(at.iter().cloned());
            args
        };
        let theirs = repos[n].output(&args(&[]), &input);
        let mut own = vec!["-b", "memory"];
        own.extend(settings);
        let mine = args(&own);
        let mine: Vec<&str> = mine.iter().map(String::as_str).collect();
        let found = ours.feed(&input, &mine);
        trial.one();
        let failed = !theirs.status.success();
        if failed == (found.code != Some(0)) && (failed || found.bytes == theirs.stdout) {
            continue;
        }
        if threshold(setting).is_some_and(|limit| has_folder_near(ours.path(), limit)) {
            near += 1;
            continue;
        }
        let (wanted, said) = (text(&theirs.stdout), text(&theirs.stderr));
        trial.fails(&format!(
            "round {round}, {setting}, {flags:?} {at:?}: Kubo: {wanted}{said}, and we: {found:?}"
        ));
    }
    trial.end(&format!(
        "{near} folders where Kubo cannot make up its mind"
    ));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Makes what is added: the arguments that name it, and stdin.
fn inputs(rng: &mut Rng, place: &Path) -> (Vec<String>, Vec<u8>) {
    let path = |name: &str| place.join(name).to_str().unwrap().to_owned();
    match rng.below(10) {
        0 => (vec![], bytes(rng)),
        1 => (
            vec![format!("--stdin-name={}", one(rng, &["x", "a b"]))],
            bytes(rng),
        ),
        2 => {
            fs::write(place.join("file"), bytes(rng)).unwrap();
            (vec![path("file")], vec![])
        }
        3 => {
            tree(rng, &place.join("top"), 1);
            fs::write(place.join("file"), bytes(rng)).unwrap();
            std::os::unix::fs::symlink("file", place.join("link")).unwrap();
            let all = ["top", "file", "link", "file"].map(path);
            ([vec!["-r".to_owned()], all.into()].concat(), vec![])
        }
        _ => {
            tree(rng, &place.join("top"), 0);
            (vec!["-r".into(), path("top")], vec![])
        }
    }
}

/// Whether a folder with folders in it is above the limit by less than a name. Kubo forgets the name when it
/// asks again about a folder that it has, and makes the folder one node or a trie as it happens.
fn has_folder_near(path: &Path, limit: u64) -> bool {
    let mut total = 0;
    let mut longest = None;
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        let len = entry.file_name().len() as u64;
        // A CID and, in a block, what is around it.
        total += len + 36;
        if entry.file_type().unwrap().is_dir() {
            if has_folder_near(&entry.path(), limit) {
                return true;
            }
            longest = longest.max(Some(len));
        }
    }
    longest.is_some_and(|longest| total + total / 3 >= limit && total <= limit + longest + 60)
}
