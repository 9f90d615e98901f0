//! Stores around stores, one small file each, all under the contract of the store that they wrap.
//!
//! A wrapper changes one thing and forwards every other call, the defaulted ones too.
