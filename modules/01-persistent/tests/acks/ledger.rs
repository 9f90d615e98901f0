//! A ledger that is not what it was is told.
