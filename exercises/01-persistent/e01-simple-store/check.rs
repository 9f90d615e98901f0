use std::collections::HashMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::Mutex;

use crate::answer::{ALPHABET, KvStore, MAX_LEN, SimpleStore, keeps_its_promises};

fn write(store: &SimpleStore, at: (&str, &str, &str), value: &str) {
    let what = format!("write{at:?}");
    say::ok(&what, store.write(at.0, at.1, at.2, value.into()));
}

fn reads(store: &SimpleStore, at: (&str, &str, &str), wanted: &str, why: &str) {
    let yours = say::ok(&format!("read{at:?}"), store.read(at.0, at.1, at.2));
    let yours = String::from_utf8_lossy(&yours).into_owned();
    say::same(&format!("read{at:?}"), &yours.as_str(), &wanted, why);
}

fn kind<T>(result: Result<T>) -> std::result::Result<&'static str, ErrorKind> {
    result.map(|_| "a value").map_err(|error| error.kind())
}

/// what was written is read
#[test]
fn a1_write_and_read() {
    let store = SimpleStore::default();
    write(&store, ("wallet", "main", "seed"), "one");
    reads(
        &store,
        ("wallet", "main", "seed"),
        "one",
        "that is what a store is for.",
    );
}

/// list gives the keys
#[test]
fn a2_list() {
    let store = SimpleStore::default();
    write(&store, ("wallet", "main", "seed"), "one");
    write(&store, ("wallet", "main", "height"), "two");
    let mut yours = say::ok("list(\"wallet\", \"main\")", store.list("wallet", "main"));
    yours.sort();
    let wanted = vec!["height".to_owned(), "seed".to_owned()];
    let why = "at a start, this is how a program finds what it had.";
    say::same("list(\"wallet\", \"main\"), sorted", &yours, &wanted, why);
}

/// promise 1: what is not there is NotFound, and no panic
#[test]
fn b1_missing() {
    let store = SimpleStore::default();
    let why = "at the very first start nothing is there, and the program has to go on.";
    say::same(
        "read of what is not there",
        &kind(store.read("a", "b", "k")),
        &Err(ErrorKind::NotFound),
        why,
    );
}

/// promise 2: a later write replaces
#[test]
fn b2_replace() {
    let store = SimpleStore::default();
    write(&store, ("a", "b", "k"), "old");
    write(&store, ("a", "b", "k"), "new");
    reads(
        &store,
        ("a", "b", "k"),
        "new",
        "an old state of a payment channel costs real money.",
    );
}

/// promise 3: remove forgets, and succeeds where nothing is
#[test]
fn b3_remove() {
    let store = SimpleStore::default();
    let why = "after a crash a removal is done again, and must not fail for having been done.";
    say::same(
        "remove of what is not there",
        &kind(store.remove("a", "b", "k").map(drop)),
        &Ok("a value"),
        why,
    );
    write(&store, ("a", "b", "k"), "old");
    say::ok("remove", store.remove("a", "b", "k"));
    let yours = kind(store.read("a", "b", "k"));
    say::same(
        "read after a remove",
        &yours,
        &Err(ErrorKind::NotFound),
        "gone is gone.",
    );
}

/// promise 4: list gives the keys of these namespaces, and of no others
#[test]
fn b4_list_is_exact() {
    let store = SimpleStore::default();
    let nothing: Vec<String> = Vec::new();
    let why = "an unknown namespace is empty, and no error.";
    say::same(
        "list of an unknown namespace",
        &say::ok("list", store.list("a", "b")),
        &nothing,
        why,
    );
    for (primary, secondary) in [("a", "b"), ("a", "bc"), ("ab", "c"), ("a", ""), ("", "")] {
        write(
            &store,
            (primary, secondary, &format!("in-{primary}-{secondary}")),
            "x",
        );
    }
    for (primary, secondary) in [("a", "b"), ("a", ""), ("", "")] {
        let what = format!("list({primary:?}, {secondary:?})");
        let yours = say::ok(&what, store.list(primary, secondary));
        let wanted = vec![format!("in-{primary}-{secondary}")];
        say::same(
            &what,
            &yours,
            &wanted,
            "a prefix is not a namespace: \"b\" is no part of \"bc\".",
        );
    }
}

/// joined names do not collide
#[test]
fn b5_no_collision() {
    let store = SimpleStore::default();
    let all = [
        ("a", "b", "c"),
        ("ab", "", "c"),
        ("a", "", "bc"),
        ("", "", "abc"),
        ("a_b", "", "c"),
        ("a", "b_c", "d"),
        ("a_b", "c", "d"),
        ("a-b", "", "c"),
        ("a", "b-c", "d"),
        ("a-b", "c", "d"),
    ];
    for at in all {
        write(&store, at, &format!("{at:?}"));
    }
    for at in all {
        let why = "two values under one joined name: the second destroys the first.";
        reads(&store, at, &format!("{at:?}"), why);
    }
}

/// promises 5 and 6: names that are none are refused by every operation
#[test]
fn b6_names() {
    let long = "k".repeat(MAX_LEN + 1);
    let longest = "k".repeat(MAX_LEN);
    let store = SimpleStore::default();
    write(
        &store,
        (&longest, ALPHABET, &longest),
        "120 characters, and every letter there is",
    );
    let why = "a key becomes the name of a file some day: \"../..\" leads out, and \"é\" has two spellings.";
    for (primary, secondary, key) in [
        ("a", "b", ""),
        ("", "b", "k"),
        ("a", "b", "k/../x"),
        ("a/b", "", "k"),
        ("a", "b c", "k"),
        ("a", "b", "é"),
        ("a", "b", "k.tmp"),
        ("a", "b", &long),
        (&long, "b", "k"),
        ("a", &long, "k"),
    ] {
        let at = format!("({primary:?}, {secondary:?}, {key:?})");
        let wanted = Err(ErrorKind::InvalidInput);
        say::same(
            &format!("read{at}"),
            &kind(store.read(primary, secondary, key)),
            &wanted,
            why,
        );
        let wrote = kind(store.write(primary, secondary, key, vec![1]));
        say::same(&format!("write{at}"), &wrote, &wanted, why);
        let removed = kind(store.remove(primary, secondary, key));
        say::same(&format!("remove{at}"), &removed, &wanted, why);
    }
    let yours = kind(store.list("", "b"));
    say::same(
        "list(\"\", \"b\")",
        &yours,
        &Err(ErrorKind::InvalidInput),
        why,
    );
}

/// What is wrong with a store on purpose.
#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    Nothing,
    NotFoundIsOther,
    FirstWins,
    RemoveFails,
    RemoveForgetsNothing,
    ListsByPrefix,
    Joins,
}

/// As it was published, with one flaw or none.
struct Published(Flaw, Mutex<HashMap<String, Vec<u8>>>);

impl Published {
    fn key(&self, p: &str, s: &str, k: &str) -> String {
        match self.0 {
            Flaw::Joins => format!("{p}{s}{k}"),
            _ => format!("{p}/{s}/{k}"),
        }
    }
}

impl KvStore for Published {
    fn read(&self, p: &str, s: &str, k: &str) -> Result<Vec<u8>> {
        let kind = if self.0 == Flaw::NotFoundIsOther {
            ErrorKind::Other
        } else {
            ErrorKind::NotFound
        };
        self.1
            .lock()
            .unwrap()
            .get(&self.key(p, s, k))
            .cloned()
            .ok_or(Error::from(kind))
    }

    fn write(&self, p: &str, s: &str, k: &str, value: Vec<u8>) -> Result<()> {
        let mut map = self.1.lock().unwrap();
        match self.0 {
            Flaw::FirstWins => drop(map.entry(self.key(p, s, k)).or_insert(value)),
            _ => drop(map.insert(self.key(p, s, k), value)),
        }
        Ok(())
    }

    fn remove(&self, p: &str, s: &str, k: &str) -> Result<()> {
        let mut map = self.1.lock().unwrap();
        match (self.0, map.contains_key(&self.key(p, s, k))) {
            (Flaw::RemoveFails, false) => return Err(ErrorKind::NotFound.into()),
            (Flaw::RemoveForgetsNothing, _) => {}
            _ => drop(map.remove(&self.key(p, s, k))),
        }
        Ok(())
    }

    fn list(&self, p: &str, s: &str) -> Result<Vec<String>> {
        let map = self.1.lock().unwrap();
        let prefix = match self.0 {
            Flaw::ListsByPrefix => format!("{p}/{s}"),
            Flaw::Joins => format!("{p}{s}"),
            _ => format!("{p}/{s}/"),
        };
        let last = |key: &String| key.rsplit('/').next().unwrap_or_default().to_owned();
        Ok(map
            .keys()
            .filter(|key| key.starts_with(&prefix))
            .map(last)
            .collect())
    }
}

fn published(flaw: Flaw) -> Published {
    Published(flaw, Mutex::default())
}

/// your own check passes a store that keeps its promises
#[test]
fn b7_check_passes_good() {
    for (name, verdict) in [
        ("yours", keeps_its_promises(&SimpleStore::default())),
        ("ours", keeps_its_promises(&published(Flaw::Nothing))),
    ] {
        say::that(
            verdict,
            format!(
                "keeps_its_promises says no to a store that is right ({name})\nWhy it matters: a check that fails good work is switched off."
            ),
        );
    }
}

/// your own check catches six stores that were published
#[test]
fn b8_check_catches_bad() {
    for (flaw, words) in [
        (
            Flaw::NotFoundIsOther,
            "gives an error of another kind for a key that is not there",
        ),
        (Flaw::FirstWins, "keeps the first value for ever"),
        (Flaw::RemoveFails, "fails to remove what is not there"),
        (Flaw::RemoveForgetsNothing, "removes nothing at all"),
        (Flaw::ListsByPrefix, "lists the keys of \"bc\" under \"b\""),
        (Flaw::Joins, "joins names without a mark between them"),
    ] {
        say::that(
            !keeps_its_promises(&published(flaw)),
            format!(
                "keeps_its_promises says yes to a store that {words}\nWhy it matters: a check that lets it pass is why it was published."
            ),
        );
    }
}
