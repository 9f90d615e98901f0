//! The tour, which runs without a command.

use crate::samples::place;

#[test]
fn the_tour_shows_its_parts_and_leaves_nothing() {
    let place = place();
    let said = place.run(&[]).good().out;
    for part in [
        "the same 16 leaves",
        "unixfs-v1-2025",
        "by size: 0 of its 17 chunks",
        "/music",
        "\"road\"",
        "one bit turned over",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    assert_eq!(place.run(&[]).good().out, said, "the same at every run");
}
