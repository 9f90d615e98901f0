//! Work shared among the cores.

use std::sync::OnceLock;
use std::thread;

/// The least work that is worth a thread of its own, in bytes to be hashed. A thread costs some
/// 30 µs to start, and hashing this much 150 µs or more.
const SHARE: usize = 256 << 10;

/// `work` over all of `items`, in consecutive parts of about equal weight, one to a core; the
/// answers in the order of the items.
pub(crate) fn map<T: Sync, U: Send>(
    items: &[T],
    weight: impl Fn(&T) -> usize,
    work: impl Fn(&[T]) -> Vec<U> + Sync,
) -> Vec<U> {
    let total: usize = items.iter().map(&weight).sum();
    let threads = (total / SHARE).min(items.len()).min(cores());
    if threads < 2 {
        return work(items);
    }
    let mut parts = Vec::with_capacity(threads);
    let (mut rest, mut left) = (items, total);
    for threads in (2..=threads).rev() {
        let (mut take, mut taken) = (0, 0);
        while take < rest.len() && taken < left / threads {
            taken += rest.get(take).map_or(0, &weight);
            take += 1;
        }
        let (part, after) = rest.split_at_checked(take).unwrap_or((rest, &[]));
        parts.push(part);
        (rest, left) = (after, left - taken);
    }
    thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = parts
            .into_iter()
            .map(|part| scope.spawn(move || work(part)))
            .collect();
        let last = work(rest);
        let mut answers = Vec::with_capacity(items.len());
        for other in others {
            match other.join() {
                Ok(part) => answers.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        answers.extend(last);
        answers
    })
}

/// How many threads can run at once. Asked once: the answer costs some system calls.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}
