//! Files and folders as DAGs with the CIDs that Kubo gives them, and CAR archives of them.
//!
//! Read in this order:
