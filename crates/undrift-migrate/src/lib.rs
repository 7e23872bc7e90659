//! The migrations of a Prisma project inside a program, applied to PostgreSQL when the program starts.
//!
//! They are the files of `prisma/migrations`, compiled in, and the same table `_prisma_migrations`, so that
//! `undrift status`, `prisma migrate deploy` and this crate can be used in turn on one database.
//!
//! ```no_run
//! use undrift_migrate::{Migrations, migrations};
//!
//! static MIGRATIONS: Migrations = migrations!("$CARGO_MANIFEST_DIR/tests/migrations");
//!
//! # async fn start() -> Result<(), undrift_migrate::Error> {
//! let url = std::env::var("DATABASE_URL").unwrap_or_default();
//! let deployed = MIGRATIONS.deploy(&url).await?;
//! println!("{} migrations applied", deployed.applied.len());
//! # Ok(())
//! # }
//! ```
//!
//! [`Migrations::deploy`] can be awaited on any runtime, and its future can be sent between threads;
//! [`Migrations::deploy_blocking`] needs no runtime, and may be called within one. Both do the same:
//!
//! - They take the lock that undrift and Prisma take, so that of many programs that start at once one
//!   applies and the others wait, and find nothing to do.
//! - Each migration is one transaction with its row of the history. A program that is killed leaves a
//!   migration done or not begun. What PostgreSQL refuses in a transaction, such as `CREATE INDEX
//!   CONCURRENTLY`, is split off, and the next start goes on where the last one stopped.
//! - A program with fewer migrations than the database has is let start: it may be the old version of a
//!   rolling deploy.
//!
//! Nothing here looks for drift, asks, or tells what data a migration loses: do that before, in CI, by
//! `undrift check` and `undrift plan`. A migration that `undrift drift adopt` wrote is run as any other;
//! databases that have the drift already are brought over it by `undrift migrate deploy`, which can tell.
//!
//! A migration that is added without any change of the program's code is noticed by cargo only with a
//! build script of one line: `println!("cargo::rerun-if-changed=prisma/migrations");`.

mod deploy;
mod error;

use std::time::Duration;

use include_dir::{Dir, DirEntry};

pub use deploy::Deployed;
pub use error::Error;

#[doc(hidden)]
pub use include_dir as __include_dir;

/// Compiles a migrations folder in: without arguments `prisma/migrations` beside the `Cargo.toml`, otherwise
/// the path in the literal, in which `$CARGO_MANIFEST_DIR` may stand.
#[macro_export]
macro_rules! migrations {
    () => {
        $crate::migrations!("$CARGO_MANIFEST_DIR/prisma/migrations")
    };
    // Not `literal`: the macro that reads the folder would not see through that.
    ($path:tt) => {{
        use $crate::__include_dir as include_dir;
        static FOLDER: include_dir::Dir<'static> = include_dir::include_dir!($path);
        $crate::Migrations::in_folder(&FOLDER)
    }};
}

/// Migrations inside a program; see [`migrations!`].
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    folder: &'static Dir<'static>,
    options: Options,
}

/// How to apply them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How long to wait while another program applies migrations. A minute.
    pub wait: Duration,
    /// Whether the database is made if it is not there, as `prisma migrate deploy` does. It is not.
    pub create_database: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Options {
    const DEFAULT: Self = Self { wait: Duration::from_mins(1), create_database: false };
}

impl Migrations {
    /// The migrations of a folder that was compiled in; the macro calls this.
    #[doc(hidden)]
    pub const fn in_folder(folder: &'static Dir<'static>) -> Self {
        Self { folder, options: Options::DEFAULT }
    }

    /// The same, waiting for this long while another program applies migrations.
    #[must_use]
    pub const fn waiting(mut self, wait: Duration) -> Self {
        self.options.wait = wait;
        self
    }

    /// The same, making the database if it is not there.
    #[must_use]
    pub const fn creating_database(mut self) -> Self {
        self.options.create_database = true;
        self
    }

    /// Their names, in the order in which they are applied.
    ///
    /// # Errors
    /// When a folder has no `migration.sql`, a script is not UTF-8, or they are not for PostgreSQL.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        Ok(self.read()?.into_iter().map(|migration| migration.name).collect())
    }

    /// Applies those that the database does not have. Dropping the future stops in order: after the
    /// statement that runs is cancelled, its migration is as if it had not begun.
    ///
    /// # Errors
    /// When the database cannot be reached or written, somebody else applies migrations for longer than
    /// is waited for, the history holds a failure, or a migration fails: what was applied before stays.
    pub async fn deploy(&self, url: &str) -> Result<Deployed, Error> {
        deploy::deploy(self.read()?, url, self.options).await
    }

    /// The same for a program without a runtime, or where waiting is wanted.
    ///
    /// # Errors
    /// Those of [`deploy`](Self::deploy).
    pub fn deploy_blocking(&self, url: &str) -> Result<Deployed, Error> {
        deploy::deploy_blocking(&self.read()?, url, self.options)
    }

    /// The names of those that the database does not have; all of them if it has no history.
    ///
    /// # Errors
    /// When the database cannot be reached or read.
    pub async fn pending(&self, url: &str) -> Result<Vec<String>, Error> {
        deploy::pending(self.read()?, url).await
    }

    fn read(&self) -> Result<Vec<project::Migration>, Error> {
        let mut files = Vec::new();
        collect(self.folder, &mut files);
        Ok(project::embedded_migrations(files)?.migrations)
    }
}

/// All files below a folder, by their paths.
fn collect<'a>(folder: &'a Dir<'a>, files: &mut Vec<(&'a str, &'a [u8])>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => collect(folder, files),
            DirEntry::File(file) => {
                // A path that is not UTF-8 is no migration's.
                files.extend(file.path().to_str().map(|path| (path, file.contents())));
            }
        }
    }
}
