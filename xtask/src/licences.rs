//! `cargo x licences`: what others wrote may be used as ours may, and comes from crates.io.
//!
//! Read over everything the default members can be built with: all features, and what their
//! tests and build scripts need.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use crate::metadata::{PLATFORM, list, maybe, metadata, text};
use crate::workspace;

/// Licences, and licences with an exception, that ask for no more than to be named.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "NCSA",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks the workspace.
pub fn run() -> Result<String> {
    let root = workspace::root()?;
    let args = ["--all-features", "--filter-platform", PLATFORM];
    let packages = packages(&metadata(&root, &args)?)?;
    let faults: Vec<String> = packages.iter().flat_map(Package::faults).collect();
    workspace::refuse("crates that cannot be taken", &faults)?;
    Ok(format!(
        "licences: {} crates, each of them free to use and from crates.io",
        packages.len()
    ))
}

#[derive(Debug)]
struct Package {
    name: String,
    licence: Option<String>,
    /// `None` for a crate of this workspace.
    source: Option<String>,
}

impl Package {
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        match self.licence.as_deref().map(allows) {
            None => faults.push(format!("{} states no licence", self.name)),
            Some(Err(error)) => faults.push(format!("{}: {error}", self.name)),
            Some(Ok(false)) => faults.push(format!(
                "{} is under {}, which is not allowed here",
                self.name,
                self.licence.as_deref().unwrap_or_default()
            )),
            Some(Ok(true)) => {}
        }
        if let Some(source) = &self.source
            && source != REGISTRY
        {
            faults.push(format!(
                "{} comes from {source}, not from crates.io",
                self.name
            ));
        }
        faults
    }
}

/// What the default members reach.
fn packages(metadata: &Value) -> Result<Vec<Package>> {
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata
        .get("resolve")
        .into_iter()
        .flat_map(|resolve| list(resolve, "nodes"))
    {
        let dependencies = list(node, "dependencies").filter_map(Value::as_str);
        uses.insert(text(node, "id")?, dependencies.collect());
    }
    let mut seen = BTreeSet::new();
    let defaults = list(metadata, "workspace_default_members");
    let mut next: Vec<&str> = defaults.filter_map(Value::as_str).collect();
    while let Some(id) = next.pop() {
        if seen.insert(id) {
            next.extend(uses.get(id).into_iter().flatten());
        }
    }
    ensure!(!seen.is_empty(), "cargo metadata names no default members");
    list(metadata, "packages")
        .filter(|package| maybe(package, "id").is_some_and(|id| seen.contains(id)))
        .map(|package| {
            Ok(Package {
                name: format!("{} {}", text(package, "name")?, text(package, "version")?),
                licence: maybe(package, "license").map(str::to_owned),
                source: maybe(package, "source").map(str::to_owned),
            })
        })
        .collect()
}

/// Whether a licence expression can be met with what is [`ALLOWED`].
///
/// The form is SPDX's: `OR` and `AND` (which binds tighter), `WITH` an exception, parentheses;
/// `/` is what older crates write for `OR`.
fn allows(expression: &str) -> Result<bool> {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let good = any(&mut rest, 0)?;
    ensure!(
        rest.is_empty(),
        "`{expression}` is no licence expression: `{}` is left over",
        rest.join(" ")
    );
    Ok(good)
}

fn any(words: &mut &[&str], depth: usize) -> Result<bool> {
    let mut good = all(words, depth)?;
    while let ["OR", rest @ ..] = words {
        *words = rest;
        good |= all(words, depth)?;
    }
    Ok(good)
}

fn all(words: &mut &[&str], depth: usize) -> Result<bool> {
    let mut good = one(words, depth)?;
    while let ["AND", rest @ ..] = words {
        *words = rest;
        good &= one(words, depth)?;
    }
    Ok(good)
}

fn one(words: &mut &[&str], depth: usize) -> Result<bool> {
    // The text is a stranger's; what is nested deeper than anybody writes is refused.
    ensure!(depth < 20, "the licence expression is nested too deep");
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let good = any(words, depth + 1)?;
            let [")", rest @ ..] = *words else {
                bail!("the licence expression lacks a `)`");
            };
            *words = rest;
            Ok(good)
        }
        [name, "WITH", exception, rest @ ..] => {
            let both = format!("{name} WITH {exception}");
            *words = rest;
            Ok(ALLOWED.contains(&both.as_str()))
        }
        [name, rest @ ..] if !["AND", "OR", "WITH", ")"].contains(name) => {
            *words = rest;
            Ok(ALLOWED.contains(name))
        }
        _ => bail!("the licence expression lacks a licence"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn expressions_are_weighed() {
        for (expression, good) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR Apache-2.0", true),
            ("MIT/Apache-2.0", true),
            ("Unlicense/MIT", true),
            ("Apache-2.0 OR GPL-2.0-only", true),
            ("GPL-2.0-only OR LGPL-2.1-or-later", false),
            ("Apache-2.0 AND ISC", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND MPL-2.0", false),
            ("MIT OR Apache-2.0 AND MPL-2.0", true),
            ("(MIT OR Apache-2.0)AND(MPL-2.0)", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", true),
            ("GPL-2.0-only WITH Classpath-exception-2.0", false),
            ("MIT WITH Classpath-exception-2.0", false),
        ] {
            assert_eq!(allows(expression).unwrap(), good, "{expression}");
        }
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        for text in [
            "",
            "MIT OR",
            "OR MIT",
            "(MIT",
            "MIT)",
            "MIT Apache-2.0",
            "MIT WITH",
            "()",
        ] {
            allows(text).unwrap_err();
        }
        allows(&"(".repeat(10_000)).unwrap_err();
    }

    fn package(licence: Option<&str>, source: Option<&str>) -> Package {
        Package {
            name: "thing 1.0.0".to_owned(),
            licence: licence.map(str::to_owned),
            source: source.map(str::to_owned),
        }
    }

    #[test]
    fn a_package_needs_licence_and_source() {
        assert_eq!(package(Some("MIT"), Some(REGISTRY)).faults(), [""; 0]);
        assert_eq!(package(Some("MIT"), None).faults(), [""; 0]);
        assert_eq!(
            package(None, None).faults(),
            ["thing 1.0.0 states no licence"]
        );
        assert_eq!(
            package(Some("AGPL-3.0"), Some("git+https://example.org/x"))
                .faults()
                .len(),
            2
        );
    }

    #[test]
    fn only_what_the_default_members_reach_is_read() {
        let json = r#"{
            "workspace_default_members": ["a"],
            "resolve": {"nodes": [
                {"id": "a", "dependencies": ["b"]},
                {"id": "b", "dependencies": ["a"]},
                {"id": "peer", "dependencies": []}
            ]},
            "packages": [
                {"id": "a", "name": "a", "version": "1.0.0", "license": "MIT", "source": null},
                {"id": "b", "name": "b", "version": "1.0.0", "license": null, "source": null},
                {"id": "peer", "name": "peer", "version": "1.0.0", "license": "GPL-3.0", "source": null}
            ]
        }"#;
        let found = packages(&serde_json::from_str(json).unwrap()).unwrap();
        let faults: Vec<String> = found.iter().flat_map(Package::faults).collect();
        assert_eq!(faults, ["b 1.0.0 states no licence"]);
    }
}
