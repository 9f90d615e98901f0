//! The log of `pack` and its index, on the primitives of shuttle.

#[path = "../../../src/engines/pack/append.rs"]
mod append;
#[path = "../../../src/engines/pack/bloom.rs"]
mod bloom;
#[path = "../../../src/engines/pack/cache.rs"]
mod cache;
#[path = "../../../src/engines/pack/compact.rs"]
mod compact;
#[path = "../../../src/engines/pack/core.rs"]
mod core;
#[path = "../../../src/engines/pack/firsts.rs"]
mod firsts;
#[path = "../../../src/engines/pack/index.rs"]
mod index;
#[path = "../../../src/engines/pack/log.rs"]
mod log;
#[path = "../../../src/engines/pack/loose.rs"]
mod loose;
#[path = "../../../src/engines/pack/memory.rs"]
mod memory;
#[path = "../../../src/engines/pack/merge.rs"]
mod merge;
#[path = "../../../src/engines/pack/moving.rs"]
mod moving;
#[path = "../../../src/engines/pack/note.rs"]
mod note;
#[path = "../../../src/engines/pack/open.rs"]
mod open;
#[path = "../../../src/engines/pack/page.rs"]
mod page;
#[path = "../../../src/engines/pack/prove.rs"]
mod prove;
#[path = "../../../src/engines/pack/recover.rs"]
mod recover;
#[path = "../../../src/engines/pack/resync.rs"]
mod resync;
#[path = "../../../src/engines/pack/run.rs"]
mod run;
#[path = "../../../src/engines/pack/scan.rs"]
mod scan;
#[path = "../../../src/engines/pack/section.rs"]
mod section;
#[path = "../../../src/engines/pack/segment.rs"]
mod segment;
#[path = "../../../src/engines/pack/sweep.rs"]
mod sweep;
#[path = "../../../src/engines/pack/tidy.rs"]
mod tidy;
#[path = "../../../src/engines/pack/torn.rs"]
mod torn;
#[path = "../../../src/engines/pack/upkeep.rs"]
mod upkeep;
#[path = "../../../src/engines/pack/walk.rs"]
mod walk;
#[path = "../../../src/engines/pack/wanted.rs"]
mod wanted;
#[path = "../../../src/engines/pack/window.rs"]
mod window;
#[path = "../../../src/engines/pack/worker.rs"]
mod worker;
#[path = "../../../src/engines/pack/worth.rs"]
mod worth;
#[path = "../../../src/engines/pack/writer.rs"]
mod writer;

mod compaction;
