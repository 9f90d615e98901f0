//! dag-pb.
