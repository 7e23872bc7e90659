//! The only crate that opens a connection: introspection, replay, history table, lock, deployment.
