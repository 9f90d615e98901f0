use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::answer::{Blocks, Sharding, name, shard, sharding};
use sha2::{Digest, Sha256};

/// The empty directory: the first block of every repo.
const EMPTY_DIR: &[u8] = &[0x0a, 0x02, 0x08, 0x01];
const EMPTY_NAME: &str = "CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y";

fn multihash(block: &[u8]) -> Vec<u8> {
    [&[0x12, 0x20][..], &Sha256::digest(block)].concat()
}

/// A folder as `ipfs init` makes it, with the empty directory in it.
fn repo() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |file: &str, bytes: &[u8]| {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("SHARDING", b"/repo/flatfs/shard/v1/next-to-last/2\n");
    write("_README", b"This is a repository of IPLD objects.");
    write(
        "diskUsage.cache",
        br#"{"diskUsage":4,"accuracy":"initial-exact"}"#,
    );
    write(&format!("X3/{EMPTY_NAME}.data"), EMPTY_DIR);
    fs::create_dir(dir.path().join(".temp")).unwrap();
    dir
}

fn open(dir: &Path) -> Blocks {
    say::ok("open", Blocks::open(dir))
}

/// The files below a folder, as text.
fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.extend(
                files(&path)
                    .into_iter()
                    .map(|file| format!("{name}/{file}")),
            );
        } else {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

/// the name of the empty directory's block, as every repo has it
#[test]
fn a1_name() {
    let why = "Kubo looks for this file name and for no other.";
    let yours = name(&multihash(EMPTY_DIR));
    say::same(
        "name(the empty directory)",
        &yours.as_str(),
        &EMPTY_NAME,
        why,
    );
}

/// its folder is X3: the two characters before the last
#[test]
fn a2_shard() {
    let why = "the last character holds a few bits only, so folders by it would be few and full.";
    let yours = shard(Sharding::NextToLast(2), EMPTY_NAME);
    say::same(
        "shard(next-to-last/2) of CIQ…LX3Y",
        &yours.as_str(),
        &"X3",
        why,
    );
}

/// what was put is what is got, and what was not is None
#[test]
fn a3_put_and_get() {
    let dir = repo();
    let blocks = open(dir.path());
    let key = multihash(b"hello world");
    let why = "that is what a store is for.";
    say::same(
        "get before the put",
        &say::ok("get", blocks.get(&key)),
        &None,
        why,
    );
    say::ok("put", blocks.put(&key, b"hello world"));
    say::same(
        "get",
        &say::ok("get", blocks.get(&key)),
        &Some(b"hello world".to_vec()),
        why,
    );
}

/// a folder that `ipfs init` made: its block is found and listed
#[test]
fn c1_read_kubos() {
    let dir = repo();
    let blocks = open(dir.path());
    let key = multihash(EMPTY_DIR);
    let why = "every IPFS node has this block.";
    say::same(
        "get(the empty directory)",
        &say::ok("get", blocks.get(&key)),
        &Some(EMPTY_DIR.to_vec()),
        why,
    );
    let yours: Vec<String> = say::ok("list", blocks.list())
        .iter()
        .map(|key| say::hex(key))
        .collect();
    say::same("list", &yours, &vec![say::hex(&key)], why);
}

/// what you write is where Kubo looks, and nothing else is left
#[test]
fn c2_write_kubos() {
    let dir = repo();
    fs::remove_file(dir.path().join(format!("X3/{EMPTY_NAME}.data"))).unwrap();
    let before = files(dir.path());
    say::ok(
        "put",
        open(dir.path()).put(&multihash(EMPTY_DIR), EMPTY_DIR),
    );
    let mut new = files(dir.path());
    new.retain(|file| !before.contains(file));
    let wanted = vec![format!("X3/{EMPTY_NAME}.data")];
    let why = "a name that is nearly right is a block that nobody finds.";
    say::same("the new files in the folder", &new, &wanted, why);
    let bytes = fs::read(dir.path().join(&wanted[0])).unwrap();
    say::bytes(
        "the bytes of the file",
        &bytes,
        EMPTY_DIR,
        "a block is its bytes, with nothing around them.",
    );
}

/// the three functions of flatfs, also for names that are too short
#[test]
fn c3_functions() {
    let why = "a repo says in SHARDING which one it has, and old ones have others.";
    for (function, name, wanted) in [
        (Sharding::NextToLast(2), "ABCDEF", "DE"),
        (Sharding::NextToLast(3), "ABCDEF", "CDE"),
        (Sharding::NextToLast(2), "AB", "_A"),
        (Sharding::NextToLast(2), "A", "__"),
        (Sharding::Prefix(2), "ABCDEF", "AB"),
        (Sharding::Prefix(3), "AB", "AB_"),
        (Sharding::Suffix(2), "ABCDEF", "EF"),
        (Sharding::Suffix(3), "AB", "_AB"),
    ] {
        let what = format!("shard({function:?}, {name:?})");
        say::same(&what, &shard(function, name).as_str(), &wanted, why);
    }
    for (text, wanted) in [
        (
            "/repo/flatfs/shard/v1/next-to-last/2\n",
            Sharding::NextToLast(2),
        ),
        ("/repo/flatfs/shard/v1/prefix/5\n", Sharding::Prefix(5)),
        ("/repo/flatfs/shard/v1/suffix/3", Sharding::Suffix(3)),
    ] {
        let yours = say::ok(&format!("sharding({text:?})"), sharding(text));
        say::same(&format!("sharding({text:?})"), &yours, &wanted, why);
    }
}

/// a sharding that is not known is refused
#[test]
fn d1_unknown_sharding() {
    for text in [
        "",
        "next-to-last/2",
        "/repo/flatfs/shard/v2/next-to-last/2\n",
        "/repo/flatfs/shard/v1/middle/2\n",
        "/repo/flatfs/shard/v1/prefix/two\n",
        "/repo/flatfs/shard/v1/prefix\n",
    ] {
        let yours = sharding(text).map_err(|error| error.kind());
        let why = "whoever guesses puts blocks where Kubo does not look, and finds none of those that are there.";
        say::same(
            &format!("sharding({text:?})"),
            &yours,
            &Err(ErrorKind::InvalidData),
            why,
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let yours = Blocks::open(dir.path()).is_err();
    say::same(
        "open of a folder without SHARDING is an error",
        &yours,
        &true,
        "it is no flatfs, or a damaged one.",
    );
}

/// what is no block is not listed
#[test]
fn d2_foreign_files() {
    let dir = repo();
    for file in [
        "X3/put-123456",
        "X3/CIQ.tmp",
        "X3/notes.data",
        "AA/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data",
        ".temp/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data",
        "CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data",
    ] {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"?").unwrap();
    }
    let blocks = open(dir.path());
    let yours: Vec<String> = say::ok("list", blocks.list())
        .iter()
        .map(|key| say::hex(key))
        .collect();
    let why = "a temporary file, a note, a block in the wrong folder: `get` finds none of them, so a list that has them lies.";
    say::same(
        "list, with foreign files around",
        &yours,
        &vec![say::hex(&multihash(EMPTY_DIR))],
        why,
    );
}

/// a reader never sees half a block
#[test]
fn d3_whole() {
    let dir = repo();
    let blocks = open(dir.path());
    let key = multihash(b"hello world");
    // The folder of the block cannot be made, so the put ends on the way.
    let folder = shard(Sharding::NextToLast(2), &name(&key));
    fs::write(dir.path().join(&folder), b"in the way").unwrap();
    let yours = blocks.put(&key, b"hello world").is_err();
    say::same(
        "put fails, with a file where its folder should be",
        &yours,
        &true,
        "an error that is swallowed is a block that is lost.",
    );
    fs::remove_file(dir.path().join(&folder)).unwrap();
    // A block that is replaced is never shorter than before: the new bytes come under their name at once.
    let old = vec![b'x'; 1 << 20];
    say::ok("put", blocks.put(&key, &old));
    let file = dir.path().join(&folder).join(name(&key) + ".data");
    let linked = dir.path().join("same file");
    fs::hard_link(&file, &linked).unwrap();
    say::ok("put", blocks.put(&key, b"hello world"));
    let why = "Kubo may read the file at this very moment.";
    say::same(
        "bytes that a reader of the old file still has",
        &fs::read(&linked).unwrap().len(),
        &old.len(),
        why,
    );
}

/// Kubo reads what you wrote into its folder, and you read what it wrote
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_both_ways() {
    let blocks = open(&kubo::blocks());
    let why = "a folder that two programs share has one format.";
    say::ok("put", blocks.put(&multihash(b"from you"), b"from you"));
    let cid = "bafkreidrk6ycwwbw3545zuaj2x5uapf3ivp46zsguev4z3hxn6zeq7e7r4";
    let read = say::ok("ipfs block get", kubo::answer(&["block", "get", cid], b""));
    say::bytes("what `ipfs block get` finds", &read, b"from you", why);
    kubo::says(&["block", "put"], b"from Kubo");
    let key = multihash(b"from Kubo");
    let read = say::ok("get", blocks.get(&key));
    say::same("get", &read, &Some(b"from Kubo".to_vec()), why);
    let listed = say::ok("list", blocks.list());
    say::that(
        listed.contains(&key),
        "list does not have the block that Kubo wrote",
    );
}
