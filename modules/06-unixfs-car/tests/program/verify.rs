//! `verify`.

use block_cid::Blockstore;

use crate::build::{self, Leaves, folder, leaf};
use crate::samples::{keep, place};

#[test]
fn a_whole_dag_and_a_whole_store_are_good() {
    let place = place();
    place.file("large", &vec![7; 600_000]);
    let root = place.run(&["add", "-Q", "large"]).good().out;
    let root = root.trim();
    let said = place.run(&["verify", root]).good().out;
    assert_eq!(said, format!("{root}: 3 blocks, 330.1 KiB: all good\n"));
    let said = place.run(&["verify"]).good().out;
    assert_eq!(said, "3 blocks, 330.1 KiB: all good\n");
    place.run(&["verify", "nonsense"]).bad(1, &["nonsense"]);
}

#[test]
fn what_is_missing_or_damaged_is_named_and_everything_else_looked_at() {
    let (place, store) = (place(), build::store());
    let [text, gone, other] =
        ["text", "gone", "other"].map(|bytes| leaf(&store, Leaves::Raw, bytes.as_bytes()).cid);
    let broken = folder(&store, &[("a", text), ("b", gone), ("c", other)]);
    let whole = folder(&store, &[("a", text)]);
    store.delete(&gone).unwrap();
    keep(&place, &store);
    let (broken, whole, gone) = (broken.to_string(), whole.to_string(), gone.to_string());
    let ended = place.run(&["verify", &broken, &whole]).bad(1, &[]);
    let lines: Vec<&str> = ended.out.lines().collect();
    assert_eq!(lines[0], format!("{gone}  missing"));
    assert!(lines[1].starts_with(&format!("{broken}: 3 blocks, ")));
    assert!(lines[1].ends_with(": 1 missing; put those blocks again, or import them"));
    assert!(
        lines[2].starts_with(&format!("{whole}: 2 blocks, ")) && lines[2].ends_with("all good")
    );
    place.run(&["verify", &format!("{broken}/a")]).good();
    place.run(&["verify", &format!("{broken}/b")]).bad(1, &[]);
    place
        .run(&["verify", &format!("{broken}/x")])
        .bad(1, &["\"x\""]);
    // A file of the store is a CAR: a bit of the block in it is turned over.
    let mut turned = 0;
    for (path, (mut bytes, _)) in place.tree("data/pack") {
        if let Some(at) = bytes.windows(5).position(|five| five == b"other") {
            bytes[at] ^= 1;
            place.file(path, &bytes);
            turned += 1;
        }
    }
    assert_eq!(turned, 1);
    let ended = place.run(&["verify", &broken]).bad(1, &[]);
    assert!(ended.out.contains(&other.to_string()), "{}", ended.out);
    assert!(ended.out.contains("1 damaged, 1 missing"), "{}", ended.out);
    let ended = place.run(&["verify"]).bad(1, &[]);
    assert!(ended.out.contains(&other.to_string()), "{}", ended.out);
}
