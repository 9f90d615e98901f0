//! `cargo x ladder`: a crate uses what stands below it only.
//!
//! The rules, over normal, dev- and build-dependencies alike:
//!
//! - `modules/NN-name` uses `shared/*` and modules with a lower number;
//! - `shared/*` uses the shared crates above it in the order of the workspace;
//! - `xtask` uses `shared/*`; nothing uses `xtask`, `exercises`, `fuzz` or `benches`;
//! - `modules/NN-name` is the package `name` with the program `NN-name`, which
//!   `cargo run -p name` runs;
//! - every crate takes its lints from the workspace, and those forbid `unsafe`;
//! - a bare `cargo build` builds every crate but `benches`.

use anyhow::Result;

use crate::metadata::{self, Member};
use crate::workspace;

/// Checks the workspace.
pub fn run() -> Result<String> {
    let root = workspace::root()?;
    let members = metadata::members(&root)?;
    let manifest = workspace::read(&root, "Cargo.toml")?;
    workspace::refuse("the ladder is broken", &faults(&members, &manifest))?;
    Ok(format!(
        "ladder: {} crates, each on those below it",
        members.len()
    ))
}

/// Where in the ladder a folder stands. What may be used is below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rung {
    /// By its place in the workspace.
    Shared(usize),
    /// By its number.
    Module(u32),
    /// `xtask`, `exercises`, `fuzz`, `benches`: used by nothing.
    Top,
}

fn rung(folder: &str, place: usize) -> Option<Rung> {
    if let Some(("modules", name)) = folder.split_once('/') {
        let (number, _) = name.split_once('-')?;
        let digits = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
        digits
            .then(|| number.parse().ok())
            .flatten()
            .map(Rung::Module)
    } else if folder.starts_with("shared/") {
        Some(Rung::Shared(place))
    } else {
        ["xtask", "exercises", "fuzz", "benches"]
            .contains(&folder)
            .then_some(Rung::Top)
    }
}

/// What breaks the rules, a line each.
fn faults(members: &[Member], workspace: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let stands = |folder: &str| {
        let place = members.iter().position(|member| member.folder == folder)?;
        rung(folder, place)
    };
    for member in members {
        let Some(own) = stands(&member.folder) else {
            faults.push(format!(
                "{}: a crate is in shared/NAME or modules/NN-NAME, or is xtask, exercises, fuzz or benches",
                member.folder
            ));
            continue;
        };
        for used in &member.uses {
            match stands(used) {
                None => faults.push(format!(
                    "{} uses {used}, which is no crate of the ladder",
                    member.folder
                )),
                Some(Rung::Top) => faults.push(format!(
                    "{} uses {used}, which nothing may use",
                    member.folder
                )),
                Some(below) if below >= own => {
                    faults.push(format!(
                        "{} uses {used}, which does not stand below it",
                        member.folder
                    ));
                }
                Some(Rung::Module(_)) if member.folder == "xtask" => {
                    faults.push(format!("xtask uses {used}; it may use shared/* only"));
                }
                Some(_) => {}
            }
        }
        if let Rung::Module(number) = own {
            names(member, &mut faults);
            let twin = |other: &&Member| {
                other.folder != member.folder && stands(&other.folder) == Some(own)
            };
            if let Some(twin) = members.iter().find(twin) {
                faults.push(format!(
                    "{} and {} share the number {number:02}",
                    member.folder, twin.folder
                ));
            }
        }
        if setting(&member.manifest, "lints", "workspace") != Some("true") {
            faults.push(format!(
                "{}/Cargo.toml lacks [lints] workspace = true",
                member.folder
            ));
        }
        match (member.default, member.folder == "benches") {
            (false, false) => {
                faults.push(format!("{} is missing from default-members", member.folder))
            }
            (true, true) => faults.push(
                "benches is in default-members; its features would unify into cargo run".into(),
            ),
            _ => {}
        }
    }
    if setting(workspace, "workspace.lints.rust", "unsafe_code") != Some("\"forbid\"") {
        faults.push("Cargo.toml lacks [workspace.lints.rust] unsafe_code = \"forbid\"".into());
    }
    faults
}

/// `modules/NN-name` is the package `name` with the program `NN-name`.
fn names(member: &Member, faults: &mut Vec<String>) {
    let folder = &member.folder;
    let Some((_, program)) = folder.split_once('/') else {
        return;
    };
    let name = program.split_once('-').map_or(program, |(_, name)| name);
    if member.name != name {
        faults.push(format!(
            "{folder} is the package {}, not {name}",
            member.name
        ));
    }
    if !member.bins.iter().any(|bin| bin == program) {
        faults.push(format!("{folder} has no program {program}"));
    }
    if member.default_run.as_deref() != Some(program) {
        faults.push(format!(
            "{folder}/Cargo.toml lacks default-run = \"{program}\""
        ));
    }
}

/// The value of `key` in `[table]` of a manifest, as it is written.
fn setting<'a>(manifest: &'a str, table: &str, key: &str) -> Option<&'a str> {
    let mut inside = false;
    for line in manifest.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(name) = line.strip_prefix('[') {
            inside = name
                .strip_suffix(']')
                .is_some_and(|name| name.trim() == table);
        } else if inside
            && let Some((left, right)) = line.split_once('=')
            && left.trim() == key
        {
            return Some(right.trim());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const FORBIDS: &str = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n";

    fn member(folder: &str, uses: &[&str]) -> Member {
        let program = folder.strip_prefix("modules/");
        Member {
            name: program
                .map_or(folder, |p| p.split_once('-').unwrap().1)
                .to_owned(),
            folder: folder.to_owned(),
            bins: program.map(str::to_owned).into_iter().collect(),
            pictures: None,
            default_run: program.map(str::to_owned),
            uses: uses.iter().map(|&used| used.to_owned()).collect(),
            default: folder != "benches",
            manifest: "[lints]\nworkspace = true\n".to_owned(),
        }
    }

    fn good() -> Vec<Member> {
        vec![
            member("shared/datastore", &[]),
            member("shared/testkit", &["shared/datastore"]),
            member(
                "modules/00-block-cid",
                &["shared/datastore", "shared/testkit"],
            ),
            member("modules/01-persistent", &["modules/00-block-cid"]),
            member("xtask", &["shared/testkit"]),
            member("exercises", &["modules/01-persistent"]),
            member("benches", &["modules/01-persistent", "shared/datastore"]),
        ]
    }

    /// The one fault of the good workspace after `change`.
    fn fault(change: impl FnOnce(&mut Vec<Member>)) -> String {
        let mut members = good();
        change(&mut members);
        let faults = faults(&members, FORBIDS);
        assert_eq!(faults.len(), 1, "{faults:#?}");
        faults.into_iter().next().unwrap()
    }

    #[test]
    fn the_good_workspace_has_no_fault() {
        assert_eq!(faults(&good(), FORBIDS), [""; 0]);
    }

    #[test]
    fn a_module_on_a_higher_one_is_a_fault() {
        let told = fault(|m| m[2].uses.push("modules/01-persistent".into()));
        assert_eq!(
            told,
            "modules/00-block-cid uses modules/01-persistent, which does not stand below it"
        );
    }

    #[test]
    fn a_shared_crate_on_a_module_is_a_fault() {
        assert!(
            fault(|m| m[1].uses.push("modules/00-block-cid".into()))
                .contains("does not stand below")
        );
    }

    #[test]
    fn a_shared_crate_on_a_later_one_is_a_fault() {
        assert!(
            fault(|m| m[0].uses.push("shared/testkit".into())).contains("does not stand below")
        );
    }

    #[test]
    fn nothing_uses_the_top() {
        for top in ["xtask", "exercises", "benches"] {
            assert!(
                fault(|m| m[3].uses.push(top.into())).contains("nothing may use"),
                "{top}"
            );
        }
        assert!(fault(|m| m[6].uses.push("xtask".into())).contains("nothing may use"));
    }

    #[test]
    fn xtask_on_a_module_is_a_fault() {
        assert!(fault(|m| m[4].uses.push("modules/00-block-cid".into())).contains("shared/* only"));
    }

    #[test]
    fn a_path_out_of_the_ladder_is_a_fault() {
        assert!(
            fault(|m| m[3].uses.push("../elsewhere".into())).contains("no crate of the ladder")
        );
        assert!(fault(|m| m.push(member("tools", &[]))).contains("a crate is in shared/NAME"));
        assert!(
            fault(|m| m.push(member("modules/x-y", &[]))).contains("a crate is in shared/NAME")
        );
    }

    #[test]
    fn names_follow_the_folder() {
        assert!(fault(|m| m[3].name = "store".into()).contains("package store, not persistent"));
        assert!(
            fault(|m| m[3].bins = vec!["persistent".into()]).contains("no program 01-persistent")
        );
        assert!(fault(|m| m[3].default_run = None).contains("lacks default-run"));
    }

    #[test]
    fn two_modules_of_one_number_are_a_fault() {
        let mut members = good();
        members.push(member("modules/01-other", &[]));
        assert_eq!(
            faults(&members, FORBIDS).len(),
            2,
            "told for each of the two"
        );
    }

    #[test]
    fn lints_come_from_the_workspace() {
        for manifest in [
            "",
            "[lints]\n",
            "[lints]\n# workspace = true\n",
            "[other]\nworkspace = true\n",
        ] {
            assert!(
                fault(|m| m[0].manifest = manifest.into()).contains("lacks [lints]"),
                "{manifest}"
            );
        }
        for weaker in ["", "[workspace.lints.rust]\nunsafe_code = \"deny\"\n"] {
            assert_eq!(faults(&good(), weaker).len(), 1, "{weaker}");
        }
    }

    #[test]
    fn default_members_are_all_but_benches() {
        assert!(fault(|m| m[1].default = false).contains("missing from default-members"));
        assert!(fault(|m| m[6].default = true).contains("benches is in default-members"));
    }

    #[test]
    fn this_workspace_stands() {
        run().unwrap();
    }
}
