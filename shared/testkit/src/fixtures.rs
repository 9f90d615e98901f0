//! Foreign tables: what other implementations say is right.
//!
//! They lie beside the checkout, in `../shared/fixtures`, and never in it: they have licences of
//! their own, and tests that carry their own truth prove little. `CAIRN_FIXTURES` names another
//! root with tables of the same form.
//!
//! A table that is absent is announced (`SKIPPED cid/cid.json: …`) and its test passes, so that a
//! fresh clone is green without them. Under `CI=true` it fails, since there the tables belong to
//! the machine, unless `CAIRN_FIXTURES` chose a root that has other things to say.
//!
//! This module is for tests, so it prints, reads the environment and panics.
#![allow(clippy::panic)]

use std::io::Write;
use std::path::{Path, PathBuf};

/// One foreign table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The file or folder, below the root.
    pub path: &'static str,
    /// Where it comes from, and its licence.
    pub source: &'static str,
}

const fn table_of(path: &'static str, source: &'static str) -> Table {
    Table { path, source }
}

const MULTIBASE: &str = "multiformats/multibase d7406cd (CC-BY-SA-3.0, MIT)";
const GO_MULTIHASH: &str = "multiformats/go-multihash 4a79d7c (MIT)";
const ATPROTO: &str = "bluesky-social/atproto-interop-tests (CC0-1.0)";

/// Every table that a test reads.
#[rustfmt::skip]
pub const TABLES: &[Table] = &[
    table_of("multiformats-multihash/test_cases.csv", "multiformats/multihash b43ec10 (MIT)"),
    table_of("go-multihash/sum.json", GO_MULTIHASH),
    table_of("go-multihash/encode.json", GO_MULTIHASH),
    table_of("js-multiformats/multihash-valid.json", "multiformats/js-multiformats 079e760 (MIT or Apache-2.0)"),
    table_of("multiformats-multibase/basic.csv", MULTIBASE),
    table_of("multiformats-multibase/case_insensitivity.csv", MULTIBASE),
    table_of("multiformats-multibase/multibase.csv", MULTIBASE),
    table_of("varint/varint.json", "multiformats/unsigned-varint dd184f1, go-varint b435698 (MIT)"),
    table_of("cid/cid.json", "ipfs/go-cid 707ffd0 (MIT), js-multiformats, ipfs/kubo 867cdc5d8 (MIT or Apache-2.0)"),
    table_of("cid/fuzz-cid0.bin", "ipfs/go-cid 707ffd0 (MIT)"),
    table_of("cid/fuzz-cid1.bin", "ipfs/go-cid 707ffd0 (MIT)"),
    table_of("cid/kubo-cid-codecs-hashes.json", "ipfs/kubo 867cdc5d8 (MIT or Apache-2.0)"),
    table_of("multiformats-multicodec/table.csv", "multiformats/multicodec 45c88b8 (MIT)"),
    table_of("unixfs/murmur3-x64-64.json", "ipfs/js-ipfs-unixfs (MIT or Apache-2.0)"),
    table_of("unixfs-expected.json", "computed with ipfs/boxo v0.42.0 and npm ipfs-unixfs-importer 17.1.1"),
    table_of("dagger/convergence.tsv", "ribasushi/DAGger e845e7c (MIT or Apache-2.0)"),
    table_of("dagger/README.json", "ribasushi/DAGger e845e7c (MIT or Apache-2.0)"),
    table_of("kubo-known/known-answers.json", "ipfs/kubo 867cdc5d8, ipfs/js-ipfs-unixfs (MIT or Apache-2.0)"),
    table_of("unixfs/spec-vectors.json", "ipfs/specs 8721f87, src/unixfs.md (MIT or Apache-2.0)"),
    table_of("car/expectations-all-cars.json", "computed with npm @ipld/car 5.4.7, over CARs of ipld/go-car, ipld/js-car, ipld/ipld, ipfs/kubo and others (MIT or Apache-2.0)"),
    table_of("car/js-car/expectations.json", "ipld/js-car d9fbcfe (MIT or Apache-2.0)"),
    table_of("car/ipld-spec/carv1-basic.json", "ipld/ipld (MIT)"),
    table_of("car/ipld-spec/carv2-basic.json", "ipld/ipld (MIT)"),
    table_of("codec-fixtures/fixtures", "ipld/codec-fixtures bf8ab05 (MIT or Apache-2.0)"),
    table_of("codec-fixtures/negative-fixtures", "ipld/codec-fixtures bf8ab05 (MIT or Apache-2.0)"),
    table_of("dasl-testing/cbor", "hyphacoop/dasl-testing e26bb8c (MIT)"),
    table_of("cbor-test-vectors/appendix_a.json", "cbor/test-vectors, of RFC 8949 appendix A"),
    table_of("atproto-interop/data-model-fixtures.json", ATPROTO),
    table_of("atproto-interop/data-model-valid.json", ATPROTO),
    table_of("atproto-interop/data-model-invalid.json", ATPROTO),
];

/// The folder with the tables, if there is one: `CAIRN_FIXTURES`, or `../shared/fixtures` beside
/// the checkout.
pub fn root() -> Option<PathBuf> {
    let root = match std::env::var_os("CAIRN_FIXTURES") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(3)?
            .join("shared/fixtures"),
    };
    root.is_dir().then_some(root)
}

/// The file of a table, or `None` after printing `SKIPPED` and why.
///
/// # Panics
/// If the table is absent under `CI=true` and `CAIRN_FIXTURES` is not set, or is not in
/// [`TABLES`].
pub fn path(table: &str) -> Option<PathBuf> {
    assert!(
        TABLES.iter().any(|known| known.path == table),
        "{table} is not in testkit::fixtures::TABLES: add it, with its source"
    );
    find(table)
}

/// A table that not every root has; its absence is announced, and fails nowhere.
///
/// # Panics
/// If the table is not in [`TABLES`].
pub fn optional(table: &str) -> Option<PathBuf> {
    match root() {
        Some(root) if !root.join(table).exists() => {
            skipped(table, "this root does not have it");
            None
        }
        _ => path(table),
    }
}

/// The files of a folder that end with `extension`, in the order of their names, as [`path`].
///
/// # Panics
/// As [`path`], and if the folder cannot be read.
pub fn folder(table: &str, extension: &str) -> Option<Vec<PathBuf>> {
    let mut folders = vec![path(table)?];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => panic!("cannot read {}: {error}", folder.display()),
        };
        for entry in entries.flatten().map(|entry| entry.path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false if entry.extension().is_some_and(|found| found == extension) => {
                    files.push(entry);
                }
                false => {}
            }
        }
    }
    files.sort();
    Some(files)
}

/// A file that a registered table names, as [`path`]; it need not be registered itself.
///
/// # Panics
/// If the file is absent under `CI=true` and `CAIRN_FIXTURES` is not set.
pub fn named(file: &str) -> Option<PathBuf> {
    find(file)
}

fn find(table: &str) -> Option<PathBuf> {
    let why = match root() {
        Some(root) => match root.join(table) {
            file if file.exists() => return Some(file),
            file => format!("{} is not there", file.display()),
        },
        None if std::env::var_os("CAIRN_FIXTURES").is_some() => {
            "CAIRN_FIXTURES names no folder".to_owned()
        }
        None => "there is no folder ../shared/fixtures beside the checkout".to_owned(),
    };
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let chosen = std::env::var_os("CAIRN_FIXTURES").is_some();
    assert!(
        may_skip(ci, chosen),
        "{table} is missing, and under CI=true every table must be there: {why}"
    );
    skipped(table, &why);
    None
}

/// Says that something was not tested, and why.
pub fn skipped(what: &str, why: &str) {
    say(&format!("SKIPPED {what}: {why}"));
}

/// Whether a table may be absent.
fn may_skip(ci: bool, chosen: bool) -> bool {
    !ci || chosen
}

/// Says how many cases of a table ran.
///
/// # Panics
/// If none did: a test that read nothing proved nothing.
pub fn ran(table: &str, cases: usize) {
    assert!(cases > 0, "{table} has no cases");
    say(&format!("{table}: {cases} cases"));
}

/// To stderr past the test harness, which shows what a passing test prints to nobody.
fn say(line: &str) {
    // Nothing is lost if nobody can be told.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The bytes of a table, or `None` after printing `SKIPPED` and why.
///
/// # Panics
/// As [`path`], and if the file cannot be read.
pub fn table(table: &str) -> Option<Vec<u8>> {
    let file = path(table)?;
    match std::fs::read(&file) {
        Ok(bytes) => Some(bytes),
        Err(error) => panic!("cannot read {}: {error}", file.display()),
    }
}

/// A table in UTF-8, as [`table`].
///
/// # Panics
/// As [`table`], and if it is not UTF-8.
pub fn text(table: &str) -> Option<String> {
    match String::from_utf8(self::table(table)?) {
        Ok(text) => Some(text),
        Err(error) => panic!("{table} is not UTF-8: {error}"),
    }
}

/// A table in JSON, as [`table`].
///
/// # Panics
/// As [`table`], and if it is not JSON.
pub fn json(table: &str) -> Option<serde_json::Value> {
    match serde_json::from_slice(&self::table(table)?) {
        Ok(value) => Some(value),
        Err(error) => panic!("{table} is not JSON: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_source_and_stands_once() {
        for (n, table) in TABLES.iter().enumerate() {
            assert!(!table.source.is_empty(), "{}", table.path);
            let others = TABLES.iter().skip(n + 1);
            assert!(
                others.clone().all(|other| other.path != table.path),
                "{} twice",
                table.path
            );
        }
    }

    #[test]
    fn an_absent_table_fails_under_ci_unless_another_root_was_chosen() {
        assert!(may_skip(false, false) && may_skip(false, true) && may_skip(true, true));
        assert!(!may_skip(true, false));
    }

    #[test]
    #[should_panic(expected = "is not in testkit::fixtures::TABLES")]
    fn a_table_that_nobody_registered_is_an_error() {
        path("cid/nobody-registered-this.json");
    }
}
