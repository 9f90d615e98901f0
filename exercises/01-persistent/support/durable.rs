//! A store that loses what was not synced.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use datastore::{Datastore, Entries, Error, Key, Result};

/// A store whose writes survive a loss of power once they are synced, and which may be killed.
pub struct Durable {
    /// What those see who ask.
    pub live: Mutex<BTreeMap<Key, Bytes>>,
    /// What a loss of power leaves.
    pub safe: Mutex<BTreeMap<Key, Bytes>>,
    steps: Arc<Mutex<u64>>,
}

impl Durable {
    /// With this content, durable; it works for as many steps as are left.
    pub fn new(content: &BTreeMap<Key, Bytes>, steps: &Arc<Mutex<u64>>) -> Arc<Durable> {
        Arc::new(Durable {
            live: Mutex::new(content.clone()),
            safe: Mutex::new(content.clone()),
            steps: steps.clone(),
        })
    }

    /// One step is done, unless the power is off.
    fn step(&self) -> Result<()> {
        let mut steps = self.steps.lock().unwrap();
        *steps = steps.checked_sub(1).ok_or(Error::Closed)?;
        Ok(())
    }
}

impl Datastore for Durable {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        Ok(self.live.lock().unwrap().get(key).cloned())
    }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.step()?;
        self.live
            .lock()
            .unwrap()
            .insert(key.clone(), Bytes::copy_from_slice(value));
        Ok(())
    }
    fn delete(&self, key: &Key) -> Result<()> {
        self.step()?;
        self.live.lock().unwrap().remove(key);
        Ok(())
    }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        let live = self.live.lock().unwrap();
        let found: Vec<_> = live
            .iter()
            .filter(|(key, _)| key.is_below(prefix))
            .map(|(key, value)| Ok((key.clone(), value.clone())))
            .collect();
        Ok(Box::new(found.into_iter()))
    }
    fn sync(&self) -> Result<()> {
        self.step()?;
        *self.safe.lock().unwrap() = self.live.lock().unwrap().clone();
        Ok(())
    }
    fn disk_usage(&self) -> Result<u64> {
        Ok(1)
    }
    fn close(&self) -> Result<()> {
        Ok(())
    }
}
