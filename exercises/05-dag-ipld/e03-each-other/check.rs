use std::collections::BTreeSet;

use cid::Cid;

use crate::answer::{Names, befriend, chase, friend, person};
use crate::blocks::Blocks;
use crate::value::{Value, map, text};

fn linked(blocks: &Blocks, cid: &Cid) -> Option<Cid> {
    match blocks.get(cid)?.entry("friend") {
        Some(Value::Link(friend)) => Some(*friend),
        _ => None,
    }
}

/// after three rounds there are four adas, each linked to a bob who is linked to the ada before
#[test]
fn a1_chase() {
    let blocks = Blocks::default();
    let adas = chase(&blocks, 3);
    let why = "each round makes a new version of both.";
    say::same("how many adas", &adas.len(), &4, why);
    let first = adas.first().and_then(|cid| blocks.get(cid));
    let wanted = Some(person("ada", Value::Null));
    say::same(
        "the first",
        &first,
        &wanted,
        "one has to begin without a friend.",
    );
    for (number, two) in adas.windows(2).enumerate() {
        let friend = linked(&blocks, &two[1]);
        let name = friend.and_then(|bob| blocks.get(&bob));
        let name = name.and_then(|bob| bob.entry("name").cloned());
        let what = format!("the name of the friend of ada {}", number + 1);
        say::same(&what, &name, &Some(text("bob")), why);
        let back = friend.and_then(|bob| linked(&blocks, &bob));
        let what = format!("whom the bob of ada {} links to", number + 1);
        say::same(
            &what,
            &back,
            &Some(two[0]),
            "it can be the last ada at best: the next one has no CID yet.",
        );
    }
}

/// it never ends: after a hundred rounds, no ada was there before
#[test]
fn a2_no_end() {
    let adas = chase(&Blocks::default(), 100);
    let different: BTreeSet<&Cid> = adas.iter().collect();
    let why = "a cycle would be a hash that contains itself. Who finds one has broken sha2-256.";
    say::same(
        "how many different adas after 100 rounds",
        &different.len(),
        &101,
        why,
    );
}

/// by name, each is the friend of the other
#[test]
fn a3_friends() {
    let (blocks, mut names) = (Blocks::default(), Names::new());
    befriend(&blocks, &mut names, "ada", "bob");
    let why = "the cycle is in the names, and not in the blocks.";
    let name =
        |who: &str| friend(&blocks, &names, who).and_then(|found| found.entry("name").cloned());
    say::same("the friend of ada", &name("ada"), &Some(text("bob")), why);
    say::same("the friend of bob", &name("bob"), &Some(text("ada")), why);
    let ada = names.get("ada").and_then(|cid| blocks.get(cid));
    let wanted = Some(map([("friend", text("bob")), ("name", text("ada"))]));
    say::same(
        "the block of ada",
        &ada,
        &wanted,
        "a link would fix a version of bob, and this one is not to be fixed.",
    );
}

/// whoever changes is found as they are now, and nobody who points at them has to change
#[test]
fn a4_now() {
    let (blocks, mut names) = (Blocks::default(), Names::new());
    befriend(&blocks, &mut names, "ada", "bob");
    let bob = names.get("bob").copied();
    let married = map([
        ("born", Value::Int(1815)),
        ("friend", text("bob")),
        ("name", text("ada")),
    ]);
    names.insert("ada".into(), blocks.put(&married));
    let why = "a name is asked each time. IPNS, in module 09, is such a name that one can prove.";
    say::same(
        "the friend of bob, who has changed",
        &friend(&blocks, &names, "bob"),
        &Some(married),
        why,
    );
    say::same(
        "the block of bob",
        &names.get("bob").copied(),
        &bob,
        "he did not change.",
    );
    say::same(
        "the friend of nobody",
        &friend(&blocks, &names, "eve"),
        &None,
        "nobody has none.",
    );
}
