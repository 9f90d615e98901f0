use std::{env, fs, process};

use cid::Cid;

use crate::answer::{Estimate, find, flat, is_sharded, place, shard};
use crate::dirs::{Link, Store};

/// Files of Kubo's tests, `test/cli/cid_profiles_test.go`: each has an "x" in it.
fn v0(count: usize, len: usize) -> Vec<Link> {
    let block = [0x0a, 0x07, 0x08, 0x02, 0x12, 0x01, b'x', 0x18, 0x01];
    files(
        naming::v0(&block),
        9,
        inputs::names("hamt-unixfs-v0-2015", count, len, len),
    )
}

fn v1(last: usize) -> Vec<Link> {
    let names = inputs::names("hamt-unixfs-v1-2025", 4766, 11, last);
    files(naming::v1(naming::RAW, b"x"), 1, names)
}

fn files(cid: Cid, size: u64, names: Vec<String>) -> Vec<Link> {
    names
        .into_iter()
        .map(|name| Link { name, cid, size })
        .collect()
}

/// A hundred files, each with its own bytes.
fn hundred() -> Vec<Link> {
    let file = |number: usize| {
        let name = format!("file {number}");
        let cid = naming::v1(naming::RAW, name.as_bytes());
        Link {
            size: name.len() as u64,
            name,
            cid,
        }
    };
    (0..100).map(file).collect()
}

/// 262,144 bytes are a flat directory, and 262,145 a HAMT, by either estimate
#[test]
fn a1_switch() {
    let why = "who switches a byte sooner or later gives the same folder another CID.";
    for (what, entries, estimate, wanted) in [
        (
            "4,096 names of 30 bytes, with CIDv0: 262,144",
            v0(4096, 30),
            Estimate::Links,
            false,
        ),
        (
            "4,033 names of 31 bytes, with CIDv0: 262,145",
            v0(4033, 31),
            Estimate::Links,
            true,
        ),
        ("a block of 262,144 bytes", v1(21), Estimate::Block, false),
        ("a block of 262,145 bytes", v1(22), Estimate::Block, true),
    ] {
        say::same(
            &format!("is_sharded({what})"),
            &is_sharded(&entries, estimate),
            &wanted,
            why,
        );
    }
}

/// each name is found in a flat directory, and no other
#[test]
fn a2_find_flat() {
    let store = Store::new(true);
    let root = store.put(flat(&hundred())).cid;
    let why = "here a name is a name, and nothing stands before it.";
    for link in hundred() {
        let found = find(&store, &root, &link.name);
        say::same(
            &format!("find({:?})", link.name),
            &found,
            &Some(link.cid),
            why,
        );
    }
    for name in ["", "file", "file 100", "File 1"] {
        say::same(
            &format!("find({name:?})"),
            &find(&store, &root, name),
            &None,
            why,
        );
    }
}

/// each name is found in a HAMT, on whatever level it is
#[test]
fn a3_find_sharded() {
    let store = Store::new(true);
    let root = shard(&store, &hundred(), 0).cid;
    let why = "each level asks the next byte of the hash.";
    for link in hundred() {
        let found = find(&store, &root, &link.name);
        say::same(
            &format!("find({:?})", link.name),
            &found,
            &Some(link.cid),
            why,
        );
    }
}

/// what a HAMT is made of is no entry of the directory
#[test]
fn a4_find_no_other() {
    let store = Store::new(true);
    let root = shard(&store, &hundred(), 0);
    let why = "whoever asks gets a shard as if it were a file: a part of a folder under a name that nobody gave.";
    let mut names: Vec<String> = vec!["".into(), "file 100".into()];
    let links = store
        .get(&root.cid)
        .map(|node| node.links)
        .unwrap_or_default();
    names.extend(links.into_iter().map(|link| link.name));
    // For the empty name, a shard has to be where it would be.
    let empty = format!("{:02X}", place("", 0));
    let below = hundred().into_iter().next().into_iter().collect::<Vec<_>>();
    let below = shard(&store, &below, 1);
    let data = store
        .get(&root.cid)
        .map(|node| node.data)
        .unwrap_or_default();
    let links = vec![Link {
        name: empty,
        ..below
    }];
    let trap = store.put(crate::dirs::Node { links, data }).cid;
    say::same(
        "find(\"\"), where the place of \"\" has a shard",
        &find(&store, &trap, ""),
        &None,
        why,
    );
    for name in names {
        say::same(
            &format!("find({name:?})"),
            &find(&store, &root.cid, &name),
            &None,
            why,
        );
    }
}

/// the flat directory of 4,096 files has the CID that Kubo gives it
#[test]
fn c1_flat() {
    let store = Store::new(false);
    let yours = store.put(flat(&v0(4096, 30))).cid.to_string();
    let wanted = "QmX5GtRk3TSSEHtdrykgqm4eqMEn3n2XhfkFAis5fjyZmN";
    let why =
        "the files were added in the order of their making, and stand in that of their names.";
    cids::same("4,096 files, unixfs-v0-2015", &yours, "Kubo", wanted, why);
}

/// the HAMT of 4,033 files has the CID that Kubo gives it
#[test]
fn c2_sharded_v0() {
    let store = Store::new(false);
    let root = shard(&store, &v0(4033, 31), 0).cid;
    shape(&store, &root);
    let wanted = "QmeMiJzmhpJAUgynAcxTQYek5PPKgdv3qEvFsdV3XpVnvP";
    let why = "place, name, bits and sizes: each is in the hash.";
    cids::same(
        "4,033 files, unixfs-v0-2015",
        &root.to_string(),
        "Kubo",
        wanted,
        why,
    );
}

/// and so has that of 4,766 files in unixfs-v1-2025
#[test]
fn c3_sharded_v1() {
    let store = Store::new(true);
    let root = shard(&store, &v1(22), 0).cid;
    shape(&store, &root);
    let wanted = "bafybeiegvuterwurhdtkikfhbxcldohmxp566vpjdofhzmnhv6o4freidu";
    let why = "a directory of CIDv1 is made in the same way.";
    cids::same(
        "4,766 files, unixfs-v1-2025",
        &root.to_string(),
        "Kubo",
        wanted,
        why,
    );
}

/// What can be said of a root before its CID is compared.
fn shape(store: &Store, root: &Cid) {
    let node = store
        .get(root)
        .unwrap_or_else(|| say::wrong("shard() stored no root"));
    let why = "with some thousand names, each of the 256 places is taken.";
    say::same("links of the root", &node.links.len(), &256, why);
    let data = [
        &[8, 5, 0x12, 32][..],
        &[255; 32],
        &[0x28, 0x22, 0x30, 0x80, 2],
    ]
    .concat();
    say::bytes("UnixFS data of the root", &node.data, &data, why);
    let name = |at: usize| node.links[at].name.chars().take(2).collect::<String>();
    let names = [name(0), name(26), name(255)];
    let wanted = ["00", "1A", "FF"].map(str::to_owned);
    say::same(
        "how the links 0, 26 and 255 begin",
        &names,
        &wanted,
        "the place is in the name, too.",
    );
}

/// `ipfs add -r` gives the same CIDs, to one node and to a HAMT
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_add() {
    let links = hundred();
    let folder = env::temp_dir().join(format!("files-of-06-3-{}", process::id()));
    say::ok("a folder to add", fs::create_dir(&folder));
    for link in &links {
        say::ok(
            "a file to add",
            fs::write(folder.join(&link.name), &link.name),
        );
    }
    let path = folder.to_string_lossy().into_owned();
    // Stored, too: with `-n` Kubo 0.43.0 says something else of a HAMT.
    let add = ["add", "-r", "-Q", "--cid-version", "1"];
    let flat_cid = kubo::answer(&[&add[..], &[&path]].concat(), b"");
    let few = ["--max-directory-links", "8", &path];
    let shard_cid = kubo::answer(&[&add[..], &few].concat(), b"");
    say::ok("removing the folder", fs::remove_dir_all(&folder));
    let text = |said: Result<Vec<u8>, String>| {
        let said = say::ok("ipfs add", said);
        String::from_utf8_lossy(&said).trim().to_owned()
    };
    let store = Store::new(true);
    let why = "a hundred files by these names are one folder, wherever it lies.";
    let yours = store.put(flat(&links)).cid.to_string();
    cids::same(
        "100 files in one node",
        &yours,
        "Kubo",
        &text(flat_cid),
        why,
    );
    let yours = shard(&store, &links, 0).cid.to_string();
    cids::same("100 files in a HAMT", &yours, "Kubo", &text(shard_cid), why);
}
