//! The engines, one file each: the same seam over five ways of keeping bytes.

pub mod memory;

#[cfg(test)]
pub(crate) mod direct;
