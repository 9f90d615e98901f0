//! Work shared among the cores.

use std::sync::OnceLock;
use std::thread;

/// The least work that is worth a thread of its own, in bytes to be hashed. A thread costs some
/// 30 µs to start, and hashing this much 150 µs or more.
const SHARE: usize = 256 << 10;

/// `work` over all of `items`, each answer going to the same place of `answers`: in consecutive
/// parts of about equal weight, one to a core.
pub(crate) fn map<T: Sync, U: Send>(
    items: &[T],
    weight: impl Fn(&T) -> usize,
    answers: &mut [U],
    work: impl Fn(&[T], &mut [U]) + Sync,
) {
    let total: usize = items.iter().map(&weight).sum();
    let threads = (total / SHARE).min(items.len()).min(cores());
    if threads < 2 {
        return work(items, answers);
    }
    thread::scope(|scope| {
        let work = &work;
        let (mut items, mut answers, mut left) = (items, answers, total);
        for threads in (2..=threads).rev() {
            let (mut take, mut taken) = (0, 0);
            while taken < left / threads
                && let Some(item) = items.get(take)
            {
                taken += weight(item);
                take += 1;
            }
            let (part, items_left) = items.split_at(take);
            let (places, places_left) = answers.split_at_mut(take);
            scope.spawn(move || work(part, places));
            (items, answers, left) = (items_left, places_left, left - taken);
        }
        // The last part is for this thread.
        work(items, answers);
    });
}

/// How many threads can run at once. Asked once: the answer costs some system calls.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn every_item_gets_its_own_answer_however_the_weight_lies() {
        let parts = AtomicUsize::new(0);
        for weights in [
            vec![],
            vec![0; 5],
            vec![SHARE; 9],
            vec![10 * SHARE, 1, 1, 1],
            vec![1, 1, 1, 10 * SHARE],
            (0..1000).map(|n| n * 997).collect(),
        ] {
            let items: Vec<(usize, usize)> = weights.into_iter().enumerate().collect();
            let mut answers = vec![usize::MAX; items.len()];
            map(
                &items,
                |(_, weight)| *weight,
                &mut answers,
                |part, answers| {
                    parts.fetch_add(1, Ordering::Relaxed);
                    assert_eq!(part.len(), answers.len());
                    for ((n, _), answer) in part.iter().zip(answers) {
                        *answer = *n;
                    }
                },
            );
            assert!(answers.iter().copied().eq(0..items.len()), "{items:?}");
        }
        if cores() > 1 {
            assert!(parts.into_inner() > 6, "large work is shared");
        }
    }
}
