//! Stores around stores, one small file each, all under the contract of the store that they wrap.
//!
//! A wrapper changes one thing and forwards every other call, the defaulted ones too: one that is
//! left out falls back to its default, and what the engine does better is lost without a word.
//!
//! | wrapper | what it adds |
//! | --- | --- |
//! | [`cache`] | what was read, in memory |
//! | [`bloom`] | "not there" without asking |
//! | [`namespace`] | a part of a store as a store |
//! | [`mount`] | several stores as one |
//! | [`tiered`] | what is used in a fast store, the rest in a large one |
//! | [`ttl`] | values that expire |
//! | [`measure`] | counts and times, as text for Prometheus |
//! | [`verify`] | blocks are hashed when they are read |
//! | [`Guard`] | a write without room is refused |
//! | [`readonly`] | no writes |
//! | [`repair`] | damaged and absent blocks, from somewhere else |
//! | [`faulty`] | failures on demand, for tests |

#[macro_use]
mod forward;
mod enumerate;
mod filter;
mod stripes;

pub mod bloom;
pub mod cache;
pub mod faulty;
pub mod measure;
pub mod mount;
pub mod namespace;
pub mod readonly;
pub mod repair;
pub mod tiered;
pub mod ttl;
pub mod verify;

pub use crate::guard::Guard;
pub use bloom::Bloom;
pub use cache::Cache;
pub use faulty::{Call, Fault, Faulty};
pub use measure::Measure;
pub use mount::Mount;
pub use namespace::Namespace;
pub use readonly::ReadOnly;
pub use repair::Repair;
pub use tiered::Tiered;
pub use ttl::Ttl;
pub use verify::Verified;
