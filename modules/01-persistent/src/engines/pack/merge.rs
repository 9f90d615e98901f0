//! Many sorted sources as one.

use std::sync::Arc;
use std::vec;

use datastore::Key;

use super::index::{Broken, Snapshot};
use super::page::At;
use super::run::Run;
use super::wanted::Fence;

/// One of the sources, with its next entry.
struct Source {
    next: Option<(Key, At)>,
    rest: vec::IntoIter<(Key, At)>,
    /// Where more comes from, and the page at which it goes on.
    run: Option<(Arc<Run>, usize)>,
}

impl Source {
    fn advance(&mut self) -> Result<(), Broken> {
        if let Some(next) = self.rest.next() {
            self.next = Some(next);
            return Ok(());
        }
        self.next = None;
        let Some((run, page)) = &mut self.run else {
            return Ok(());
        };
        match run.entries(*page) {
            Ok(Some((entries, next))) => {
                *page = next;
                self.rest = entries.into_iter();
                self.next = self.rest.next();
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(fault) => {
                let run = Arc::clone(run);
                Err(Broken { run, fault })
            }
        }
    }
}

/// The entries of all sources in the order of their keys; of two for one key the one of the newer
/// source.
pub(super) struct Merge {
    /// The newest first.
    sources: Vec<Source>,
}

impl Merge {
    /// Of tables and runs, the newest first.
    pub fn new(snapshot: Snapshot) -> Result<Merge, Broken> {
        Merge::behind(snapshot, Fence::default())
    }

    /// The same, of runs only what comes from `fence` on, and a page of what comes before.
    pub fn behind(snapshot: Snapshot, fence: Fence) -> Result<Merge, Broken> {
        let tables = snapshot.tables.into_iter().map(|table| (table, None));
        let runs = snapshot.runs.into_iter().map(|run| {
            let page = run.page_of(fence);
            (Vec::new(), Some((run, page)))
        });
        let mut sources = Vec::new();
        for (entries, run) in tables.chain(runs) {
            let mut source = Source {
                next: None,
                rest: entries.into_iter(),
                run,
            };
            source.advance()?;
            sources.push(source);
        }
        Ok(Merge { sources })
    }

    pub fn next(&mut self) -> Result<Option<(Key, At)>, Broken> {
        let mut least: Option<&(Key, At)> = None;
        for source in &self.sources {
            if let Some(next) = &source.next
                && least.is_none_or(|least| next.0 < least.0)
            {
                least = Some(next);
            }
        }
        let Some(least) = least.cloned() else {
            return Ok(None);
        };
        for source in &mut self.sources {
            if source.next.as_ref().is_some_and(|next| next.0 == least.0) {
                source.advance()?;
            }
        }
        Ok(Some(least))
    }
}
