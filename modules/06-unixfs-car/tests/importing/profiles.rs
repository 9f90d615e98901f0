//! Profiles, by what they make of a folder at the limit and of one entry more.

use unixfs_car::Profile;
use unixfs_car::import::{Importer, Options, Source};

use super::{cid_with, profiled, store};

/// `printf x > e/$(printf %011d $i)` for i from 1 to 4766 or 4767, and `%030d` to 4096 or 4097, added with
/// `-r` by Kubo 0.43: in a block, a link of the first takes 55 bytes, and 4766 of them 262,134; names and
/// CIDs of the second have 64 bytes, and 4096 of them 262,144.
const AT_THE_LIMIT: [(&str, usize, usize, &str); 4] = [
    (
        "unixfs-v1-2025",
        4766,
        11,
        "bafybeia36ex4dqgts4niodqpflvkqxqbyqvukpcakyzhub263k5na5zcjy",
    ),
    (
        "unixfs-v1-2025",
        4767,
        11,
        "bafybeifpzotogxynr67hljm25i3frl7dx2fnozozk2ozl5j3s3mejgaq7e",
    ),
    (
        "kubo",
        4096,
        30,
        "QmQBRscm4RTwomntsAdMgVxsVyGTXC5LEaWKg8XzkEf6bY",
    ),
    (
        "kubo",
        4097,
        30,
        "QmNRYfC7AuyDUR1Q7fxEPEzJY8rU29cWLrE6tFst6aCAv4",
    ),
];

#[test]
fn a_folder_is_a_trie_one_entry_above_the_limit_of_its_profile() {
    for (profile, count, len, wanted) in AT_THE_LIMIT {
        let file = |n: usize| Source::bytes("x").named(format!("{n:0len$}"));
        let folder = Source::folder((1..=count).map(file).collect());
        let cid = cid_with(folder, profiled(profile.parse().unwrap()));
        assert_eq!(cid.to_string(), wanted, "{profile} {count}");
    }
}

/// "hello world" by the rules that Kubo has for what a profile leaves open.
#[test]
fn what_a_profile_leaves_open_follows_from_the_rest() {
    let raw = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    for (profile, version, wanted) in [
        (
            Profile::KUBO,
            None,
            "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD",
        ),
        (Profile::KUBO, Some(cid::Version::V1), raw),
        (
            Profile::UNIXFS_V0_2015,
            Some(cid::Version::V1),
            "bafybeihykld7uyxzogax6vgyvag42y7464eywpf55gxi5qpoisibh3c5wa",
        ),
        (Profile::UNIXFS_V1_2025, None, raw),
    ] {
        let version = version.or(profile.version);
        let found = cid_with(
            Source::bytes("hello world"),
            profiled(Profile { version, ..profile }),
        );
        assert_eq!(found.to_string(), wanted);
    }
    let hash = block_cid::Hash::BLAKE3;
    let blake = Profile {
        hash,
        ..Profile::KUBO
    };
    let blake = Importer::new(profiled(blake)).unwrap();
    assert!(blake.format().has_raw_leaves());
    let root = blake.add_source(Source::bytes("x"), &store()).unwrap();
    assert_eq!(root.cid.hash().code(), hash.code());
    let v0 = Profile {
        hash,
        ..Profile::UNIXFS_V0_2015
    };
    Importer::new(profiled(v0)).unwrap_err();
}

#[test]
fn profiles_have_the_names_of_kubo() {
    for (name, profile) in Profile::ALL {
        assert_eq!(name.parse::<Profile>().unwrap(), profile);
    }
    assert_eq!(
        "legacy-cid-v0".parse::<Profile>().unwrap(),
        Profile::UNIXFS_V0_2015
    );
    assert_eq!(Options::default().profile, Profile::default());
    "unixfs-v2".parse::<Profile>().unwrap_err();
}
