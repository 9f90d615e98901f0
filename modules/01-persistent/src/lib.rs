//! .
pub mod engine;
pub mod engines;
