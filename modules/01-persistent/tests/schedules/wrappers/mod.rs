//! The wrappers' own sources, on the primitives of shuttle.

#[macro_use]
#[path = "../../../src/wrappers/forward.rs"]
mod forward;
#[path = "../../../src/wrappers/enumerate.rs"]
mod enumerate;
#[path = "../../../src/wrappers/filter.rs"]
mod filter;
#[path = "../../../src/wrappers/stripes.rs"]
mod stripes;

#[path = "../../../src/wrappers/bloom.rs"]
pub mod bloom;
#[path = "../../../src/wrappers/cache.rs"]
pub mod cache;
#[path = "../../../src/wrappers/tiered/mod.rs"]
pub mod tiered;
#[path = "../../../src/wrappers/ttl.rs"]
pub mod ttl;
