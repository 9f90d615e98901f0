//! The tests at the foot of `examples/wrapper.rs`, which `cargo test` would pass by.

#[allow(dead_code)]
#[path = "../examples/wrapper.rs"]
mod wrapper;
