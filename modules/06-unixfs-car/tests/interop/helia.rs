//! Helia reads what we wrote, and gives the roots that we give.

use std::fs;

use testkit::helia::Helia;
use testkit::{Rng, run};

use crate::ours::{Ours, last};
use crate::rounds;
use crate::tree::{self, Entry};

/// A profile of its importer, and what says the same to ours.
const PROFILES: &[(&str, &[&str])] = &[
    ("kubo-legacy", &["--cid-version=0"]),
    ("cid-v1-raw", &["--cid-version=1"]),
    ("unixfs-v1-2025", &["--profile=unixfs-v1-2025"]),
];

#[test]
fn helia_and_we_add_the_same_and_read_each_other() {
    let Some(helia) = Helia::find("folders both ways") else {
        return;
    };
    let seed = run::seed("interop::helia");
    for round in 0..rounds() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        tree::make(&at("folder"), &mut Rng::of(seed, &[round]), 12);
        let folder = at("folder");
        let wanted = tree::read(&folder);
        for (profile, flags) in PROFILES {
            let ours = Ours::new("pack", &at(&format!("ours {profile}")));
            let mut args = vec!["add", "-r", "-H", "-Q"];
            args.extend(*flags);
            args.push(folder.to_str().unwrap());
            let root = ours.last(&args);
            let theirs = helia.add(&folder, profile, &at("theirs.car"));
            assert_eq!(root, theirs, "{profile}, round {round}");

            let fresh = Ours::new("fjall", &at(&format!("fresh {profile}")));
            assert_eq!(
                last(&fresh.run(["import", at("theirs.car").to_str().unwrap()])),
                root
            );
            let back = at(&format!("back {profile}"));
            fresh.run(["get", &root, "-o", back.to_str().unwrap()]);
            assert_eq!(tree::read(&back), wanted, "{profile}: we read Helia");

            ours.export(&root, &at("ours.car"));
            let listed = helia.list(&at("ours.car"), &root);
            assert_eq!(listed.len(), wanted.len() + 1, "{profile}: Helia reads us");
            let file = wanted.iter().find_map(|(path, entry)| match entry {
                Entry::File(bytes) => Some((path, bytes)),
                _ => None,
            });
            if let Some((path, bytes)) = file {
                let read = helia.cat(&at("ours.car"), &root, path.to_str().unwrap());
                assert!(read == *bytes, "{profile}: {}", path.display());
            }
            fs::remove_file(at("ours.car")).unwrap();
        }
    }
}
