//! What `cargo metadata` says of the workspace, as far as the checks ask.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace;

/// The platform whose build is counted and whose licences are read: the one that is proven.
pub const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// A crate of the workspace.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// The package's name.
    pub name: String,
    /// Its folder below the root, with `/`.
    pub folder: String,
    /// The names of its programs.
    pub bins: Vec<String>,
    /// The example that draws its pictures: `NN-pictures`, if it has one.
    pub pictures: Option<String>,
    /// The program that `cargo run -p` runs.
    pub default_run: Option<String>,
    /// The folders of what it depends on by path, whatever the kind: normal, dev, build.
    pub uses: Vec<String>,
    /// Whether a bare `cargo build` builds it.
    pub default: bool,
    /// The text of its Cargo.toml.
    pub manifest: String,
}

/// The crates of the workspace, in its order.
pub fn members(root: &Path) -> Result<Vec<Member>> {
    let metadata = metadata(root, &["--no-deps"])?;
    let top = text(&metadata, "workspace_root")?;
    let below = |path: &str| {
        path.strip_prefix(top)
            .unwrap_or(path)
            .trim_start_matches('/')
            .to_owned()
    };
    let ids =
        |field: &str| -> Vec<&str> { list(&metadata, field).filter_map(Value::as_str).collect() };
    let defaults = ids("workspace_default_members");
    ids("workspace_members")
        .into_iter()
        .map(|id| {
            let package = list(&metadata, "packages")
                .find(|package| maybe(package, "id") == Some(id))
                .with_context(|| format!("cargo metadata lists no package {id}"))?;
            let manifest = Path::new(text(package, "manifest_path")?);
            let folder = manifest.parent().unwrap_or(manifest);
            Ok(Member {
                name: text(package, "name")?.to_owned(),
                folder: below(&folder.to_string_lossy()),
                bins: list(package, "targets")
                    .filter(|target| list(target, "kind").any(|kind| kind == "bin"))
                    .map(|target| Ok(text(target, "name")?.to_owned()))
                    .collect::<Result<_>>()?,
                pictures: list(package, "targets")
                    .filter(|target| list(target, "kind").any(|kind| kind == "example"))
                    .filter_map(|target| maybe(target, "name"))
                    .find(|name| name.ends_with("-pictures"))
                    .map(str::to_owned),
                default_run: maybe(package, "default_run").map(str::to_owned),
                uses: list(package, "dependencies")
                    .filter_map(|dependency| maybe(dependency, "path"))
                    .map(below)
                    .collect(),
                default: defaults.contains(&id),
                manifest: std::fs::read_to_string(manifest)
                    .with_context(|| format!("cannot read {}", manifest.display()))?,
            })
        })
        .collect()
}

/// What `cargo metadata` prints with `args`.
pub fn metadata(root: &Path, args: &[&str]) -> Result<Value> {
    let mut cargo = workspace::cargo(root);
    cargo
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(args);
    let json = workspace::output(&mut cargo)?;
    serde_json::from_str(&json).context("cargo metadata printed no JSON")
}

/// The elements of the array `field` of an object; none if it is something else.
pub fn list<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    object
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The text `field` of an object.
pub fn text<'a>(object: &'a Value, field: &str) -> Result<&'a str> {
    maybe(object, field).with_context(|| format!("cargo metadata gives no `{field}`"))
}

/// The text `field` of an object, if it has one.
pub fn maybe<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}
