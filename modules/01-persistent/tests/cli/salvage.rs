//! `salvage`, as a user meets it.

use std::fs;

use persistent::Kind;

use crate::run::Place;

/// Flips a bit in the middle of a block of 100 bytes that `fill` wrote.
fn damage(path: &std::path::Path, kind: Kind) {
    let file = match kind {
        Kind::Redb => path.join("redb/blocks.redb"),
        _ => path.join("fjall/0.jnl"),
    };
    let mut bytes = fs::read(&file).unwrap();
    let block = demo::Data::new(7).block(3, 100);
    let found = bytes
        .windows(100)
        .enumerate()
        .filter(|(_, window)| *window == &block[..]);
    let places: Vec<usize> = found.map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + 50] ^= 1;
    }
    fs::write(&file, bytes).unwrap();
}

#[test]
fn what_is_lost_is_named_and_the_rest_is_there() {
    for (kind, to) in [(Kind::Redb, "fresh"), (Kind::Fjall, "redb:fresh")] {
        let place = Place::new();
        let path = place.fill(kind, 20);
        damage(&path, kind);
        let lost = *block_cid::Block::raw(demo::Data::new(7).block(3, 100)).cid();
        let end = place.run(&["-b", kind.name(), "salvage", to]);
        let end = end.bad(1, &[]);
        let out = end
            .out
            .replace(" (20 past the index)", "")
            .replace(" (19 past the index)", "");
        assert_eq!(
            out,
            format!(
                "{lost}  lost\nfresh has 19 blocks, 1.9 KiB, and 0 other keys\n1 block and 0 other \
                 keys are lost: get them from a backup, or from whoever has them\n"
            ),
            "{kind}"
        );
        let ls = place.run(&["-b", "redb", "--path", "fresh", "ls"]).good();
        assert_eq!(ls.out.lines().count(), 19, "{kind}");
        let json = place
            .run(&["-b", kind.name(), "salvage", "--json", to])
            .bad(1, &[]);
        let lines = json.json();
        assert_eq!(lines[0]["cid"], lost.to_string(), "{kind}");
        assert_eq!(lines[1]["lost"], 1, "{kind}");
    }
}

#[test]
fn of_a_good_store_nothing_is_lost() {
    let place = Place::new();
    place.fill(Kind::File, 5);
    let end = place.run(&["-b", "file", "salvage", "file:a:b"]).good();
    assert_eq!(
        end.out,
        "a:b has 5 blocks (5 past the index), 500 B, and 0 other keys\nnothing is known to be lost\n"
    );
    place
        .run(&["-b", "file", "salvage", "data/file"])
        .bad(1, &["where it is"]);
    place
        .run(&["-b", "file", "salvage", "x:y"])
        .bad(2, &["no backend \"x\""]);
    place
        .run(&["-b", "redb", "salvage", "y"])
        .bad(1, &["no store"]);
    assert!(!place.path().join("y").exists());
}
