//! manners.
