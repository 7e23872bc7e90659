//! diffing.
