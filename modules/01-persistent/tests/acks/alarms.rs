//! No false alarm.
