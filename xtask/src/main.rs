//! Developer commands for the undrift workspace.
fn main() {}
