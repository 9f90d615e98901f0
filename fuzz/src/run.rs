//! So many inputs of a target, each watched.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use testkit::Rng;

use crate::{Target, mutate};

/// The longest input that is made, in bytes.
pub const MAX_LEN: usize = 8 << 10;

/// What was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// How many inputs.
    pub inputs: usize,
    /// The longest that one took, of a core.
    pub longest: Duration,
}

/// An input of which something does not hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The input.
    pub input: Vec<u8>,
    /// What the target said; `None` if it came to no end.
    pub said: Option<String>,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.said.as_deref().unwrap_or("no end in sight");
        write!(f, "{said}\nof {} bytes: ", self.input.len())?;
        self.input
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Every one of `seeds`, and so many inputs made of them by chance; one that takes longer than
/// `patience` of a clock has no end.
///
/// # Errors
/// The first input of which something does not hold.
pub fn run(
    target: Target,
    seeds: &[Vec<u8>],
    made: usize,
    seed: u64,
    patience: Duration,
) -> Result<Ran, Found> {
    let now: Arc<Mutex<(usize, Vec<u8>)>> = Arc::default();
    let lock =
        |now: &Mutex<(usize, Vec<u8>)>| now.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (sender, ended) = channel();
    let (seeds, doing) = (seeds.to_vec(), Arc::clone(&now));
    // It may never end, so nobody waits for it.
    thread::spawn(move || {
        let mut rng = Rng::new(seed);
        let mut ran = Ran::default();
        let all = seeds.len() + made;
        let result = (0..all).try_for_each(|n| {
            let input = match seeds.get(n) {
                Some(seed) => seed.clone(),
                None => mutate::mutated(&mut rng, &seeds, MAX_LEN),
            };
            *doing.lock().unwrap_or_else(PoisonError::into_inner) = (n, input.clone());
            match catch_unwind(AssertUnwindSafe(|| target.run(&input))) {
                Ok(took) => {
                    ran.inputs += 1;
                    ran.longest = ran.longest.max(took);
                    Ok(())
                }
                Err(panic) => Err(Found {
                    input,
                    said: Some(said(&*panic)),
                }),
            }
        });
        // Nobody listens any more once one came to no end.
        let _ = sender.send(result.map(|()| ran));
    });
    let mut last = None;
    loop {
        match ended.recv_timeout(patience) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Timeout) if last != Some(lock(&now).0) => {
                last = Some(lock(&now).0)
            }
            Err(_) => {
                let (_, input) = lock(&now);
                return Err(Found { input, said: None });
            }
        }
    }
}

/// The words of a panic.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "it panicked".to_owned())
}
