//! What is done about it.
