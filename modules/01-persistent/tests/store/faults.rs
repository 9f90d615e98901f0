//! .
pub fn flipper() {}
