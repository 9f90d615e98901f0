//! Names and codes as in the multicodec table.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use block_cid::hash::UNSUPPORTED;
use block_cid::{Hash, codec};
use testkit::fixtures;

#[test]
fn names_and_codes_are_those_of_the_table() {
    let Some(text) = fixtures::text("multiformats-multicodec/table.csv") else {
        return;
    };
    let mut table = BTreeMap::new();
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let code = u64::from_str_radix(fields[2].strip_prefix("0x").unwrap(), 16).unwrap();
        table.insert(fields[0], (fields[1], code));
    }
    let mut ran = 0;
    for (code, name) in codec::CODECS {
        assert_eq!(table.get(name).map(|(_, code)| code), Some(code), "{name}");
        assert_eq!(codec::parse(name).unwrap(), *code);
        assert_eq!(codec::parse(&format!("0x{code:x}")).unwrap(), *code);
        assert_eq!(codec::name(*code), Some(*name));
        ran += 1;
    }
    let mut unused: BTreeSet<&str> = UNSUPPORTED.iter().map(|(name, _)| *name).collect();
    let hashes = table
        .iter()
        .filter(|(_, (tag, _))| ["multihash", "hash"].contains(tag));
    for (name, (_, code)) in hashes {
        match Hash::from_code(*code) {
            Ok(hash) => assert_eq!(hash.name(), *name),
            Err(_) => {
                let family =
                    UNSUPPORTED
                        .iter()
                        .find(|(family, _)| match family.strip_suffix('*') {
                            Some(family) => name.starts_with(family),
                            None => name == family,
                        });
                let Some((family, reason)) = family else {
                    panic!("{name} is neither computed nor listed as unsupported")
                };
                unused.remove(family);
                let error = name.parse::<Hash>().unwrap_err().to_string();
                assert!(error.contains(name) && error.contains(reason), "{error}");
            }
        }
        ran += 1;
    }
    assert!(
        unused.is_empty(),
        "listed as unsupported, and not in the table: {unused:?}"
    );
    fixtures::ran("multiformats-multicodec/table.csv", ran);
}
