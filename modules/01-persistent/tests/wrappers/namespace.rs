//! Names are moved below the prefix, blocks are not, and nothing else is seen.

use datastore::{Batch, Datastore, Error, Key, MemStore};
use persistent::wrappers::Namespace;

use crate::{all, block, key};

#[test]
fn keys_lie_below_the_prefix_and_blocks_where_they_always_do() {
    let store = MemStore::new();
    let mail = Namespace::new(&store, key("/apps/mail")).unwrap();
    let chat = Namespace::new(&store, key("/apps/chat")).unwrap();
    mail.put(&key("/name"), b"mail").unwrap();
    chat.put(&key("/name"), b"chat").unwrap();
    let mut batch = Batch::new();
    batch.put(key("/more/a"), "x");
    batch.put(block(1), "shared");
    chat.apply(batch).unwrap();
    assert_eq!(
        all(&store),
        [
            key("/apps/chat/more/a"),
            key("/apps/chat/name"),
            key("/apps/mail/name"),
            block(1)
        ]
    );
    assert_eq!(mail.get(&key("/name")).unwrap().unwrap(), "mail");
    assert_eq!(mail.get(&block(1)).unwrap().unwrap(), "shared");
    assert_eq!(all(&mail), [key("/name"), block(1)]);
    assert_eq!(all(&chat), [key("/more/a"), key("/name"), block(1)]);
    let one = [key("/name"), block(1), key("/more/a")];
    let got = mail.get_many(&one).unwrap();
    assert_eq!(got, [Some("mail".into()), Some("shared".into()), None]);
    mail.delete(&key("/name")).unwrap();
    assert_eq!(chat.get(&key("/name")).unwrap().unwrap(), "chat");
}

#[test]
fn one_lies_in_another() {
    let store = MemStore::new();
    let outer = Namespace::new(&store, key("/a")).unwrap();
    let inner = Namespace::new(&outer, key("/b")).unwrap();
    inner.put(&key("/c"), b"x").unwrap();
    assert_eq!(all(&store), [key("/a/b/c")]);
    assert_eq!(all(&inner), [key("/c")]);
    let whole = Namespace::new(&store, Key::root()).unwrap();
    store.put(&block(1), b"x").unwrap();
    assert_eq!(all(&whole), [key("/a/b/c"), block(1)]);
}

#[test]
fn blocks_are_no_place_for_one() {
    let store = MemStore::new();
    assert!(Namespace::new(&store, Key::blocks()).is_err());
    assert!(Namespace::new(&store, block(1)).is_err());
}

/// The longest key that there is room for, and one that the prefix makes too long.
#[test]
fn what_the_prefix_makes_too_long_is_absent_and_cannot_be_put() {
    let store = MemStore::new();
    let ns = Namespace::new(&store, key("/prefix")).unwrap();
    let fits = key(&format!("/{}", "x".repeat(1016)));
    let long = key(&format!("/{}", "x".repeat(1017)));
    ns.put(&fits, b"x").unwrap();
    assert_eq!(ns.get(&fits).unwrap().unwrap(), "x");

    assert_eq!(ns.get(&long).unwrap(), None);
    assert!(!ns.has(&long).unwrap());
    assert_eq!(ns.size(&long).unwrap(), None);
    assert_eq!(ns.get_range(&long, 0..1).unwrap(), None);
    let both = [long.clone(), fits.clone()];
    assert_eq!(ns.get_many(&both).unwrap(), [None, Some("x".into())]);
    assert_eq!(ns.keys(&long).unwrap().count(), 0);
    assert_eq!(ns.query(&long).unwrap().count(), 0);
    ns.delete(&long).unwrap();
    let mut batch = Batch::new();
    batch.delete(long.clone());
    batch.delete(fits.clone());
    ns.apply(batch.clone()).unwrap();
    assert!(!ns.has(&fits).unwrap());

    batch.put(fits.clone(), "y");
    batch.put(long.clone(), "y");
    for end in [ns.put(&long, b""), ns.apply(batch)] {
        match end.unwrap_err() {
            Error::InvalidKey { key, reason } => {
                assert_eq!(key, long.to_string(), "as the caller named it");
                assert!(reason.contains("1,024 bytes"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(all(&store), [], "nothing of such a batch is written");
}
