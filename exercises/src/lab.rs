//! The lab: a workspace of its own that git ignores, with one package for each module.
//!
//! ```text
//! lab/
//!   Cargo.toml  Cargo.lock                  the project's versions, so that nothing is fetched anew
//!   01-persistent/src/e01_simple_store.rs   what the learner writes
//!   01-persistent/checks/…                  written anew by every run
//! ```
//!
//! An answer that does not compile breaks its own test and no other. `dev check` has the same function
//! make a lab elsewhere, with stubs, solutions and mutants in the place of a learner's answers.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::exercise::{Exercise, Module};
use crate::{catalogue, files, place};

/// A lab.
#[derive(Clone, Debug)]
pub struct Lab {
    /// Where it is.
    pub dir: PathBuf,
}

/// One test of a lab: the checks of an exercise on one answer.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The exercise.
    pub exercise: &'a Exercise,
    /// The name of the test and of its files: that of the exercise, for a learner.
    pub name: String,
    /// What to write where the answer is; a learner's own is left alone.
    pub answer: Option<String>,
    /// Whether the compiler says what is unused in the answer.
    pub strict: bool,
}

impl Lab {
    /// The learner's own.
    pub fn own() -> Lab {
        Lab {
            dir: place::root().join("lab"),
        }
    }

    /// The folder of a module.
    pub fn module(&self, module: &Module) -> PathBuf {
        self.dir.join(module.folder)
    }

    /// Where the answer of a test is.
    pub fn answer(&self, module: &Module, name: &str) -> PathBuf {
        self.module(module).join("src").join(format!("{name}.rs"))
    }

    /// Makes what a learner needs for this exercise; true if the answer was not there before.
    pub fn prepare(&self, module: &Module, exercise: &Exercise) -> Result<bool> {
        let path = self.answer(module, exercise.file);
        let new = files::read_if_there(&path)?.is_none();
        if new {
            files::write(&path, &exercise.stub())?;
        }
        let there = |exercise: &&&Exercise| self.answer(module, exercise.file).exists();
        let targets = module
            .exercises
            .iter()
            .filter(there)
            .map(|&exercise| Target {
                exercise,
                name: exercise.file.to_owned(),
                answer: None,
                strict: false,
            });
        self.write(module, &targets.collect::<Vec<_>>())?;
        Ok(new)
    }

    /// Writes the package of a module with these tests.
    pub fn write(&self, module: &Module, targets: &[Target<'_>]) -> Result<()> {
        let dir = self.module(module);
        let mut manifest = format!(
            "# Made by the runner.\n\n[package]\nname = \"{}\"\nedition = \"2024\"\npublish = false\n\
             autotests = false\n\n[dependencies]\n{}",
            module.package(),
            module.dependencies
        );
        for target in targets {
            manifest += &format!(
                "\n[[test]]\nname = \"{0}\"\npath = \"checks/{0}.rs\"\n",
                target.name
            );
            if let Some(answer) = &target.answer {
                files::write(&self.answer(module, &target.name), answer)?;
            }
            let check = dir.join("checks").join(format!("{}.rs", target.name));
            files::write(&check, &check_file(module, target))?;
        }
        for (name, text) in module.support {
            files::write(&dir.join("checks").join(format!("{name}.rs")), text)?;
        }
        files::write(&dir.join("Cargo.toml"), &manifest)?;
        self.workspace()
    }

    /// The workspace, with the modules that are there. The lockfile begins as the project's, and cargo
    /// takes out of it what no lab uses.
    fn workspace(&self) -> Result<()> {
        let root = place::root();
        let project = files::read(&root.join("Cargo.toml"))?;
        let lock = files::read(&root.join("Cargo.lock"))?;
        let members: Vec<String> = catalogue::MODULES
            .iter()
            .map(|module| module.folder)
            .chain(["tour"])
            .filter(|folder| self.dir.join(folder).join("Cargo.toml").exists())
            .map(|folder| format!("\"{folder}\""))
            .collect();
        let text = format!(
            "# Made by the runner, from Cargo.lock {}.\n\n[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n\
             {}\n{PROFILE}",
            files::hash(&lock),
            members.join(", "),
            dependencies(&project, &root)
        );
        let path = self.dir.join("Cargo.toml");
        if files::read_if_there(&path)?.as_deref() != Some(&text) {
            files::write(&self.dir.join("Cargo.lock"), &lock)?;
            files::write(&path, &text)?;
        }
        // For those who run `cargo test` in the lab by themselves.
        let target = root.join("target").display().to_string().replace('\\', "/");
        let config = format!("[build]\ntarget-dir = \"{target}\"\n");
        files::write(&self.dir.join(".cargo").join("config.toml"), &config)
    }

    /// Removes the files of tests that are not among these.
    pub fn sweep(&self, module: &Module, targets: &[Target<'_>]) -> Result<()> {
        for part in ["src", "checks"] {
            let dir = self.module(module).join(part);
            let Ok(entries) = fs::read_dir(&dir) else {
                continue;
            };
            for entry in entries.flatten() {
                let path = entry.path();
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let known = targets.iter().any(|target| target.name == stem)
                    || module.support.iter().any(|(name, _)| *name == stem);
                if !known {
                    fs::remove_file(&path).map_err(|error| Error::io("remove", &path, &error))?;
                }
            }
        }
        Ok(())
    }
}

/// What is hashed is slow beyond use without optimization. What has no debug information is built sooner, and
/// the line of a panic is known without it.
const PROFILE: &str = "[profile.dev]\ndebug = false\n\n\
    [profile.dev.package.sha2]\nopt-level = 3\n";

/// The versions of the project, with its own crates where they are.
fn dependencies(manifest: &str, root: &Path) -> String {
    let root = root.display().to_string().replace('\\', "/");
    let lines = manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]");
    let mut out = String::new();
    for (number, line) in lines.enumerate() {
        if number > 0 && line.starts_with('[') {
            break;
        }
        out += &line.replace("path = \"", &format!("path = \"{root}/"));
        out.push('\n');
    }
    out
}

/// The checks as they stand in a lab.
fn check_file(module: &Module, target: &Target<'_>) -> String {
    let lints = if target.strict {
        "dead_code"
    } else {
        "dead_code, unused"
    };
    let mut text = format!(
        "// Written anew by every run. What you edit is ../src/{0}.rs.\n\
         #![allow(dead_code)]\n\n\
         #[allow({lints})]\n#[path = \"../src/{0}.rs\"]\nmod answer;\n",
        target.name
    );
    for (name, _) in module.support {
        text += &format!("#[path = \"{name}.rs\"]\nmod {name};\n");
    }
    text.push('\n');
    text += target.exercise.check;
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_versions_are_the_labs() {
        let manifest = "[workspace]\n[workspace.dependencies]\na = \"1\"\nb = { path = \"x/b\" }\n\n[profile.dev]\nc = 1\n";
        assert_eq!(
            dependencies(manifest, Path::new("/r")),
            "[workspace.dependencies]\na = \"1\"\nb = { path = \"/r/x/b\" }\n\n"
        );
    }
}
