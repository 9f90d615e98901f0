//! What a store says of one key, and of several that are named.

use std::sync::Arc;

use bytes::Bytes;

use super::{block, key, value};
use crate::Datastore;

/// Promise 1: what was put is what is got, byte for byte, whatever its length.
pub fn what_was_put_is_what_is_got(store: Arc<dyn Datastore>) {
    let lens = [0, 1, 33, 255, 4096, 65_537, 1 << 20, (2 << 20) + 1];
    for (n, len) in (0u32..).zip(lens) {
        for key in [block(n), key(&format!("/values/{n}"))] {
            store.put(&key, &value(n, len)).unwrap();
            let got = store.get(&key).unwrap();
            assert!(
                got.is_some(),
                "{len} bytes were put under {key}, and nothing is there"
            );
            assert!(
                got.unwrap() == value(n, len),
                "{len} bytes under {key} came back changed"
            );
        }
    }
}

/// Promise 2: an absent key is `Ok(None)`.
pub fn an_absent_key_is_none(store: Arc<dyn Datastore>) {
    store.put(&key("/there/below"), b"x").unwrap();
    store.put(&block(1), b"x").unwrap();
    for key in [
        key("/absent"),
        key("/there"),
        key("/there/below/it"),
        block(2),
    ] {
        assert_eq!(store.get(&key).unwrap(), None, "{key}");
        assert!(!store.has(&key).unwrap(), "{key}");
        assert_eq!(store.size(&key).unwrap(), None, "{key}");
        assert_eq!(store.get_range(&key, 0..1).unwrap(), None, "{key}");
        assert_eq!(
            store.get_many(std::slice::from_ref(&key)).unwrap(),
            [None],
            "{key}"
        );
    }
}

/// Promise 3: a later put replaces an earlier one.
pub fn a_later_put_replaces(store: Arc<dyn Datastore>) {
    for key in [block(1), key("/a")] {
        store.put(&key, b"the first, which is longer").unwrap();
        store.put(&key, b"the second").unwrap();
        assert_eq!(store.get(&key).unwrap().unwrap(), "the second", "{key}");
    }
}

/// Promise 3: a delete forgets, and forgets nothing else.
pub fn a_delete_forgets(store: Arc<dyn Datastore>) {
    for (gone, stays) in [
        (block(1), block(2)),
        (key("/a"), key("/a/b")),
        (key("/c"), key("/cc")),
    ] {
        store.put(&gone, b"x").unwrap();
        store.put(&stays, b"y").unwrap();
        store.delete(&gone).unwrap();
        assert_eq!(store.get(&gone).unwrap(), None, "{gone} was deleted");
        assert!(!store.has(&gone).unwrap(), "{gone} was deleted");
        assert_eq!(
            store.get(&stays).unwrap().unwrap(),
            "y",
            "{stays} was not deleted"
        );
    }
}

/// Promise 2: deleting an absent key succeeds.
pub fn delete_is_idempotent(store: Arc<dyn Datastore>) {
    for key in [block(1), key("/a")] {
        store.delete(&key).unwrap();
        store.put(&key, b"x").unwrap();
        store.delete(&key).unwrap();
        store.delete(&key).unwrap();
        assert_eq!(store.get(&key).unwrap(), None);
    }
}

/// Promise 4: `has` and `size` agree with `get`, for the empty value too.
pub fn has_and_size_agree_with_get(store: Arc<dyn Datastore>) {
    for (n, len) in (0u32..).zip([0usize, 1, 100_000]) {
        for key in [block(n), key(&format!("/values/{n}"))] {
            store.put(&key, &value(n, len)).unwrap();
            assert!(store.has(&key).unwrap(), "{key} is there, with {len} bytes");
            assert_eq!(store.size(&key).unwrap(), Some(len as u64), "{key}");
        }
    }
}

/// A range is cut where the value ends.
pub fn a_range_is_cut_where_the_value_ends(store: Arc<dyn Datastore>) {
    for key in [block(1), key("/a")] {
        store.put(&key, b"0123456789").unwrap();
        for (range, wanted) in [
            (0..10, "0123456789"),
            (2..5, "234"),
            (0..0, ""),
            (8..20, "89"),
            (10..20, ""),
            (50..60, ""),
            (9..u64::MAX, "9"),
        ] {
            let got = store.get_range(&key, range.clone()).unwrap().unwrap();
            assert_eq!(got, wanted, "{range:?} of {key}");
        }
    }
}

/// `get_many` answers in the order of the question, absent and repeated keys included.
pub fn get_many_answers_in_order(store: Arc<dyn Datastore>) {
    store.put(&block(1), b"one").unwrap();
    store.put(&block(2), b"two").unwrap();
    store.put(&key("/three"), b"three").unwrap();
    let keys = [block(2), block(9), block(1), key("/three"), block(2)];
    let got = store.get_many(&keys).unwrap();
    let wanted = [Some("two"), None, Some("one"), Some("three"), Some("two")];
    assert_eq!(got, wanted.map(|v| v.map(Bytes::from)));
    assert!(store.get_many(&[]).unwrap().is_empty());
}

/// Promise 7: the store keeps no reference to the caller's buffer.
pub fn the_callers_buffer_is_not_kept(store: Arc<dyn Datastore>) {
    let mut buffer = *b"before";
    store.put(&block(1), &buffer).unwrap();
    store.put(&key("/a"), &buffer).unwrap();
    buffer.copy_from_slice(b"after!");
    assert_eq!(store.get(&block(1)).unwrap().unwrap(), "before");
    assert_eq!(store.get(&key("/a")).unwrap().unwrap(), "before");
    assert_eq!(&buffer, b"after!");
}
