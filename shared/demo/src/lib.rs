//! What every demo of Cairn prints with.
//!
//! This is the binaries' half of the house: libraries do no printing and read no environment,
//! and here is what their `main.rs` does both with. A program is one closure given to [`run`]:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use demo::{Column, Style, Table, heading, units};
//!
//! fn main() -> ExitCode {
//!     demo::run(|out| {
//!         let style = Style::stdout();
//!         writeln!(out, "{}", heading("Engines", style))?;
//!         let mut table = Table::new([Column::left("engine"), Column::right("on disk")]);
//!         table.row(["redb", &units::bytes(1_589_248)]);
//!         write!(out, "{}", table.styled(style))?;
//!         Ok(ExitCode::SUCCESS)
//!     })
//! }
//! ```
//!
//! | item | what it is for |
//! | --- | --- |
//! | [`args()`] | the command line, by clap |
//! | [`run`], [`Usage`], [`Lines`], [`report`] | output that may be cut by `| head`, errors, exit codes 0, 1 and 2 |
//! | [`heading()`], [`Table`], [`Style`] | text that is plain wherever no terminal reads it |
//! | [`plain()`] | text from elsewhere, that cannot speak to the terminal |
//! | [`units`] | bytes, times, rates and counts for people |
//! | [`Progress`] | a bar on stderr, if stderr is a terminal |
//! | [`Data`] | blocks to store: made from a seed, all different, not compressible |

pub mod args;
pub mod data;
pub mod exit;
pub mod heading;
pub mod pipe;
pub mod plain;
pub mod progress;
pub mod style;
pub mod table;
pub mod units;

pub use args::args;
pub use data::Data;
pub use exit::{Lines, Usage, report, run};
pub use heading::heading;
pub use plain::plain;
pub use progress::Progress;
pub use style::Style;
pub use table::{Column, Table};
