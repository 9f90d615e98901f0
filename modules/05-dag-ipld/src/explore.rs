//! The page that shows a DAG: what is in it, and the page itself.
//!
//! One file of HTML with all data in it: it opens by a double click, asks nothing of any network, and
//! can be kept. [`Model`] is what the page shows, and [`page`] writes it.

mod json;
mod model;
mod page;
mod text;

pub use model::{Bounds, Info, Model, Shown, State, Variant};
pub use page::page;
