//! `migrate`, as a user meets it.

use datastore::{Datastore, Key};
use persistent::{Config, Kind, Persistent};

use crate::run::{Place, on_disk};

#[test]
fn it_says_what_came_over_and_that_a_second_time_has_nothing_to_do() {
    for kind in on_disk() {
        let place = Place::new();
        place.fill(kind, 20);
        let from = format!("{kind}:data/{kind}");
        let run =
            |args: &[&str]| place.run(&[&["migrate", &from, "file:with:colon"], args].concat());
        let said = run(&[]).good().out;
        assert_eq!(
            said,
            format!(
                "copied 20 blocks, 2.0 KiB, and 0 other keys\n\
                 20 blocks and 0 other keys of data/{kind} are in with:colon, each proven\n"
            )
        );
        let said = run(&[]).good().out;
        assert!(
            said.starts_with("nothing was left to copy\n20 blocks"),
            "{said}"
        );
        let line = run(&["--json"]).good().json().remove(0);
        assert_eq!(
            (&line["blocks"], &line["copied"]["blocks"]),
            (&20.into(), &0.into())
        );
        let ls = place
            .run(&["-b", "file", "--path", "with:colon", "ls"])
            .good();
        assert_eq!(ls.out.lines().count(), 20, "{kind}");
        let said = run(&["--remove-source"]).good().out;
        assert!(said.contains(&format!("removed data/{kind}")), "{said}");
        assert!(!place.path().join("data").join(kind.name()).exists());
    }
}

#[test]
fn what_does_not_come_over_is_named_and_keeps_the_source() {
    let place = Place::new();
    let path = place.fill(Kind::Redb, 5);
    let store = Persistent::open(&Config::new(Kind::Redb).with_path(&path)).unwrap();
    let key = store.keys(&Key::blocks()).unwrap().next().unwrap().unwrap();
    store.put(&key, b"other bytes").unwrap();
    store.close().unwrap();
    drop(store);
    let end = place.run(&["migrate", "redb:data/redb", "fjall:new", "--remove-source"]);
    let end = end.bad(1, &[]);
    assert!(
        end.out.contains("damaged in data/redb: its bytes make"),
        "{}",
        end.out
    );
    assert!(end.out.contains("4 blocks and 0 other keys"), "{}", end.out);
    assert!(path.exists());
}

#[test]
fn wrong_usage_is_2_and_says_what_is_meant() {
    let place = Place::new();
    for (from, why) in [
        ("redb", "no colon"),
        ("mysql:x", "mysql"),
        ("redb:", "behind"),
    ] {
        place
            .run(&["migrate", from, "file:x"])
            .bad(2, &["no KIND:PATH", why]);
    }
    place
        .run(&["migrate", "file:absent", "redb:x"])
        .bad(1, &["no store in absent"]);
    place
        .run(&["migrate", "memory:x", "redb:x"])
        .bad(1, &["goes with its process"]);
    assert!(!place.path().join("x").exists());
}
