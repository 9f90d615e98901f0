//! .

pub mod fixtures;
