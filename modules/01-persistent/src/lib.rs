//! .
pub mod engine;
