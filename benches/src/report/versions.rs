//! The versions of what is compared, from the lockfile that this build was made with.

use std::collections::BTreeMap;

const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"));

/// The crates of which the report shows the version.
const SHOWN: [&str; 5] = ["fjall", "rocksdb", "redb", "sled", "sha2"];

/// Name and version of each.
pub fn versions() -> BTreeMap<String, String> {
    let of = |name: &str| version(LOCK, name).map(|version| (name.to_owned(), version));
    let mut versions: BTreeMap<String, String> = SHOWN.into_iter().filter_map(of).collect();
    versions.insert("cairn".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    versions
}

fn version(lock: &str, name: &str) -> Option<String> {
    let (_, rest) = lock.split_once(&format!("\nname = \"{name}\"\nversion = \""))?;
    rest.split_once('"').map(|(version, _)| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_found() {
        let versions = versions();
        for name in SHOWN {
            let found = versions.get(name);
            assert!(found.is_some_and(|v| v.contains('.')), "{name}: {found:?}");
        }
    }

    #[test]
    fn a_name_is_not_a_part_of_another() {
        let lock =
            "\nname = \"redb-more\"\nversion = \"1\"\n\nname = \"redb\"\nversion = \"2.3\"\n";
        assert_eq!(version(lock, "redb").as_deref(), Some("2.3"));
        assert_eq!(version(lock, "red"), None);
    }
}
