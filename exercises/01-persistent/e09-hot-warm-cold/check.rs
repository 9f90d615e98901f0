use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use datastore::{Datastore, Key, Result};

use crate::answer::Tiered;
use crate::durable::Durable;
use crate::stores::{Watched, bytes, key};

/// Three stores in memory, with room for 30 bytes in hot and for 50 in warm.
struct Three {
    hot: Arc<Watched>,
    warm: Arc<Watched>,
    cold: Arc<Watched>,
    tiers: Tiered,
}

fn three() -> Three {
    let (hot, warm, cold) = (Watched::new(), Watched::new(), Watched::new());
    let tiers = Tiered::new(hot.clone(), warm.clone(), cold.clone(), 30, 50);
    Three {
        hot,
        warm,
        cold,
        tiers,
    }
}

fn put(tiers: &Tiered, name: &str, value: &str) {
    say::ok(
        &format!("put({name:?})"),
        tiers.put(&key(name), value.as_bytes()),
    );
}

fn get(tiers: &Tiered, name: &str) -> Option<String> {
    let value = say::ok(&format!("get({name:?})"), tiers.get(&key(name)));
    value.map(|value| String::from_utf8_lossy(&value).into_owned())
}

fn settle(tiers: &Tiered) {
    say::ok("settle", tiers.settle());
}

/// Ten values of ten bytes each.
fn filled() -> Three {
    let three = three();
    for n in 0..10 {
        put(&three.tiers, &format!("/k{n}"), &format!("value {n:04}"));
    }
    three
}

/// put, get, replace, delete
#[test]
fn a1_put_and_get() {
    let Three { tiers, .. } = three();
    let why = "three stores or one, that is what a store is for.";
    say::same("get before any put", &get(&tiers, "/a"), &None, why);
    put(&tiers, "/a", "one");
    put(&tiers, "/a", "two");
    say::same(
        "get after two puts",
        &get(&tiers, "/a").as_deref(),
        &Some("two"),
        why,
    );
    say::ok("delete", tiers.delete(&key("/a")));
    say::ok("delete, again", tiers.delete(&key("/a")));
    say::same("get after a delete", &get(&tiers, "/a"), &None, why);
}

/// every value is there after a settle, and every key is listed once
#[test]
fn a2_all_there() {
    let Three { tiers, .. } = filled();
    settle(&tiers);
    for n in 0..10 {
        let wanted = format!("value {n:04}");
        say::same(
            &format!("get(\"/k{n}\") after a settle"),
            &get(&tiers, &format!("/k{n}")),
            &Some(wanted),
            "a value that is in no tier is lost.",
        );
    }
    settle(&tiers);
    let yours: Vec<String> = say::ok("keys", tiers.keys())
        .iter()
        .map(Key::to_string)
        .collect();
    let wanted: Vec<String> = (0..10).map(|n| format!("/k{n}")).collect();
    say::same(
        "keys",
        &yours,
        &wanted,
        "what lies in two tiers is one value.",
    );
}

/// after a settle each tier keeps its limit, and warm is used
#[test]
fn b1_limits() {
    let three = filled();
    for round in 0..3 {
        for n in 0..10 {
            for _ in 0..(n + round) % 4 {
                get(&three.tiers, &format!("/k{n}"));
            }
        }
        settle(&three.tiers);
        let (hot, warm) = (bytes(&*three.hot), bytes(&*three.warm));
        let why = "memory and quick disks are small; that is why there are tiers.";
        say::that(
            hot <= 30 && warm <= 50,
            format!(
                "bytes in hot and warm after a settle\nyours   {hot} and {warm}\nlimits  30 and 50\nWhy it matters: {why}"
            ),
        );
        say::same(
            "bytes in warm, with 100 bytes in all",
            &warm,
            &50,
            "room that is not used is paid for nothing.",
        );
    }
}

/// what is read often comes up, and what is not goes down
#[test]
fn b2_moves() {
    let three = filled();
    settle(&three.tiers);
    let cold: Vec<Key> = stores::all(&*three.cold)
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    let Some(asked) = cold.first() else {
        say::wrong("nothing is in cold, with 100 bytes in all and 50 in warm");
    };
    for _ in 0..3 {
        say::ok("get", three.tiers.get(asked));
    }
    settle(&three.tiers);
    let why = "the second time somebody asks, it has to be near.";
    say::same(
        "what was read three times is in warm",
        &three.warm.get(asked).unwrap().is_some(),
        &true,
        why,
    );
    say::same(
        "and a copy of it in hot",
        &three.hot.get(asked).unwrap().is_some(),
        &true,
        why,
    );
    say::same(
        "and no longer in cold",
        &three.cold.get(asked).unwrap().is_some(),
        &false,
        "two copies on disk take the room of another value.",
    );
    settle(&three.tiers);
    say::same(
        "it is in hot after a settle in which nobody asked",
        &three.hot.get(asked).unwrap().is_some(),
        &false,
        "what was popular last year must not fill the memory for ever.",
    );
}

/// an old value never comes back from another tier
#[test]
fn b3_replaced() {
    let three = filled();
    settle(&three.tiers);
    let (in_cold, _) = stores::all(&*three.cold)[0].clone();
    for _ in 0..3 {
        say::ok("get", three.tiers.get(&in_cold));
    }
    settle(&three.tiers);
    let why = "a copy is a promise to change it, too.";
    for round in 0..3 {
        let new = format!("new {round}");
        say::ok("put", three.tiers.put(&in_cold, new.as_bytes()));
        for _ in 0..2 {
            let yours = get(&three.tiers, &in_cold.to_string());
            say::same(
                "get of what was replaced while a copy was in hot",
                &yours.as_deref(),
                &Some(new.as_str()),
                why,
            );
            settle(&three.tiers);
        }
    }
    // One that lies in cold, replaced, with a settle that finds it in both.
    let (in_cold, old) = stores::all(&*three.cold)[0].clone();
    say::ok("put", three.tiers.put(&in_cold, b"newer"));
    three.cold.put(&in_cold, &old).unwrap();
    settle(&three.tiers);
    let yours = get(&three.tiers, &in_cold.to_string());
    say::same(
        "get of what was replaced, with its old value still in cold",
        &yours.as_deref(),
        &Some("newer"),
        "a crash between two deletes leaves just this.",
    );
}

type Map = BTreeMap<Key, Bytes>;

/// Loses the power after every step of `work`, with what was not synced there or not on either disk; `wrong` says
/// what is, of what a reader then finds before and after a settle.
fn lose_power(
    warm: &Map,
    cold: &Map,
    work: impl Fn(&Tiered) -> Result<()>,
    wrong: impl Fn(&Tiered, bool) -> Option<String>,
    question: &str,
) {
    for steps in 0..200 {
        let left = Arc::new(Mutex::new(steps));
        let (on_warm, on_cold) = (Durable::new(warm, &left), Durable::new(cold, &left));
        let tiers = Tiered::new(Watched::new(), on_warm.clone(), on_cold.clone(), 30, 50);
        let done = work(&tiers).is_ok();
        for (lost_warm, lost_cold) in [(false, false), (true, false), (false, true), (true, true)] {
            let after = |store: &Durable, lost: bool| {
                let map = if lost { &store.safe } else { &store.live };
                map.lock().unwrap().clone()
            };
            let free = Arc::new(Mutex::new(u64::MAX));
            let warm = Durable::new(&after(&on_warm, lost_warm), &free);
            let cold = Durable::new(&after(&on_cold, lost_cold), &free);
            let told = |store: &Durable| {
                store
                    .live
                    .lock()
                    .unwrap()
                    .keys()
                    .map(Key::to_string)
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            let (in_warm, in_cold) = (told(&warm), told(&cold));
            let reader = Tiered::new(Watched::new(), warm, cold, 30, 50);
            for settled in [false, true] {
                if settled {
                    say::ok("settle", reader.settle());
                }
                if let Some(why) = wrong(&reader, done) {
                    let flushed = match (lost_warm, lost_cold) {
                        (false, false) => "everything had reached the disks",
                        (true, false) => "what was not synced is lost on warm",
                        (false, true) => "what was not synced is lost on cold",
                        (true, true) => "what was not synced is lost on both",
                    };
                    say::wrong(format!(
                        "power lost after step {steps}; {flushed}\nin warm  {in_warm}\nin cold  {in_cold}\n{why}{}\n{question}",
                        if settled { ", after a settle" } else { "" }
                    ));
                }
            }
        }
        if done {
            return;
        }
    }
    say::wrong("200 steps, and it does not come to an end");
}

fn map(entries: &[(&str, &str)]) -> Map {
    entries
        .iter()
        .map(|(name, value)| (key(name), Bytes::copy_from_slice(value.as_bytes())))
        .collect()
}

/// power lost during a settle: every value is there
#[test]
fn d1_power_settle() {
    let value = |n: u32| format!("value {n:04}");
    let warm: Vec<(String, String)> = (0..5).map(|n| (format!("/w{n}"), value(n))).collect();
    let cold: Vec<(String, String)> = (5..9).map(|n| (format!("/c{n}"), value(n))).collect();
    let to_map = |all: &[(String, String)]| {
        map(&all
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect::<Vec<_>>())
    };
    lose_power(
        &to_map(&warm),
        &to_map(&cold),
        |tiers| {
            for name in ["/c5", "/c6", "/c5"] {
                tiers.get(&key(name))?;
            }
            tiers.settle()
        },
        |reader, _| {
            let lost = warm
                .iter()
                .chain(&cold)
                .find(|(name, value)| get(reader, name).as_ref() != Some(value));
            lost.map(|(name, _)| format!("a reader finds {name} = {:?}", get(reader, name)))
        },
        "A move is a copy and a delete. What has to lie between them?",
    );
}

/// power lost during a put of what lies in cold: the old one or the new one, and after it the new one
#[test]
fn d2_power_put() {
    lose_power(
        &map(&[("/a", "one")]),
        &map(&[("/b", "old")]),
        |tiers| tiers.put(&key("/b"), b"new"),
        |reader, done| match (get(reader, "/b").as_deref(), done) {
            (Some("new"), _) | (Some("old"), false) => None,
            (other, done) => Some(format!(
                "a reader finds /b = {other:?}, and the put was {}acknowledged",
                if done { "" } else { "not yet " }
            )),
        },
        "Until the new value is durable, the old one must stay.",
    );
}

/// power lost during a delete of what lies in two tiers: no older value comes back
#[test]
fn d3_power_delete() {
    lose_power(
        &map(&[("/a", "new")]),
        &map(&[("/a", "old"), ("/b", "one")]),
        |tiers| tiers.delete(&key("/a")),
        |reader, done| match (get(reader, "/a").as_deref(), done) {
            (None, _) | (Some("new"), false) => None,
            (other, done) => Some(format!(
                "a reader finds /a = {other:?}, and the delete was {}acknowledged",
                if done { "" } else { "not yet " }
            )),
        },
        "An old value hides behind a newer one. Which has to go first?",
    );
}

/// what is hot is read without a disk
#[test]
fn e1_hot_reads() {
    let three = filled();
    for _ in 0..3 {
        get(&three.tiers, "/k0");
    }
    settle(&three.tiers);
    let before = three.warm.count("get") + three.cold.count("get");
    for _ in 0..100 {
        get(&three.tiers, "/k0");
    }
    let reads = three.warm.count("get") + three.cold.count("get") - before;
    say::same(
        "reads of warm and cold for a hundred gets of what is hot",
        &reads,
        &0,
        "that is what the memory is for.",
    );
}

/// a settle of many values costs few syncs, and one with nothing to do no write
#[test]
fn e2_settle() {
    let three = filled();
    let before = three.warm.count("sync") + three.cold.count("sync");
    settle(&three.tiers);
    let syncs = three.warm.count("sync") + three.cold.count("sync") - before;
    say::that(
        syncs <= 2,
        format!(
            "syncs for moving five values down\nyours   {syncs}\nours    1\nWhy it matters: a sync takes milliseconds; one a value makes a settle of a million values last for an hour."
        ),
    );
    let writes = |three: &Three| {
        [&three.warm, &three.cold]
            .iter()
            .map(|tier| tier.count("put") + tier.count("delete"))
            .sum::<usize>()
    };
    let before = writes(&three);
    settle(&three.tiers);
    say::same(
        "writes to warm and cold of a second settle",
        &(writes(&three) - before),
        &0,
        "it runs every minute, and mostly there is nothing to do.",
    );
}
