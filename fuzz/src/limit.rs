//! How much memory and time bytes may take.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What any decoder may take beside what its bytes ask for: the text of an error, a stack, a table.
pub const SPARE: u64 = 64 << 10;

/// What a value may take for each byte of its block, as [`Codec::decode`](dag_ipld::Codec::decode) says.
pub const VALUE: u64 = 176;

/// The most time that an input may take.
pub const TIME: Duration = Duration::from_millis(if SLOW { 2000 } else { 100 });

/// Without optimization everything takes some twenty times as long.
const SLOW: bool = cfg!(debug_assertions) && !cfg!(feature = "libfuzzer");

/// What `read` gives of `bytes`, in at most `times` their length and [`SPARE`] of memory.
///
/// # Panics
/// If it took more.
pub fn within<T>(bytes: &[u8], times: u64, read: impl FnOnce() -> T) -> T {
    let limit = times * bytes.len() as u64 + SPARE;
    let (value, used) = measured(read);
    assert!(
        used <= limit,
        "{used} bytes of memory for {} bytes, and {limit} are allowed",
        bytes.len()
    );
    value
}

/// What `read` gives, and the most bytes of memory that it had at once on this thread.
pub fn measured<T>(read: impl FnOnce() -> T) -> (T, u64) {
    let mut value = None;
    let used = allocation_counter::measure(|| value = Some(read()));
    (value.expect("it was read above"), used.bytes_max)
}

/// How long this thread has had a core: others may keep it waiting.
pub fn time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
