//! A program that brings its database up to date before it does anything else:
//! `DATABASE_URL=postgresql://… cargo run --example start`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its terminal")]

use std::process::ExitCode;

use undrift_migrate::{Migrations, migrations};

static MIGRATIONS: Migrations = migrations!("$CARGO_MANIFEST_DIR/tests/migrations");

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "a program reads its environment")]
    let url = std::env::var("DATABASE_URL").unwrap_or_default();
    match MIGRATIONS.deploy(&url).await {
        Ok(deployed) => {
            println!("applied: {}", deployed.applied.join(", "));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            if let Some(help) = error.help() {
                eprintln!("next: {help}");
            }
            ExitCode::FAILURE
        }
    }
}
