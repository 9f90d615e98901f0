//! All exercises, in order.

use crate::error::{Error, Result};
use crate::exercise::{Exercise, Module};

#[path = "../00-block-cid/exercises.rs"]
mod block_cid;
#[path = "../05-dag-ipld/exercises.rs"]
mod dag_ipld;
#[path = "../01-persistent/exercises.rs"]
mod persistent;
#[path = "../06-unixfs-car/exercises.rs"]
mod unixfs_car;

/// The modules.
pub const MODULES: &[Module] = &[
    block_cid::MODULE,
    persistent::MODULE,
    dag_ipld::MODULE,
    unixfs_car::MODULE,
];

/// All exercises, each with its module.
pub fn all() -> impl Iterator<Item = (&'static Module, &'static Exercise)> {
    let with = |module: &'static Module| module.exercises.iter().map(move |&one| (module, one));
    MODULES.iter().flat_map(with)
}

/// The exercise of this id.
///
/// # Errors
/// Wrong usage, with the ids there are.
pub fn find(id: &str) -> Result<(&'static Module, &'static Exercise)> {
    let is = |exercise: &Exercise| exercise.id == id || exercise.file == id;
    all().find(|(_, exercise)| is(exercise)).ok_or_else(|| {
        let ids: Vec<&str> = all().map(|(_, exercise)| exercise.id).collect();
        Error::usage(format!(
            "there is no exercise {id:?}; there are {}",
            ids.join(" ")
        ))
    })
}

/// The module of this number or folder.
///
/// # Errors
/// Wrong usage, with those there are.
pub fn module(name: &str) -> Result<&'static Module> {
    let is = |module: &&Module| module.number == name || module.folder == name;
    MODULES.iter().find(is).ok_or_else(|| {
        let known: Vec<&str> = MODULES.iter().map(|module| module.number).collect();
        Error::usage(format!(
            "there is no module {name:?} with exercises; there are {}",
            known.join(" ")
        ))
    })
}
