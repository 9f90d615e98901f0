//! `explore`.

use std::collections::BTreeSet;

use dag_ipld::Cid;
use demo::Data;
use serde_json::Value;

use crate::samples::place;

/// What the page holds.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("type=\"application/json\">").unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

#[test]
fn the_page_has_each_variant_with_the_root_that_add_gives_it() {
    let place = place();
    place.file("song", &Data::new(1).block(0, 300_000));
    let page = place.run(&["explore", "song"]).good().out;
    assert!(!place.path().join("data").exists(), "nothing is stored");
    let data = data(&page);
    let cid = |index: &Value| {
        let block = &data["blocks"][index.as_u64().unwrap() as usize];
        block["cid"].as_str().unwrap().to_owned()
    };
    let variants = data["variants"].as_array().unwrap();
    let mut chunkers = BTreeSet::new();
    for variant in variants {
        let choices = variant["choices"].as_array().unwrap();
        let [chunker, layout, links] = [0, 1, 2].map(|n| choices[n][1].as_str().unwrap());
        chunkers.insert(chunker);
        let mut args = vec!["add", "-nQ", "song", "--chunker", chunker];
        args.extend(["--max-file-links", links]);
        args.extend((layout == "trickle").then_some("--trickle"));
        let root = place.run(&args).good().out;
        assert_eq!(cid(&variant["dag"]["roots"][0]), root.trim(), "{choices:?}");
        let stat = &variant["dag"]["stat"];
        assert_eq!((&stat["missing"], &stat["faulty"]), (&0.into(), &0.into()));
    }
    assert_eq!(variants.len(), chunkers.len() * 4);
    let content = chunkers.iter().filter(|name| !name.starts_with("size-"));
    assert_eq!(content.count(), 2, "{chunkers:?}");
    assert!(chunkers.is_superset(&["size-1024", "size-262144", "buzhash"].into()));
    // The first is what is shown, and what `add` does.
    assert_eq!(variants[0]["dag"], data["dags"][0]);
    let root: Cid = cid(&data["dags"][0]["roots"][0]).parse().unwrap();
    let added = place.run(&["add", "-nQ", "song"]).good().out;
    assert_eq!(root.to_string(), added.trim());
}

#[test]
fn a_folder_can_be_explored_and_what_is_too_large_is_refused() {
    let place = place();
    std::fs::create_dir(place.path().join("photos")).unwrap();
    place.file("photos/a", b"a");
    let page = place.run(&["explore", "photos", "--profile", "unixfs-v1-2025"]);
    let data = data(&page.good().out);
    assert_eq!(data["dags"][0]["stat"]["blocks"], 2);
    place.run(&["explore", "absent"]).bad(1, &["absent"]);
    let bad = ["explore", "photos", "--profile", "x"];
    place.run(&bad).bad(2, &["unixfs-v1-2025"]);
    let large = std::fs::File::create(place.path().join("large")).unwrap();
    large.set_len((32 << 20) + 1).unwrap();
    place
        .run(&["explore", "large"])
        .bad(1, &["more than 32.0 MiB"]);
}
