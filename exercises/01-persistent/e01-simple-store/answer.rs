//! 01-1: a small store to the letter of its contract: the four operations of LDK's `KVStoreSync`.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Mutex, PoisonError};

/// The characters of a namespace or key.
pub const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/// The most characters of a namespace or key.
pub const MAX_LEN: usize = 120;

/// Values by primary namespace, secondary namespace and key.
///
/// 1. `read` of what is not there is an error of the kind `NotFound`.
/// 2. `write` replaces.
/// 3. `remove` succeeds, whether there was something or not.
/// 4. `list` gives the keys of exactly this pair of namespaces, in any order; none if there are none.
/// 5. A namespace may be empty, but a secondary one needs a primary one. A key may not.
/// 6. Names have at most [`MAX_LEN`] characters, all of [`ALPHABET`]. What breaks 5 or 6 is an error of the
///    kind `InvalidInput`, from every operation.
pub trait KvStore {
    /// The value, which is there.
    fn read(&self, primary: &str, secondary: &str, key: &str) -> Result<Vec<u8>>;
    /// Keeps a value.
    fn write(&self, primary: &str, secondary: &str, key: &str, value: Vec<u8>) -> Result<()>;
    /// Forgets a value.
    fn remove(&self, primary: &str, secondary: &str, key: &str) -> Result<()>;
    /// The keys.
    fn list(&self, primary: &str, secondary: &str) -> Result<Vec<String>>;
}

/// A store in memory.
#[derive(Debug, Default)]
pub struct SimpleStore {
    //~ blank: what you keep, behind a lock since the operations take &self
    map: Mutex<BTreeMap<(String, String, String), Vec<u8>>>,
    //~ end
}
//~ blank: one function says whether names are valid

/// Whether these are names; no key where only namespaces are asked for.
fn valid(primary: &str, secondary: &str, key: Option<&str>) -> Result<()> {
    let name = |name: &str| name.len() <= MAX_LEN && name.chars().all(|c| ALPHABET.contains(c));
    let right = name(primary)
        && name(secondary)
        && (secondary.is_empty() || !primary.is_empty())
        && key.is_none_or(|key| name(key) && !key.is_empty());
    if right {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::InvalidInput, "no such names"))
    }
}

fn triple(primary: &str, secondary: &str, key: &str) -> (String, String, String) {
    (primary.into(), secondary.into(), key.into())
}
//~ end

impl KvStore for SimpleStore {
    fn read(&self, primary: &str, secondary: &str, key: &str) -> Result<Vec<u8>> {
        //~ todo: promise 1
        valid(primary, secondary, Some(key))?;
        let map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        let found = map.get(&triple(primary, secondary, key)).cloned();
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, "no such key"))
        //~ end
    }

    fn write(&self, primary: &str, secondary: &str, key: &str, value: Vec<u8>) -> Result<()> {
        //~ todo: promise 2
        valid(primary, secondary, Some(key))?;
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(triple(primary, secondary, key), value);
        Ok(())
        //~ end
    }

    fn remove(&self, primary: &str, secondary: &str, key: &str) -> Result<()> {
        //~ todo: promise 3
        valid(primary, secondary, Some(key))?;
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        map.remove(&triple(primary, secondary, key));
        Ok(())
        //~ end
    }

    fn list(&self, primary: &str, secondary: &str) -> Result<Vec<String>> {
        //~ todo: promise 4
        valid(primary, secondary, None)?;
        let map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        let here = map
            .keys()
            .filter(|(p, s, _)| p == primary && s == secondary);
        Ok(here.map(|(_, _, key)| key.clone()).collect())
        //~ end
    }
}

/// Whether a fresh store keeps promises 1 to 4. A check of your own: the checks hand it stores that do, and
/// ones that were published and do not.
pub fn keeps_its_promises(store: &dyn KvStore) -> bool {
    //~ todo: do what breaks it, and look
    let missing =
        || store.read("a", "b", "k").map_err(|error| error.kind()) == Err(ErrorKind::NotFound);
    let has = |primary: &str, secondary: &str, key: &str, value: &[u8]| {
        store
            .read(primary, secondary, key)
            .is_ok_and(|found| found == value)
    };
    missing()
        && store.remove("a", "b", "k").is_ok()
        && store.list("a", "b").is_ok_and(|keys| keys.is_empty())
        && store.write("a", "b", "k", b"1".to_vec()).is_ok()
        && store.write("a", "b", "k", b"2".to_vec()).is_ok()
        && has("a", "b", "k", b"2")
        && store.write("ab", "", "k", b"3".to_vec()).is_ok()
        && store.write("a", "bc", "k2", b"4".to_vec()).is_ok()
        && has("a", "b", "k", b"2")
        && store.list("a", "b").is_ok_and(|keys| keys == ["k"])
        && store.remove("a", "b", "k").is_ok()
        && missing()
        && has("ab", "", "k", b"3")
    //~ end
}
