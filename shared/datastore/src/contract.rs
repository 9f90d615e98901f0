//! The promises of [`Datastore`] as tests.
//!
//! [`contract!`](crate::contract!) holds a store to every one of them:
//!
//! ```
//! # mod tests {
//! # use datastore::MemStore;
//! datastore::contract!(memory, || ((), MemStore::new()));
//! # }
//! ```
//!
//! The expression is a closure that makes a fresh store, together with whatever must outlive it
//! (a temporary folder, or `()`). Each promise becomes one test of the module that the first
//! word names, so that a failure says which promise is broken.
//!
//! A check is proven by stores that break its promise on purpose: `tests/mutants.rs` has one for
//! each, and fails if it goes unnoticed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod calls;
mod values;
mod walks;

use std::sync::Arc;

use crate::{Datastore, Key};
pub use calls::*;
pub use values::*;
pub use walks::*;

/// One promise: its name and the check, which panics if a store does not keep it.
pub type Check = (&'static str, fn(Arc<dyn Datastore>));

/// Makes one test of each promise for a store; see [the module](self).
#[macro_export]
macro_rules! contract {
    ($name:ident, $make:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $crate::contract!(@tests $make;
                what_was_put_is_what_is_got
                an_absent_key_is_none
                a_later_put_replaces
                a_delete_forgets
                delete_is_idempotent
                has_and_size_agree_with_get
                a_range_is_cut_where_the_value_ends
                get_many_answers_in_order
                a_query_gives_strict_children_once
                other_keys_come_first_and_in_order
                blocks_are_enumerated
                keys_agree_with_query
                a_query_under_writes_gives_what_stays
                a_batch_is_its_writes_in_order
                the_callers_buffer_is_not_kept
                many_threads_may_call_at_once
                a_get_sees_a_whole_value_or_none
                sync_and_disk_usage_answer
                use_after_close_is_a_typed_error
            );
        }
    };
    (@tests $make:expr; $($check:ident)*) => {$(
        #[test]
        fn $check() {
            let (_guard, store) = ($make)();
            $crate::contract::$check(std::sync::Arc::new(store));
        }
    )*};
}

macro_rules! checks {
    ($($check:ident)*) => {
        /// Every promise, in the order of the trait's documentation.
        pub const CHECKS: &[Check] = &[$((stringify!($check), $check)),*];
    };
}

checks! {
    what_was_put_is_what_is_got
    an_absent_key_is_none
    a_later_put_replaces
    a_delete_forgets
    delete_is_idempotent
    has_and_size_agree_with_get
    a_range_is_cut_where_the_value_ends
    get_many_answers_in_order
    a_query_gives_strict_children_once
    other_keys_come_first_and_in_order
    blocks_are_enumerated
    keys_agree_with_query
    a_query_under_writes_gives_what_stays
    a_batch_is_its_writes_in_order
    the_callers_buffer_is_not_kept
    many_threads_may_call_at_once
    a_get_sees_a_whole_value_or_none
    sync_and_disk_usage_answer
    use_after_close_is_a_typed_error
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A block key shaped as those of sha2-256, different for each `n`.
fn block(n: u32) -> Key {
    let mut hash = vec![0x12, 0x20];
    // Spread over the key space by an odd multiplier, as digests are.
    for i in 0..8u32 {
        hash.extend_from_slice(
            &(n + 1)
                .wrapping_mul(0x9e37_79b1)
                .rotate_left(i * 3)
                .to_be_bytes(),
        );
    }
    Key::block(&hash).unwrap()
}

/// `len` bytes that do not repeat soon.
fn value(n: u32, len: usize) -> Vec<u8> {
    (0..len as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) ^ n.wrapping_mul(97)) as u8)
        .collect()
}
