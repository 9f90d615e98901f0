use crate::answer::MemStore;
use datastore::{Batch, Datastore, Key, contract};
use std::sync::atomic::{AtomicBool, Ordering};

/// what was put is what is got; an empty value is a value
#[test]
fn a1_put_and_get() {
    promise::kept(
        "1. what was put is what is got, byte for byte; an empty value is a value",
        MemStore::new,
        contract::what_was_put_is_what_is_got,
        "a store that trims or loses the empty value loses somebody's file.",
    );
}

/// an absent key is None
#[test]
fn a2_absent() {
    promise::kept(
        "2. an absent key is Ok(None)",
        MemStore::new,
        contract::an_absent_key_is_none,
        "absence is an answer; an error makes people look for a fault.",
    );
}

/// a later put replaces, a delete forgets, and twice is fine
#[test]
fn a3_replace_and_delete() {
    let why = "retries after a crash do things twice.";
    for check in [
        contract::a_later_put_replaces,
        contract::a_delete_forgets,
        contract::delete_is_idempotent,
    ] {
        promise::kept(
            "3. a later put replaces; a delete forgets, twice is fine",
            MemStore::new,
            check,
            why,
        );
    }
}

/// has, size, get_range and get_many agree with get
#[test]
fn b1_agree() {
    let why = "defaulted methods are made of yours: if one is wrong, so is what it is made of.";
    for check in [
        contract::has_and_size_agree_with_get,
        contract::a_range_is_cut_where_the_value_ends,
        contract::get_many_answers_in_order,
    ] {
        promise::kept(
            "4. has, size and ranges agree with get",
            MemStore::new,
            check,
            why,
        );
    }
}

/// a query gives strict children, each once
#[test]
fn b2_children() {
    promise::kept(
        "5. a query gives each strict child once",
        MemStore::new,
        contract::a_query_gives_strict_children_once,
        "/pinsize is no child of /pins: a collector that thinks so deletes what it should keep.",
    );
}

/// first the keys that are no blocks, in order, then blocks
#[test]
fn b3_order() {
    let why = "whoever reads settings first can stop before a million blocks.";
    for check in [
        contract::other_keys_come_first_and_in_order,
        contract::blocks_are_enumerated,
        contract::keys_agree_with_query,
    ] {
        promise::kept(
            "5. first the keys that are no blocks, in key order",
            MemStore::new,
            check,
            why,
        );
    }
}

/// a batch is its writes, in order
#[test]
fn b4_batch() {
    promise::kept(
        "6. a batch has the effect of its writes one by one, in order",
        MemStore::new,
        contract::a_batch_is_its_writes_in_order,
        "put, delete, put of one key is not the same backwards.",
    );
}

/// after close every call is Error::Closed, but closing again
#[test]
fn b5_closed() {
    promise::kept(
        "9. after close every call gives Error::Closed, but closing again succeeds",
        MemStore::new,
        contract::use_after_close_is_a_typed_error,
        "a store that answers None after its end says that everything is lost.",
    );
    promise::kept(
        "sync and disk_usage answer; in memory it is 0",
        MemStore::new,
        |store| {
            store.sync().unwrap();
            assert_eq!(store.disk_usage().unwrap(), 0, "disk_usage");
        },
        "programs ask it before they write.",
    );
}

/// many threads may call at once
#[test]
fn d1_threads() {
    let why = "one lock, and no moment between reading and writing.";
    for check in [
        contract::many_threads_may_call_at_once,
        contract::a_get_sees_a_whole_value_or_none,
        contract::a_query_under_writes_gives_what_stays,
    ] {
        promise::kept(
            "8. many threads may call at once",
            MemStore::new,
            check,
            why,
        );
    }
}

/// no reader sees half of a batch
#[test]
fn d2_whole_batches() {
    let store = MemStore::new();
    let key = |n: u32| Key::new(&format!("/k/{n:03}")).unwrap();
    let batch = |value: u8| {
        let mut batch = Batch::new();
        (0..100).for_each(|n| batch.put(key(n), vec![value]));
        batch
    };
    say::ok("apply", store.apply(batch(0)));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            (1..=120).for_each(|value| say::ok("apply", store.apply(batch(value))));
            done.store(true, Ordering::SeqCst);
        });
        while !done.load(Ordering::SeqCst) {
            let keys: Vec<Key> = (0..100).map(key).collect();
            let all = say::ok("query", store.query(&Key::new("/k").unwrap()));
            let values: Vec<u8> = all.map(|entry| entry.unwrap().1[0]).collect();
            say::same(
                "how many keys a query gives",
                &values.len(),
                &keys.len(),
                "none was deleted.",
            );
            let mixed = values.windows(2).any(|pair| pair[0] != pair[1]);
            say::that(
                !mixed,
                "a query saw some writes of a batch, and not the others\n\
                 Why it matters: a root that is there without its blocks is a damaged tree.",
            );
        }
    });
}
