//! What a Prisma project is on disk: schema files, config, environment files, migrations folder.
//!
//! [`discover`] finds everything the way Prisma 6 and 7 do and remembers what was read from where.
//! [`DatabaseUrl`] takes a connection URL apart. [`read_migrations`] reads the migrations folder. The
//! crate reads files and opens no connection; environment, current directory and flags are arguments.

mod backup_kind;
mod config;
mod datasource;
mod discover;
mod duration;
mod environment;
mod environments;
mod error;
mod ignore;
mod lint_allowances;
mod migrations;
mod package_json;
mod path;
mod schema_files;
mod text;
mod undrift_toml;
mod url;

pub use backup_kind::BackupKind;
pub use config::Config;
pub use datasource::{AbsentUrl, DatasourceUrl};
pub use discover::{Project, Read, Release, Request, Sourced, discover};
pub use duration::parse_duration;
pub use environments::{Action, Class, Environment, Environments, Named, Waiting};
pub use error::Error;
pub use ignore::{IgnoreRule, IgnoreRules, Subject, add_ignore_rule};
pub use lint_allowances::lint_allowances;
pub use migrations::{
    DownFile, Due, LOCK_TEXT, Migration, MigrationsFolder, NewDown, NewMigration, NewSquash,
    Origin, checksum, new_migration, read_down, read_migrations, read_present_migrations,
    squash_name, unfold, write_down, write_migration, write_squash,
};
pub use schema_files::read_schema;
pub use undrift_toml::FILE as UNDRIFT_TOML;
pub use url::{DatabaseUrl, EnvironmentClass, UrlError};
