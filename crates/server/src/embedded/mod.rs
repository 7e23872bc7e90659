//! The PostgreSQL inside the binary.
