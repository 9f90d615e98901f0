//! The pictures of the lessons.
//!
//! A picture is one SVG file of [`WIDTH`] units that a browser, a README and a phone show as it is:
//! no script, no font of its own, nothing from elsewhere. It is light or dark as its reader's system is,
//! and says in words what it shows, for those who do not see it.
//!
//! ```
//! use picture::{Area, Letters, Picture, Tone};
//!
//! let mut page = Picture::new("One block", "A block of 11 bytes, which its hash names.");
//! let block = Area::new(20.0, 60.0, 120.0, 40.0);
//! page.area(block, Tone::Bytes);
//! page.text_in(block, Letters::Code, Tone::Bytes, "Hello IPFS!");
//! page.text(156.0, 85.0, Letters::Small, Tone::Soft, "named by its hash");
//! let svg = page.finish()?;
//! assert!(svg.starts_with("<svg "));
//! # Ok::<(), picture::Fault>(())
//! ```
//!
//! Texts know how wide they are in the widest of the usual fonts. So [`finish`](Picture::finish) sees
//! what a reader would see: a text that is cut off, that runs out of its area or over another is a
//! [`Fault`], and not a picture.
//!
//! Read in this order:
//!
//! - [`page`]: the sheet that is drawn on
//! - [`letters`]: sizes, and widths
//! - [`theme`]: colours, by what they mean
//! - [`calls`]: a figure of who asks the system for what, in order
//! - [`cuts`]: a figure of what a reader finds after a loss of power

mod area;
pub mod calls;
pub mod cuts;
mod fault;
mod form;
pub mod letters;
pub mod page;
pub mod theme;

pub use area::Area;
pub use fault::Fault;
pub use letters::Letters;
pub use page::{MARGIN, Picture, WIDTH};
pub use theme::Tone;
