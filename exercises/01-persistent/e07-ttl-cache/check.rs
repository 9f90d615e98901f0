use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use crate::answer::{Cache, Clock};

/// A clock that is moved by hand.
#[derive(Default)]
struct Hand(AtomicU64);

impl Hand {
    fn add(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A cache for 100 ms, and its clock.
fn cache(limit: usize) -> (Cache, Arc<Hand>) {
    let clock = Arc::new(Hand::default());
    clock.add(5_000);
    (Cache::new(clock.clone(), 100, limit), clock)
}

/// Asks, with a load that counts and gives what it counted.
fn ask(cache: &Cache, key: &str, loads: &AtomicUsize) -> String {
    let load = || Ok(format!("load {}", loads.fetch_add(1, Ordering::SeqCst) + 1).into_bytes());
    let value = say::ok(&format!("get({key:?})"), cache.get(key, &load));
    String::from_utf8_lossy(&value).into_owned()
}

/// the second who asks gets what the first had loaded
#[test]
fn a1_once() {
    let (cache, clock) = cache(9);
    let loads = AtomicUsize::new(0);
    say::same(
        "the first get",
        &ask(&cache, "a", &loads).as_str(),
        &"load 1",
        "nothing was there.",
    );
    clock.add(99);
    let why = "that is what a cache is for.";
    say::same(
        "a get 99 ms later, of 100",
        &ask(&cache, "a", &loads).as_str(),
        &"load 1",
        why,
    );
    say::same(
        "a get of another key",
        &ask(&cache, "b", &loads).as_str(),
        &"load 2",
        "keys are apart.",
    );
}

/// after its end a value is loaded anew
#[test]
fn a2_anew() {
    let (cache, clock) = cache(9);
    let loads = AtomicUsize::new(0);
    ask(&cache, "a", &loads);
    clock.add(101);
    let why = "a record that has expired may name a server that is gone.";
    say::same(
        "a get 101 ms later, of 100",
        &ask(&cache, "a", &loads).as_str(),
        &"load 2",
        why,
    );
    clock.add(99);
    say::same(
        "a get 99 ms after that",
        &ask(&cache, "a", &loads).as_str(),
        &"load 2",
        "the time begins again with the load.",
    );
}

/// at its end a value has expired
#[test]
fn b1_the_end() {
    let (cache, clock) = cache(9);
    let loads = AtomicUsize::new(0);
    ask(&cache, "a", &loads);
    clock.add(100);
    let why =
        "\"valid for 100 ms\" has an end, and two sides that count it differently disagree there.";
    say::same(
        "a get exactly 100 ms later",
        &ask(&cache, "a", &loads).as_str(),
        &"load 2",
        why,
    );
}

/// being asked for does not make a value younger
#[test]
fn b2_not_longer() {
    let (cache, clock) = cache(9);
    let loads = AtomicUsize::new(0);
    ask(&cache, "a", &loads);
    for _ in 0..3 {
        clock.add(30);
        ask(&cache, "a", &loads);
    }
    clock.add(30);
    let why = "otherwise what is asked for most is never looked up again.";
    say::same(
        "a get after 120 ms, with one every 30",
        &ask(&cache, "a", &loads).as_str(),
        &"load 2",
        why,
    );
}

/// an error is passed on and not kept
#[test]
fn b3_error() {
    let (cache, _) = cache(9);
    let yours = cache.get("a", &|| Err("no network".into()));
    let why = "an error that is kept is there when the network is back.";
    say::same(
        "get, with a load that fails",
        &yours,
        &Err("no network".into()),
        why,
    );
    say::same(
        "get again",
        &ask(&cache, "a", &AtomicUsize::new(0)).as_str(),
        &"load 1",
        why,
    );
}

/// no more values than the limit; what ends first goes
#[test]
fn b4_limit() {
    let (cache, clock) = cache(3);
    let loads = AtomicUsize::new(0);
    for key in ["a", "b", "c", "d", "e"] {
        ask(&cache, key, &loads);
        clock.add(1);
        say::that(
            cache.len() <= 3,
            format!(
                "{} values are kept, and 3 are the limit\nWhy it matters: a cache without a limit is a leak.",
                cache.len()
            ),
        );
    }
    say::same(
        "how many are kept",
        &cache.len(),
        &3,
        "room that is there is used.",
    );
    say::same(
        "get(\"c\"), one of the last three",
        &ask(&cache, "c", &loads).as_str(),
        &"load 3",
        "what ends last is worth most.",
    );
    say::same(
        "get(\"a\"), the first of all",
        &ask(&cache, "a", &loads).as_str(),
        &"load 6",
        "it had to go.",
    );
}

/// A load that stays until it is let go, or a second one comes.
#[derive(Default)]
struct Slow {
    loads: Mutex<usize>,
    came: Condvar,
}

impl Slow {
    /// Stays for a while, and no longer once there are two.
    fn load(&self) -> Result<Vec<u8>, String> {
        let mut loads = self.loads.lock().unwrap();
        *loads += 1;
        self.came.notify_all();
        let wait = Duration::from_millis(400);
        let (loads, _) = self
            .came
            .wait_timeout_while(loads, wait, |loads| *loads < 2)
            .unwrap();
        Ok(vec![*loads as u8])
    }
}

/// eight who ask at once cause one load
#[test]
fn d1_one_load() {
    let (cache, _) = cache(9);
    let slow = Slow::default();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| say::ok("get", cache.get("a", &|| slow.load())));
        }
    });
    let why = "when a popular value expires, all who want it come at once: that is when servers fall over.";
    let once = *slow.loads.lock().unwrap() == 1;
    say::that(
        once,
        format!(
            "loads, with eight who ask at once\nyours   more than one\nwanted  1\nWhy it matters: {why}"
        ),
    );
}

/// a load that fails or panics keeps nobody waiting for ever
#[test]
fn d2_failed_load() {
    for panics in [false, true] {
        let (cache, _) = cache(9);
        let cache = Arc::new(cache);
        let first = catch_unwind(AssertUnwindSafe(|| {
            cache.get("a", &|| match panics {
                true => panic!("the load panicked, on purpose"),
                false => Err("no network".into()),
            })
        }));
        say::that(
            !matches!(first, Ok(Ok(_))),
            "get with a load that fails is no error",
        );
        let (send, told) = mpsc::channel();
        let second = Arc::clone(&cache);
        thread::spawn(move || send.send(second.get("a", &|| Ok(vec![2]))));
        let yours = told.recv_timeout(Duration::from_secs(3));
        let what = if panics { "panicked" } else { "failed" };
        say::that(
            yours == Ok(Ok(vec![2])),
            format!(
                "get after a load that {what}\nyours   {}\nwanted  a new load\nWhy it matters: whoever loads may not come back, and the others wait for it.",
                match yours {
                    Ok(end) => format!("{end:?}"),
                    Err(_) => "still waiting after 3 s".into(),
                }
            ),
        );
    }
}

/// a slow load of one key holds up no other
#[test]
fn d3_other_keys() {
    let (cache, _) = cache(9);
    let cache = Arc::new(cache);
    let (send, told) = mpsc::channel();
    let other = Arc::clone(&cache);
    let load = move || {
        let (send, other) = (send.clone(), Arc::clone(&other));
        let (back, answer) = mpsc::channel();
        thread::spawn(move || back.send(other.get("b", &|| Ok(vec![2]))));
        let _ = send.send(answer.recv_timeout(Duration::from_secs(2)).is_ok());
        Ok(vec![1])
    };
    say::ok("get(\"a\")", cache.get("a", &load));
    let why = "a load takes seconds, and a lock held meanwhile stops everybody.";
    say::same(
        "get(\"b\") ends while \"a\" is being loaded",
        &told.recv().unwrap(),
        &true,
        why,
    );
}
