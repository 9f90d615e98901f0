//! Every base as the multibase specification has it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use block_cid::base;
use testkit::fixtures;

/// The text that a table encodes, from its head: `encoding, "yes mani !"`.
fn quoted(head: &str) -> &str {
    head.split('"').nth(1).unwrap()
}

fn rows(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.lines().filter(|line| !line.is_empty()).map(|line| {
        let (name, encoded) = line.split_once(", ").unwrap();
        (name.trim(), encoded.trim_matches(['"', '\r']))
    })
}

#[test]
fn every_base_encodes_and_decodes() {
    let Some(table) = fixtures::text("multiformats-multibase/basic.csv") else {
        return;
    };
    let plain = quoted(table.lines().next().unwrap());
    let mut ran = 0;
    for (name, encoded) in rows(&table).skip(1) {
        let base = base::parse(name).unwrap();
        assert_eq!(base::name(base), name);
        assert_eq!(multibase::encode(base, plain), encoded, "{name}");
        assert_eq!(
            base::decode(encoded).unwrap(),
            (base, plain.as_bytes().to_vec()),
            "{name}"
        );
        ran += 1;
    }
    fixtures::ran("multiformats-multibase/basic.csv", ran);
}

#[test]
fn case_does_not_matter_where_it_should_not() {
    let Some(table) = fixtures::text("multiformats-multibase/case_insensitivity.csv") else {
        return;
    };
    let plain = quoted(table.lines().next().unwrap());
    let mut ran = 0;
    for (name, encoded) in rows(&table).skip(1) {
        let (base, bytes) = base::decode(encoded).unwrap();
        assert_eq!(base::name(base), name);
        assert_eq!(bytes, plain.as_bytes(), "{encoded}");
        ran += 1;
    }
    fixtures::ran("multiformats-multibase/case_insensitivity.csv", ran);
}

#[test]
fn names_and_prefixes_are_those_of_the_table() {
    let Some(table) = fixtures::text("multiformats-multibase/multibase.csv") else {
        return;
    };
    let (mut ran, mut ours) = (0, 0);
    for line in table.lines().skip(1).filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let (code, name) = (fields[0].strip_prefix("U+").unwrap(), fields[2]);
        let prefix = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
        let unsupported = base::UNSUPPORTED.iter().any(|(known, _)| *known == name);
        if name == "none" || unsupported {
            assert!(base::parse(&prefix.to_string()).is_err(), "{name}");
            assert!(base::decode(&format!("{prefix}11")).is_err(), "{name}");
        } else {
            let base = base::parse(name).unwrap();
            assert_eq!(base.code(), prefix, "{name}");
            assert_eq!(base::parse(&prefix.to_string()).unwrap(), base, "{name}");
            ours += 1;
        }
        ran += 1;
    }
    fixtures::ran("multiformats-multibase/multibase.csv", ran);
    assert_eq!(
        ours,
        base::all().count(),
        "bases that the table does not have"
    );
}
