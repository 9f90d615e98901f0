//! Values that are forgotten after a while.
//!
//! ```text
//! /sessions/7            the value
//! /expires/sessions/7    when it expires: milliseconds since 1970, eight bytes, big endian
//! /expires/blocks/CIQ…   of a block, in base32
//! ```
//!
//! When it expires stands in a key of its own, so that a value is stored as it is: whoever looks at
//! the store without this wrapper finds every value, and every block has its hash. An expired value
//! is absent to every call from that moment on, and takes room until a [`sweep`](Ttl::sweep).
//!
//! The clock is that of the wall, since expiry has to outlive the process. If it is set back, what
//! was expired and not yet swept comes back.

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use data_encoding::BASE32_NOPAD;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Op, Result};

use super::enumerate::until_error;
use super::stripes::Stripes;

const EXPIRES: &str = "/expires";

/// How many expired values go in one batch.
const BATCH: usize = 256;

/// A datastore whose values expire.
///
/// Keys below `/expires` are its own: writing them is refused, and they are not seen. A key that is
/// too long to stand below `/expires` has no expiry: it can be put for good only. A value and
/// its expiry are one batch, atomic where the store's batches are. Where they are not, a crash may
/// leave the new expiry with the old value, if that had not expired.
pub struct Ttl<D> {
    inner: D,
    lifetime: Option<Duration>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    expires: Key,
    // Shared by writes; alone when a sweep looks once more and deletes.
    stripes: Stripes,
}

impl<D: Datastore> Ttl<D> {
    /// Around `inner`: what is put expires after `lifetime`, or never.
    pub fn new(inner: D, lifetime: Option<Duration>) -> Ttl<D> {
        Ttl {
            inner,
            lifetime,
            clock: Box::new(SystemTime::now),
            expires: Key::new(EXPIRES).expect("it begins with a slash and has one segment"),
            stripes: Stripes::new(),
        }
    }

    /// With another clock.
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Ttl<D> {
        self.clock = Box::new(clock);
        self
    }

    /// The store below.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// Keeps `value` under `key` for `lifetime`, or for good.
    ///
    /// # Errors
    /// As [`put`](Datastore::put).
    pub fn put_for(&self, key: &Key, value: &[u8], lifetime: Option<Duration>) -> Result<()> {
        let put = Op::Put(key.clone(), Bytes::copy_from_slice(value));
        self.write([put], lifetime)
    }

    /// When the value under `key` expires; `None` if it does not, or is not there.
    ///
    /// # Errors
    /// Those of the store, and [`Error::Corrupt`] if what is stored is no time.
    pub fn expiry(&self, key: &Key) -> Result<Option<SystemTime>> {
        if self.is_own(key) || !self.has(key)? {
            return Ok(None);
        }
        let millis = self.until(key)?;
        Ok(millis.map(|millis| UNIX_EPOCH + Duration::from_millis(millis)))
    }

    /// Removes what has expired, in one walk through all expiries, and says how many values those
    /// were. One that is being written meanwhile is left for the next sweep.
    ///
    /// # Errors
    /// Those of the store; what was removed before is gone.
    pub fn sweep(&self) -> Result<u64> {
        let mut removed = 0;
        let mut expired = Vec::new();
        for entry in self.inner.query(&self.expires)? {
            let (record, when) = entry?;
            // What is no record was put there by somebody else, and is none of ours.
            let Some(key) = key_of(&record) else { continue };
            if millis(&record, &when)? <= self.now() {
                expired.push(key);
            }
            if expired.len() == BATCH {
                removed += self.remove(std::mem::take(&mut expired))?;
            }
        }
        Ok(removed + self.remove(expired)?)
    }

    fn remove(&self, keys: Vec<Key>) -> Result<u64> {
        let alone = self.stripes.try_alone_each(&keys);
        let (mut batch, mut removed) = (Batch::new(), 0);
        for key in keys {
            // It may have been put anew since it was looked at.
            if alone.holds(&key) && !self.is_live(&key)? {
                let record = self.record(&key);
                batch.delete(key);
                record.into_iter().for_each(|record| batch.delete(record));
                removed += 1;
            }
        }
        if removed > 0 {
            self.inner.apply(batch)?;
        }
        Ok(removed)
    }

    fn write(&self, ops: impl IntoIterator<Item = Op>, lifetime: Option<Duration>) -> Result<()> {
        let ops: Vec<Op> = ops.into_iter().collect();
        let _writing = self.stripes.shared(ops.iter().map(Op::key));
        let until = lifetime.map(|life| {
            let millis = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
            self.now().saturating_add(millis).to_be_bytes()
        });
        let mut batch = Batch::new();
        for op in ops {
            let key = op.key().clone();
            if self.is_own(&key) {
                return Err(Error::InvalidKey {
                    key: key.to_string(),
                    reason: "keys below /expires say when others expire: choose another",
                });
            }
            match (&op, until, self.record(&key)) {
                (Op::Put(..), Some(until), Some(record)) => {
                    if !self.is_live(&key)? {
                        // Half of this batch must not bring back what has expired.
                        batch.delete(key);
                    }
                    batch.put(record, until.to_vec());
                    batch.push(op);
                }
                (Op::Put(..), Some(_), None) => {
                    return Err(Error::InvalidKey {
                        key: key.to_string(),
                        reason: "with /expires before it, it has more than 1,024 bytes: it can be \
                                 put for good only",
                    });
                }
                (_, _, record) => {
                    batch.push(op);
                    record.into_iter().for_each(|record| batch.delete(record));
                }
            }
        }
        self.inner.apply(batch)
    }

    fn now(&self) -> u64 {
        let since = (self.clock)().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as u64)
    }

    fn is_own(&self, key: &Key) -> bool {
        *key == self.expires || key.is_below(&self.expires)
    }

    /// Where the expiry of `key` stands; nowhere if that would be longer than any key.
    fn record(&self, key: &Key) -> Option<Key> {
        match key.as_block() {
            Some(hash) => Key::new(&format!("{EXPIRES}/blocks/{}", BASE32_NOPAD.encode(hash))),
            None => key.below(&self.expires),
        }
        .ok()
    }

    /// When the value under `key` expires, in milliseconds; none if it does not.
    fn until(&self, key: &Key) -> Result<Option<u64>> {
        let Some(record) = self.record(key) else {
            return Ok(None);
        };
        let when = self.inner.get(&record)?;
        when.map(|when| millis(&record, &when)).transpose()
    }

    /// Whether there is no expiry of `key`, or one to come. Asked before the value is read: a value
    /// that is put in between is only newer.
    fn is_live(&self, key: &Key) -> Result<bool> {
        Ok(self.until(key)?.is_none_or(|until| until > self.now()))
    }

    /// What `read` gives of a live value.
    fn if_live<T>(
        &self,
        key: &Key,
        read: impl FnOnce(&D) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        match !self.is_own(key) && self.is_live(key)? {
            true => read(&self.inner),
            false => Ok(None),
        }
    }

    /// Whether an entry of an enumeration is shown.
    fn shows(&self, key: &Key) -> Result<bool> {
        Ok(!self.is_own(key) && self.is_live(key)?)
    }
}

/// The time `when` that stands in `record`.
fn millis(record: &Key, when: &[u8]) -> Result<u64> {
    let bytes = when.try_into().map_err(|_| Error::Corrupt {
        path: record.to_string().into(),
        what: "it is no time in eight bytes; put the value again".into(),
    })?;
    Ok(u64::from_be_bytes(bytes))
}

/// The key whose expiry stands in `record`.
fn key_of(record: &Key) -> Option<Key> {
    let name = record.as_bytes().strip_prefix(EXPIRES.as_bytes())?;
    match name.strip_prefix(b"/blocks/") {
        Some(hash) => Key::block(&BASE32_NOPAD.decode(hash).ok()?).ok(),
        None => Key::from_bytes(name).ok(),
    }
}

impl<D: Datastore> Datastore for Ttl<D> {
    forward!(inner: sync disk_usage close);

    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.if_live(key, |inner| inner.get(key))
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.put_for(key, value, self.lifetime)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.write([Op::Delete(key.clone())], None)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        let there = self.if_live(key, |inner| Ok(inner.has(key)?.then_some(())))?;
        Ok(there.is_some())
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.if_live(key, |inner| inner.size(key))
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.if_live(key, |inner| inner.get_range(key, range))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let shown = keys.iter().map(|key| self.shows(key));
        let shown = shown.collect::<Result<Vec<_>>>()?;
        let values = self.inner.get_many(keys)?.into_iter().zip(shown);
        Ok(values
            .map(|(value, shown)| value.filter(|_| shown))
            .collect())
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        self.write(batch, self.lifetime)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        let entries = self.inner.query(prefix)?;
        let shown = entries.filter_map(|entry| match entry {
            Ok((key, value)) => match self.shows(&key) {
                Ok(shown) => shown.then_some(Ok((key, value))),
                Err(error) => Some(Err(error)),
            },
            Err(error) => Some(Err(error)),
        });
        Ok(Box::new(until_error(shown)))
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        let shown = self.inner.keys(prefix)?.filter_map(|key| match key {
            Ok(key) => match self.shows(&key) {
                Ok(shown) => shown.then_some(Ok(key)),
                Err(error) => Some(Err(error)),
            },
            Err(error) => Some(Err(error)),
        });
        Ok(Box::new(until_error(shown)))
    }
}
