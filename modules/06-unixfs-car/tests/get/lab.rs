//! Random hostile trees, written again and again while somebody swaps folders for symlinks: not a byte
//! and not an attribute outside changes.

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;

use block_cid::Blockstore;
use dag_ipld::pb::Link;
use rustix::fs::OFlags;
use tempfile::TempDir;
use testkit::{Rng, Trial, mount, run};
use unixfs_car::unixfs::{Data, Meta, Mtime, Type};
use unixfs_car::{Cid, Opened};

use crate::build::{self, Leaves, Store, leaf, named, node};
use crate::tree::{Thing, tree};
use crate::write::write;

/// Names that a tree is made of.
const NAMES: &[&str] = &[
    "a", "b", "c", "d", "a", "b", "c", "d", "A", "victim", "x.", ".hidden",
];

/// Names that lead elsewhere, if anybody follows them.
const BAD: &[&str] = &[
    "..",
    ".",
    "",
    "/",
    "../outside",
    "../outside/victim",
    "a/../../outside/victim",
    "a/b",
    "a\0b",
    "../../outside",
];

/// Where symlinks lead.
const TARGETS: &[&str] = &[
    "..",
    ".",
    "../outside",
    "../outside/victim",
    "../../outside",
    "../../outside/victim",
    "a",
    "b/a",
    "/",
    "nowhere",
    "../root",
];

fn meta(rng: &mut Rng) -> Meta {
    Meta {
        mode: rng
            .once_in(2)
            .then(|| [0o777, 0o600, 0o4755, 0o700][rng.below(4) as usize]),
        mtime: rng
            .once_in(2)
            .then(|| Mtime::new(rng.below(1 << 31) as i64, 1)),
    }
}

/// A tree that means harm. One in a few has a name that no folder can have.
fn hostile(store: &Store, rng: &mut Rng, depth: u64) -> Cid {
    match rng.below(if depth > 3 { 2 } else { 5 }) {
        0 => {
            let text = format!("hostile {}", rng.below(10));
            let data = Data::leaf(Type::File, text).with_meta(meta(rng));
            node(store, &data, &[])
        }
        1 => {
            let target = TARGETS[rng.below(TARGETS.len() as u64) as usize];
            node(store, &Data::symlink(target).with_meta(meta(rng)), &[])
        }
        _ => hostile_folder(store, rng, depth),
    }
}

fn hostile_folder(store: &Store, rng: &mut Rng, depth: u64) -> Cid {
    let count = rng.below(6);
    let mut links: Vec<Link> = (0..count)
        .map(|_| {
            let from = if rng.once_in(20) { BAD } else { NAMES };
            let name = from[rng.below(from.len() as u64) as usize];
            build::link(name, hostile(store, rng, depth + 1))
        })
        .collect();
    links.sort_by(|a, b| a.name.cmp(&b.name));
    if rng.below(4) > 0 {
        links.dedup_by(|a, b| a.name == b.name);
    }
    let data = Data::directory().with_meta(meta(rng));
    named(store, &data, links)
}

/// A folder to write into, and what must not change around it.
struct Around {
    place: TempDir,
    before: BTreeMap<PathBuf, Thing>,
}

impl Around {
    fn new() -> Around {
        let place = mount::in_memory();
        let outside = place.path().join("outside");
        fs::create_dir_all(outside.join("a")).unwrap();
        for name in ["victim", "b", "a/b", "a/victim"] {
            fs::write(outside.join(name), "mine").unwrap();
            let mode = fs::Permissions::from_mode(0o640);
            fs::set_permissions(outside.join(name), mode).unwrap();
        }
        fs::write(place.path().join("victim"), "mine").unwrap();
        let mut around = Around {
            place,
            before: BTreeMap::new(),
        };
        fs::create_dir(around.root()).unwrap();
        around.before = around.outside();
        around
    }

    fn root(&self) -> PathBuf {
        self.place.path().join("root")
    }

    /// Everything but the folder that is written to.
    fn outside(&self) -> BTreeMap<PathBuf, Thing> {
        tree(self.place.path(), Some(&self.root()))
    }

    /// Some of what a run before may have left, or an enemy.
    fn litter(&self, rng: &mut Rng) {
        // Somebody swaps in it all the time: what is gone is gone.
        let _ = fs::remove_dir_all(self.root());
        let _ = fs::create_dir(self.root());
        for name in ["a", "b", "c", "d"] {
            let path = self.root().join(name);
            let target = TARGETS[rng.below(TARGETS.len() as u64) as usize];
            let _ = match rng.below(6) {
                0 => symlink(target, &path),
                1 => fs::File::create_new(&path).map(drop),
                2 => fs::create_dir(&path),
                3 => fs::hard_link(self.place.path().join("outside/victim"), &path),
                _ => Ok(()),
            };
        }
    }

    /// What has changed; the folder around all may get the same entry anew, which changes its time.
    fn changed(&self) -> Option<String> {
        let mut now = self.outside();
        let mut before = self.before.clone();
        for things in [&mut now, &mut before] {
            if let Some(around) = things.get_mut(Path::new("")) {
                around.mtime = (0, 0);
            }
        }
        (now != before).then(|| format!("{now:#?}"))
    }
}

/// Swaps folders in `root` for symlinks that lead out of it, and back, until it is told to stop; how
/// often it did. It goes through folders that it has open, so that it harms nothing outside itself.
fn swap(root: &Path, stop: &AtomicBool, swaps: &AtomicU64) {
    let open = |path: &Path| {
        let mut options = fs::File::options();
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let flags = options.read(true).custom_flags(flags.bits().cast_signed());
        flags.open(path).ok()
    };
    while !stop.load(SeqCst) {
        for (within, name, out) in [
            (".", "a", "../outside"),
            (".", "b", "../outside"),
            (".", "c", "../outside/a"),
            (".", "d", ".."),
            ("a", "a", "../../outside"),
            ("a", "b", "../../outside"),
            ("b", "a", "../../outside"),
        ] {
            let Some(folder) = open(&root.join(within)) else {
                continue;
            };
            let folder = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
            let (path, aside) = (folder.join(name), folder.join(".aside"));
            let is_folder = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir());
            if is_folder && fs::rename(&path, &aside).is_ok() {
                let _ = symlink(out, &path);
                swaps.fetch_add(1, SeqCst);
                thread::yield_now();
                let _ = fs::remove_file(&path);
                let _ = fs::rename(&aside, &path);
            }
        }
    }
}

/// Writes hostile trees by `write`; how many of them were written whole, and how many swaps there were.
fn trees(
    rounds: usize,
    seed: u64,
    write: impl Fn(&Store, &Cid, &Path) -> bool,
    trial: &mut Trial,
) -> (u64, u64, u64) {
    let around = Around::new();
    let (stop, swaps) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut whole, mut breaches) = (0, 0);
    thread::scope(|scope| {
        let root = around.root();
        let (stop, swaps) = (&stop, &swaps);
        scope.spawn(move || swap(&root, stop, swaps));
        for round in 0..rounds {
            trial.one();
            let mut rng = Rng::of(seed, &[round as u64]);
            let store = build::store();
            let cid = hostile_folder(&store, &mut rng, 0);
            around.litter(&mut rng);
            whole += u64::from(write(&store, &cid, &around.root()));
            if let Some(now) = around.changed() {
                breaches += 1;
                if breaches == 1 {
                    testkit::report(&format!("round {round}, seed {seed}: {now}"));
                }
                break;
            }
        }
        stop.store(true, SeqCst);
    });
    (whole, breaches, swaps.load(SeqCst))
}

#[test]
fn hostile_trees_change_nothing_outside() {
    let seed = run::seed("trees");
    let rounds = run::count("CAIRN_TREES", 1_500, 100_000);
    let mut trial = Trial::new("trees", "hostile trees on disk", seed);
    let safe = |store: &Store, cid: &Cid, to: &Path| write(store, cid, to).is_ok();
    let (whole, breaches, swaps) = trees(rounds, seed, safe, &mut trial);
    if breaches > 0 {
        trial.fails("something outside has changed");
    }
    assert!(
        whole > rounds as u64 / 20,
        "only {whole} of {rounds} were written whole"
    );
    assert!(swaps > 0, "nobody swapped anything");
    trial.end(&format!(
        "{whole} written whole, {swaps} folders swapped for symlinks meanwhile"
    ));
}

/// The same, by a writer that puts paths together: the laboratory sees what it does.
#[test]
fn a_writer_of_paths_is_seen_to_write_elsewhere() {
    /// It goes through links, but not out of `jail`: nothing of this machine is harmed.
    fn naive(store: &Store, cid: &Cid, to: &Path, jail: &Path) {
        let parent = to.parent().and_then(|parent| parent.canonicalize().ok());
        if !parent.is_some_and(|parent| parent.starts_with(jail)) {
            return;
        }
        match Opened::open(store, cid) {
            Ok(Opened::Dir(dir)) => {
                let _ = fs::create_dir(to);
                for entry in dir.entries().map_while(Result::ok) {
                    let name = String::from_utf8_lossy(&entry.name).replace('\0', "");
                    naive(store, &entry.cid, &to.join(name), jail);
                }
            }
            Ok(Opened::File(mut reader)) => {
                let mut bytes = Vec::new();
                let _ = reader.copy_to(&mut bytes);
                if to.canonicalize().map_or(true, |to| to.starts_with(jail)) {
                    let _ = fs::write(to, bytes);
                }
            }
            Ok(Opened::Symlink(link)) => {
                let _ = symlink(String::from_utf8_lossy(&link.target).as_ref(), to);
            }
            Err(_) => {}
        }
    }
    let mut trial = Trial::new("trees", "a writer of paths", 1);
    let by_paths = |store: &Store, cid: &Cid, to: &Path| {
        naive(
            store,
            cid,
            to,
            &to.parent().unwrap().canonicalize().unwrap(),
        );
        true
    };
    let (_, breaches, _) = trees(300, 1, by_paths, &mut trial);
    assert_eq!(breaches, 1, "not seen in 300 trees");
    trial.end("seen to write elsewhere");
}

/// Twenty thousand files in CI, a million at night.
#[test]
fn a_folder_of_many_files_is_written() {
    let count = run::count("CAIRN_FILES", 20_000, 1_000_000);
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"").cid;
    let links: Vec<Link> = (0..count.min(30_000))
        .map(|n| build::link(&format!("{n:05}"), text))
        .collect();
    let some = named(&store, &Data::directory(), links);
    let folders = count.div_ceil(30_000);
    let names: Vec<String> = (0..folders).map(|n| n.to_string()).collect();
    let entries: Vec<(&str, Cid)> = names.iter().map(|name| (name.as_str(), some)).collect();
    let root = build::folder(&store, &entries);
    let place = mount::in_memory();
    let saved = write(&store, &root, &place.path().join("out")).unwrap();
    assert_eq!(saved.files as usize, count.min(30_000) * folders);
    assert!(store.get(&root).unwrap().is_some());
}
