//! `diff`.

use engine::{DiffRequest, Error, Pair, Source};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Call, Function};

pub(super) struct Diff;

/// Which two are to be compared.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// What there is
    from: Side,
    /// What there is to be
    to: Side,
}

/// Something of the project; no other file or database can be named.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Side {
    /// An empty database
    Empty,
    /// The schema
    Schema,
    /// All migrations, replayed on a shadow database
    Migrations,
    /// The project's database
    Database,
}

impl Side {
    fn source(&self, call: &Call) -> Source {
        match self {
            Self::Empty => Source::Empty,
            Self::Schema => Source::Schema(call.project.schema_path.clone()),
            Self::Migrations => Source::Migrations(call.project.migrations_folder.clone()),
            Self::Database => Source::Datasource,
        }
    }
}

impl Function for Diff {
    const NAME: &'static str = "diff";
    const TITLE: &'static str = "SQL from one state to another";
    const DESCRIPTION: &'static str = "Compare two of the project's schema, migrations, database, or \
        nothing, as far as the Prisma schema language goes, and return the SQL that leads from one to the \
        other, as `prisma migrate diff --script` prints it. Runs none of it. Changes nothing.";
    type Input = Input;
    type Output = engine::Diff;

    async fn run(input: Input, mut call: Call) -> Result<Self::Output, Error> {
        let sources = Pair::new(input.from.source(&call), input.to.source(&call));
        let request = DiffRequest { sources, shadow_database_url: None, renames: Vec::new() };
        let (project, settings) = (&call.project, &call.settings);
        engine::diff(Some(project), settings, request, &mut call.progress, false).await
    }
}
