use cid::Cid;

use crate::answer::{Refused, backup, restore};
use crate::disk::{Disk, Taken};
use crate::vault::{Item, Vault};

const TO: &str = "/disk/ada/new";

/// A disk with the folder `/disk/ada` and a file outside of it.
fn disk() -> Disk {
    let mut disk = Disk::default();
    for made in [
        disk.make_folder("/disk"),
        disk.make_folder("/disk/ada"),
        disk.make_file("/disk/keys", b"secret"),
    ] {
        say::ok("a disk", made);
    }
    disk
}

/// Ada's folder, with a file, an empty folder, a folder in a folder, and links that stay inside.
fn ada() -> Disk {
    let mut disk = disk();
    let mut make = || -> Result<(), Taken> {
        disk.make_folder("/disk/ada/old")?;
        disk.make_file("/disk/ada/old/notes", b"on the Engine")?;
        disk.make_folder("/disk/ada/old/empty")?;
        disk.make_folder("/disk/ada/old/a")?;
        disk.make_folder("/disk/ada/old/a/b")?;
        disk.make_file("/disk/ada/old/a/b/...", b"a good name")?;
        disk.make_link("/disk/ada/old/a/b/up", "../../notes")?;
        disk.make_link("/disk/ada/old/here", "./a/b")?;
        disk.make_link("/disk/ada/old/nowhere", "not there yet")
    };
    say::ok("a disk", make());
    disk
}

fn folder<const N: usize>(vault: &Vault, entries: [(&str, Item); N]) -> Cid {
    let entry = |(name, item): (&str, Item)| (name.to_owned(), vault.put(item));
    vault.put(Item::Folder(entries.into_iter().map(entry).collect()))
}

fn file(text: &str) -> Item {
    Item::File(text.into())
}

fn link(target: &str) -> Item {
    Item::Link(target.into())
}

/// A backup that has to be refused in this way, with nothing written.
fn refused(what: &str, vault: &Vault, root: &Cid, wanted: Refused, why: &str) {
    let before = disk();
    let mut after = before.clone();
    let yours = restore(vault, root, &mut after, TO);
    let outside = after.outside(TO);
    let outside: Vec<_> = outside
        .iter()
        .filter(|path| !before.outside(TO).contains(path))
        .collect();
    if !outside.is_empty() {
        say::wrong(format!(
            "restore of {what}\nyours   {yours:?}, and it wrote {outside:?}\nwanted  {:?}, and nothing outside of {TO:?}\n\
             Why it matters: {why}",
            Err::<(), _>(&wanted)
        ));
    }
    say::same(&format!("restore of {what}"), &yours, &Err(wanted), why);
    let why = "half a folder looks like a folder.";
    say::same(
        &format!("what was written of {what}"),
        &after.told(TO),
        &Vec::new(),
        why,
    );
}

/// a folder is saved and restored as it was
#[test]
fn a1_there_and_back() {
    let (mut disk, vault) = (ada(), Vault::default());
    let root = backup(&disk, "/disk/ada/old", &vault);
    say::same(
        "restore",
        &restore(&vault, &root, &mut disk, TO),
        &Ok(()),
        "all that is in it is good.",
    );
    let (yours, wanted) = (disk.told(TO), disk.told("/disk/ada/old"));
    let lacks: Vec<_> = wanted.iter().filter(|line| !yours.contains(line)).collect();
    let more: Vec<_> = yours.iter().filter(|line| !wanted.contains(line)).collect();
    say::that(
        lacks.is_empty() && more.is_empty(),
        format!(
            "what is restored\nit lacks      {lacks:?}\nit has more   {more:?}\n\
             Why it matters: a backup is for the day when there is nothing else."
        ),
    );
}

/// a backup has links as they are, and not what they lead to
#[test]
fn a2_links() {
    let (mut disk, vault) = (ada(), Vault::default());
    say::ok("a link", disk.make_link("/disk/ada/old/out", "/disk/keys"));
    let root = backup(&disk, "/disk/ada/old", &vault);
    let Some(Item::Folder(entries)) = vault.get(&root) else {
        say::wrong("the root is no folder");
    };
    let out = entries.iter().find(|(name, _)| name == "out");
    let out = out.and_then(|(_, cid)| vault.get(cid));
    let why = "the keys were not asked to be saved. And a link may lead to a folder above itself.";
    say::same(
        "the item of the link out",
        &out,
        &Some(link("/disk/keys")),
        why,
    );
}

/// what is there already is not written over
#[test]
fn a3_exists() {
    let (mut disk, vault) = (ada(), Vault::default());
    let root = folder(&vault, [("notes", file("empty words"))]);
    let yours = restore(&vault, &root, &mut disk, "/disk/ada/old");
    let why = "the one in the backup is the older one, as a rule.";
    let wanted = Err(Refused::Exists("/disk/ada/old".into()));
    say::same("restore to a folder that is there", &yours, &wanted, why);
}

/// names that are none: .. and ., nothing, with a slash, with NUL
#[test]
fn d1_names() {
    let why = "a name from a stranger becomes a path of yours. This was Zip Slip, in thousands of programs in 2018.";
    for name in [
        "..",
        "../../keys",
        ".",
        "",
        "/disk/keys2",
        "a/b",
        "keys\0.txt",
    ] {
        let vault = Vault::default();
        let root = folder(&vault, [("good", file("1")), (name, file("2"))]);
        refused(
            &format!("a file called {name:?}"),
            &vault,
            &root,
            Refused::Name(name.into()),
            why,
        );
    }
    let vault = Vault::default();
    let inner = folder(&vault, [("x", file("1"))]);
    let root = vault.put(Item::Folder(vec![("..".into(), inner)]));
    refused(
        "a folder called \"..\"",
        &vault,
        &root,
        Refused::Name("..".into()),
        why,
    );
}

/// links that lead out: from /, and up too far
#[test]
fn d2_links() {
    let why = "the next program that writes through the link writes where it leads.";
    for target in [
        "/",
        "/disk/keys",
        "..",
        "../../keys",
        "./../keys",
        "../new",
        "a\0b",
    ] {
        let vault = Vault::default();
        let root = folder(&vault, [("out", link(target))]);
        let wanted = Refused::Outside(target.into());
        refused(&format!("a link to {target:?}"), &vault, &root, wanted, why);
    }
    let vault = Vault::default();
    let inner = folder(&vault, [("out", link("../../keys"))]);
    let root = vault.put(Item::Folder(vec![("a".into(), inner)]));
    let wanted = Refused::Outside("../../keys".into());
    refused(
        "a link to \"../../keys\" in a folder",
        &vault,
        &root,
        wanted,
        why,
    );
}

/// links that lead out over another link
#[test]
fn d3_two_links() {
    let vault = Vault::default();
    let root = folder(
        &vault,
        [("here", link(".")), ("out", link("here/here/../../keys"))],
    );
    let why = "each name of a path may be a link itself: here/here/.. is not here, but above it.";
    let wanted = Refused::Outside("here/here/../../keys".into());
    refused("a link to . and one over it", &vault, &root, wanted, why);
}

/// a link and a folder of one name
#[test]
fn d4_twice() {
    let vault = Vault::default();
    let inner = folder(&vault, [("x", file("1"))]);
    let link = vault.put(link("b"));
    let root = vault.put(Item::Folder(vec![("a".into(), link), ("a".into(), inner)]));
    let why =
        "what is second goes through what is first: node-tar and git have both had this hole.";
    refused(
        "a link a, and a folder a",
        &vault,
        &root,
        Refused::Name("a".into()),
        why,
    );
}

/// an item is missing, at the very end
#[test]
fn d5_missing() {
    let vault = Vault::default();
    let lost = vault.put(file("lost"));
    let first = vault.put(file("first"));
    let root = vault.put(Item::Folder(vec![("a".into(), first), ("b".into(), lost)]));
    vault.lose(&lost);
    let why = "who knows which is missing can fetch it, and begin anew.";
    refused(
        "a backup that lacks an item",
        &vault,
        &root,
        Refused::Missing(lost),
        why,
    );
}

/// fifteen items that unfold to thirty thousand
#[test]
fn d6_unfolds() {
    let vault = Vault::default();
    let mut cid = vault.put(file("x"));
    for _ in 0..14 {
        cid = vault.put(Item::Folder(vec![("a".into(), cid), ("b".into(), cid)]));
    }
    let why = "a folder may be in a folder twice: with sixty of them the disk is too small, whichever it is.";
    refused("a backup that unfolds", &vault, &cid, Refused::TooMany, why);
}
