//! A walk has a bounded number of blocks in flight, and stops at once when it is told to.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use block_cid::{Block, Fetcher};
use dag_ipld::{Cancel, Cancellable, Cid, Codec, Dag, Error, Next, Walk};

use crate::random::Made;

/// One root of raw leaves, and a source of them.
fn wide(leaves: u64) -> Made {
    let mut made = Made::default();
    let links: Vec<Cid> = (0..leaves).map(|n| made.add(Codec::Raw, n, &[])).collect();
    made.add(Codec::DagCbor, 0, &links);
    made
}

/// Gives one block, slowly; and then each only when `width` are asked for at once.
struct Together {
    made: Made,
    width: usize,
    /// How many are asked for now, how many were at most, and whether none was before.
    now: Mutex<(usize, usize, bool)>,
    changed: Condvar,
}

impl Fetcher for Together {
    fn fetch(&self, cid: &Cid) -> block_cid::Result<Option<Block>> {
        let mut now = self.now.lock().unwrap();
        if std::mem::take(&mut now.2) {
            // The first shows that it is worth to have many in flight.
            std::thread::sleep(Duration::from_millis(1));
            return Ok(self.made.blocks.get(cid).cloned());
        }
        now.0 += 1;
        now.1 = now.1.max(now.0);
        self.changed.notify_all();
        let few = |now: &mut (usize, usize, bool)| now.1 < self.width;
        let minute = Duration::from_secs(60);
        let (mut now, wait) = self.changed.wait_timeout_while(now, minute, few).unwrap();
        assert!(!wait.timed_out(), "never {} at once", self.width);
        now.0 -= 1;
        Ok(self.made.blocks.get(cid).cloned())
    }
}

#[test]
fn as_many_blocks_are_in_flight_as_were_allowed_and_no_more() {
    let made = wide(60);
    let root = made.root();
    let store = Made::default().store();
    block_cid::Blockstore::put(&store, &made.blocks[&root]).unwrap();
    for most in [2, 5] {
        let source = Arc::new(Together {
            made: made.clone(),
            width: most,
            now: Mutex::new((0, 0, true)),
            changed: Condvar::new(),
        });
        let blank = Made::default().store();
        block_cid::Blockstore::put(&blank, &made.blocks[&root]).unwrap();
        let dag = Dag::new(blank).with_fetcher(source.clone());
        let mut visits = 0;
        let walk = Walk::default().with_in_flight(most);
        dag.walk(&[root], &walk, |visit| {
            visit.whole()?;
            visits += 1;
            Ok::<_, Error>(Next::Enter)
        })
        .unwrap();
        assert_eq!(visits, 61);
        // The thread that walks reads one itself where none was asked for before.
        let at_once = source.now.lock().unwrap().1;
        assert!(at_once <= most + 1, "{at_once} at once");
    }
}

/// Never answers, and says when it was asked.
struct Silent {
    asked: Sender<()>,
    never: Mutex<Receiver<()>>,
}

impl Fetcher for Silent {
    fn fetch(&self, _: &Cid) -> block_cid::Result<Option<Block>> {
        self.asked.send(()).unwrap();
        // Until the test is over.
        let _ = self.never.lock().unwrap().recv();
        Ok(None)
    }
}

#[test]
fn a_walk_that_waits_for_a_silent_peer_ends_when_it_is_cancelled() {
    let made = wide(3);
    let (asked, asks) = mpsc::channel();
    let (over, never) = mpsc::channel();
    let cancel = Cancel::new();
    let silent = Cancellable::new(
        Silent {
            asked,
            never: Mutex::new(never),
        },
        cancel.clone(),
    );
    let dag = Dag::new(Made::default().store()).with_fetcher(silent);
    let walk = Walk::default().with_cancel(cancel.clone());
    let end = std::thread::scope(|scope| {
        let walks = scope.spawn(|| {
            // That the peer did not answer in time is not that the block is missing.
            let none = |visit| -> Result<Next, Error> { panic!("{visit:?}") };
            dag.walk(&[made.root()], &walk, none)
        });
        asks.recv().unwrap();
        cancel.cancel();
        // It ends while the peer is as silent as before: `over` is still there.
        walks.join().unwrap()
    });
    assert!(matches!(end, Err(Error::Cancelled)), "{end:?}");
    drop(over);
}

#[test]
fn a_walk_that_is_cancelled_visits_nothing_more() {
    let made = wide(50);
    let dag = Dag::new(made.store());
    let cancel = Cancel::new();
    let walk = Walk::default().with_cancel(cancel.clone());
    let mut visits = 0;
    let end = dag.walk(&[made.root()], &walk, |_| {
        visits += 1;
        if visits == 7 {
            cancel.cancel();
        }
        Ok::<_, Error>(Next::Enter)
    });
    assert!(matches!(end, Err(Error::Cancelled)));
    assert_eq!(visits, 7);
    for end in [
        dag.stat(&[made.root()], &walk).map(drop),
        dag.copy(&[made.root()], dag.blocks(), &walk).map(drop),
        dag.overlap(&made.root(), &made.root(), &walk).map(drop),
        dag.diff(&made.root(), &made.cids[0], &walk, |_| Ok::<_, Error>(())),
    ] {
        assert!(matches!(end, Err(Error::Cancelled)), "{end:?}");
    }
}
