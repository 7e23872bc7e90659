//! The same for a program without a runtime, which makes its database if it is not there.
#![expect(clippy::print_stdout, reason = "an example talks to its terminal")]

use std::time::Duration;

use undrift_migrate::{Migrations, migrations};

static MIGRATIONS: Migrations = migrations!("$CARGO_MANIFEST_DIR/tests/migrations")
    .waiting(Duration::from_mins(5))
    .creating_database();

fn main() -> Result<(), undrift_migrate::Error> {
    #[expect(clippy::disallowed_methods, reason = "a program reads its environment")]
    let url = std::env::var("DATABASE_URL").unwrap_or_default();
    let deployed = MIGRATIONS.deploy_blocking(&url)?;
    println!("applied: {}", deployed.applied.join(", "));
    Ok(())
}
