//! Enumerations of what lies in several tiers.

use std::collections::HashSet;

use datastore::{Datastore, Key, Result};

use super::super::enumerate::{Keyed, keep, until_error};
use super::Tiered;

type Walk<'a, T> = Box<dyn Iterator<Item = Result<T>> + Send + 'a>;

impl<D: Datastore> Tiered<D> {
    /// An enumeration of blocks, tier by tier. Each tier is asked when the one before has ended: a
    /// block that moves meanwhile is then found below.
    fn walk<'a, T: Keyed + Send + 'a>(
        &'a self,
        hottest: Walk<'a, T>,
        ask: impl Fn(&'a D) -> Result<Walk<'a, T>> + Send + 'a,
    ) -> Walk<'a, T> {
        let cold = self.levels.len() - 1;
        let mut hottest = Some(hottest);
        let all = self.stores().enumerate().flat_map(move |(at, store)| {
            let items = match hottest.take() {
                Some(items) => Ok(items),
                None => ask(store),
            };
            let items = items.unwrap_or_else(|error| Box::new(std::iter::once(Err(error))));
            items.map(move |item| Ok((at, item?)))
        });
        // What lies in two tiers must not come twice. The coldest is the last, and not remembered.
        let mut seen = HashSet::new();
        Box::new(until_error(keep(all, move |(at, item): (usize, T)| {
            let new = match at == cold {
                true => !seen.contains(item.key()),
                false => seen.insert(item.key().clone()),
            };
            new.then_some(item)
        })))
    }

    /// An enumeration below `prefix` by `ask`: other keys from the coldest tier, blocks from all.
    pub(super) fn enumerate<'a, T: Keyed + Send + 'a>(
        &'a self,
        prefix: &Key,
        ask: impl Fn(&'a D, &Key) -> Result<Walk<'a, T>> + Send + 'a,
    ) -> Result<Walk<'a, T>> {
        let scope = prefix.scope();
        let below = match scope.others {
            Some(_) => Key::blocks(),
            None => prefix.clone(),
        };
        let others = scope
            .others
            .map(|_| ask(self.cold()?, prefix))
            .transpose()?;
        let is_other =
            |item: &Result<T>| item.as_ref().map_or(true, |i| i.key().as_block().is_none());
        let others = others.into_iter().flatten().take_while(is_other);
        let blocks = match (scope.blocks, self.levels.first()) {
            (Some(_), Some(hot)) => {
                let first = ask(&hot.store, &below)?;
                Some(self.walk(first, move |store| ask(store, &below)))
            }
            _ => None,
        };
        Ok(Box::new(until_error(
            others.chain(blocks.into_iter().flatten()),
        )))
    }
}
