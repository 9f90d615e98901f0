//! All blocks of an open store, in the order that is cheapest to read.

use bytes::Bytes;
use datastore::{Datastore, Key, Result};

use crate::Persistent;
use crate::engine::Stretch;

/// Parts of a store, each to be [read](Persistent::read).
pub(crate) type Sweep<'a> = Box<dyn Iterator<Item = Result<Stretch>> + Send + 'a>;

impl Persistent {
    /// Every block that is there now, once; none if the engine reads as well by key. See
    /// [`Engine::sweep`](crate::engine::Engine::sweep).
    pub(crate) fn sweep(&self) -> Result<Option<Sweep<'_>>> {
        self.promise.sweep()
    }

    /// Reads a stretch: of each block what a get says. Any thread may, and many at once.
    pub(crate) fn read(
        &self,
        stretch: Stretch,
    ) -> impl Iterator<Item = (Key, Result<Option<Bytes>>)> {
        let mut values = self.promise.read(&stretch).into_iter();
        stretch.keys.into_iter().map(move |key| {
            let value = match values.next().flatten() {
                Some(value) => Ok(Some(value)),
                None => self.get(&key),
            };
            (key, value)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::{Config, Kind};

    #[test]
    fn what_a_stretch_does_not_give_is_got() {
        let store = Persistent::open(&Config::new(Kind::Memory)).unwrap();
        assert!(store.sweep().unwrap().is_none(), "it has no order");
        let keys: Vec<Key> = (0..4).map(|n| Key::block(&[n]).unwrap()).collect();
        keys[..3]
            .iter()
            .for_each(|key| store.put(key, b"got").unwrap());
        let read = |read: fn(&[Key]) -> Option<Vec<Option<Bytes>>>| -> Vec<Option<Bytes>> {
            let stretch = Stretch {
                keys: keys.clone(),
                read: Box::new(read),
            };
            let read = store.read(stretch).zip(&keys);
            read.map(|((key, value), wanted)| {
                assert_eq!(key, *wanted);
                value.unwrap()
            })
            .collect()
        };
        let [swept, got] = [&b"swept"[..], b"got"].map(|value| Some(Bytes::from_static(value)));
        let none = [got.clone(), got.clone(), got.clone(), None];
        assert_eq!(read(|_| None), none);
        assert_eq!(read(|_| panic!("a bug")), none);
        assert_eq!(
            read(|_| Some(vec![None, Some(Bytes::from_static(b"swept"))])),
            [got.clone(), swept, got, None]
        );
        store.close().unwrap();
        let stretch = Stretch {
            keys,
            read: Box::new(|keys| Some(vec![Some(Bytes::new()); keys.len()])),
        };
        assert!(
            store.read(stretch).all(|(_, value)| value.is_err()),
            "it is closed"
        );
    }
}
