//! Programs of others that read CARs.
//!
//! Cargo builds none of them, and `.ci/run` all:
//!
//! ```text
//! cd modules/01-persistent/tests/peers/car && go build -o CAR .
//! cp -r modules/01-persistent/tests/peers/js-car JS && cd JS && npm ci --ignore-scripts
//! CAIRN_CAR=CAR CAIRN_JS_CAR=JS/main.mjs cargo test -p persistent
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{or_skip, report};

/// A program that reads CARs, and hashes every block in them.
#[derive(Clone, Debug)]
pub struct Judge {
    /// The library that it is made of.
    pub name: &'static str,
    program: PathBuf,
}

/// What a judge says of one file: lines `root CID` and `CID LENGTH`.
pub type Said = BTreeSet<String>;

/// go-car, which Kubo reads CARs with; it also finds every block by the index of a CARv2, and says
/// `index CODEC`, and follows the links of dag-cbor from the roots, and says `reached N`. `None` after it was
/// said that `test` cannot be tried.
pub fn go(test: &str) -> Option<Judge> {
    find(test, "go-car", "CAIRN_CAR")
}

/// @ipld/car, which Helia reads CARs with; `None` after it was said that `test` cannot be tried.
pub fn js(test: &str) -> Option<Judge> {
    find(test, "@ipld/car", "CAIRN_JS_CAR")
}

/// Those that there are; of the others it was said that `test` cannot be tried with them.
pub fn all(test: &str) -> Vec<Judge> {
    go(test).into_iter().chain(js(test)).collect()
}

fn find(test: &str, name: &'static str, variable: &str) -> Option<Judge> {
    let program = std::env::var_os(variable).map(|program| Judge {
        name,
        program: program.into(),
    });
    let why = || format!("{variable} names no program; testkit::cars says how it is built");
    or_skip(&format!("{test}, with {name}"), program.ok_or_else(why))
}

impl Judge {
    /// The CARv2 that go-car makes of a CARv1, with an index of this codec: `car-index-sorted`.
    ///
    /// # Errors
    /// What the program says if it cannot.
    pub fn index(&self, codec: &str, file: &Path) -> Result<Vec<u8>, String> {
        let ran = Command::new(&self.program)
            .args(["index", codec])
            .arg(file)
            .output();
        let ran = ran.map_err(|error| format!("{}: {error}", self.program.display()))?;
        match ran.status.success() {
            true => Ok(ran.stdout),
            false => Err(String::from_utf8_lossy(&ran.stderr).into_owned()),
        }
    }

    /// Reads all of these files, with one call.
    ///
    /// # Errors
    /// What the program says if one of them is no CAR, or has a block that does not hash.
    pub fn read(&self, files: &[PathBuf]) -> Result<BTreeMap<PathBuf, Said>, String> {
        let ran = Command::new(&self.program).args(files).output();
        let ran = ran.map_err(|error| format!("{}: {error}", self.program.display()))?;
        if !ran.status.success() {
            let said = String::from_utf8_lossy(&ran.stderr);
            return Err(format!("{}: {said}", self.name));
        }
        let mut found: BTreeMap<PathBuf, Said> = BTreeMap::new();
        let mut file = PathBuf::new();
        for line in String::from_utf8_lossy(&ran.stdout).lines() {
            match line.strip_prefix("file ") {
                Some(name) => {
                    file = PathBuf::from(name);
                    found.entry(file.clone()).or_default();
                }
                None => drop(found.entry(file.clone()).or_default().insert(line.into())),
            }
        }
        match found.keys().eq(files.iter().collect::<BTreeSet<_>>()) {
            true => Ok(found),
            false => Err(format!("{} did not read every file", self.name)),
        }
    }

    /// What it says of the files of each folder below `dir`, with as few calls as command lines take.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_folders(&self, dir: &Path) -> Result<BTreeMap<PathBuf, Said>, String> {
        let files = below(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        let mut folders: BTreeMap<PathBuf, Said> = BTreeMap::new();
        for files in files.chunks(MOST) {
            for (file, said) in self.read(files)? {
                let folder = file.parent().unwrap_or(dir).to_owned();
                folders.entry(folder).or_default().extend(said);
            }
        }
        report(&format!(
            "{} read {} files of {} folders",
            self.name,
            files.len(),
            folders.len()
        ));
        Ok(folders)
    }
}

/// How many files one call names.
const MOST: usize = 1000;

/// The CARs below `dir`, sorted.
///
/// # Errors
/// Those of listing.
pub fn below(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut cars = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            cars.extend(below(&path)?);
        } else if path.extension().is_some_and(|end| end == "car") {
            cars.push(path);
        }
    }
    cars.sort();
    Ok(cars)
}
