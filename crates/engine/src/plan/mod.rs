//! A plan as a file: what would be done to a database, with what is known about it, to be looked at, and
//! agreed to, before it is done.
//!
//! There is one plan for each of the commands that change a database: what `migrate deploy` would do
//! ([`PlanOf::Deploy`]), what `db push` would ([`PlanOf::Schema`]), what `drift revert` would
//! ([`PlanOf::Drift`]). A plan holds the answers to the questions that the command would ask, and what it
//! was made of: [`apply`] carries it out if all that is still so, and asks nothing.

mod apply;
mod deploy;
mod drift;
mod schema;
mod statement;
mod target;
mod unseen;

use std::collections::BTreeMap;
use std::path::Path;

use catalog::{Catalog, Difference, FieldDifference, Kind, Pair, State};
use database::Session;
use project::{DatabaseUrl, Project};
use serde::{Deserialize, Serialize};

pub use apply::{AppliedPlan, apply};
pub use statement::{Action, PlannedScript, PlannedStatement};
pub use target::{Files, Recorded, Target};
pub(crate) use unseen::unseen;

use crate::stake::{Fate, Stake};
use crate::{
    Answers, Described, Error, Progress, Question, Settings, datasource, files, schema as schemas,
};

/// The form of the file; another form has another number.
const FORMAT: u32 = 1;

/// What a plan is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlanOf {
    /// The pending migrations are applied, as by `migrate deploy`.
    Deploy,
    /// The database is made what the schema says, as by `db push`.
    Schema,
    /// The database is made again what the applied migrations make, as by `drift revert`.
    Drift,
}

/// A plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanFile {
    /// The form of the file.
    pub format: u32,
    /// The version of undrift that made it.
    pub undrift: String,
    /// What it is a plan of.
    pub of: PlanOf,
    /// The database that it is for.
    pub target: Target,
    /// The files that it was made of.
    pub files: Files,
    /// What there is to know about it besides.
    pub notices: Vec<String>,
    /// What will be other afterwards.
    pub changes: Vec<PlannedChange>,
    /// What is run, in order: each a migration, or a transaction.
    pub scripts: Vec<PlannedScript>,
    /// The data that would be lost, each in a few words.
    pub losses: Vec<String>,
    /// The data that makes it fail, each in a few words: a plan with these is not applied.
    pub stops: Vec<String>,
    /// What has to be decided before it is applied.
    pub questions: Vec<Question>,
    /// The answers given, by the question's id.
    pub answers: BTreeMap<String, String>,
}

/// An object that will be other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PlannedChange {
    /// What becomes of it.
    pub change: Verb,
    /// The kind of object.
    pub kind: Kind,
    /// Its name, as a person reads it.
    pub id: String,
    /// What of it changes, if it is there before and afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDifference>,
}

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// It will be there.
    Create,
    /// It will be another.
    Alter,
    /// It will be gone.
    Drop,
}

impl PlannedChange {
    /// What has to become of the objects that are not as they are to be.
    fn all(differences: Vec<Difference>) -> Vec<Self> {
        let change = |difference: Difference| {
            let (change, fields) = match difference.state {
                State::Missing => (Verb::Create, Vec::new()),
                State::Unexpected => (Verb::Drop, Vec::new()),
                State::Changed { fields } => (Verb::Alter, fields),
            };
            Self { change, kind: difference.kind, id: difference.id, fields }
        };
        differences.into_iter().map(change).collect()
    }
}

/// Makes a plan. Changes nothing.
///
/// # Errors
/// When the project cannot be read, the database not be reached, something else has to be done first, or
/// the pending migrations fail on a shadow database.
pub async fn plan(
    project: &Project,
    settings: &Settings,
    of: PlanOf,
    answers: Answers,
    progress: &mut (dyn Progress + '_),
) -> Result<PlanFile, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        let place = Place::new(url, project, settings).await?;
        let mut plan = match of {
            PlanOf::Deploy => Box::pin(deploy::plan(&place, progress)).await?,
            PlanOf::Schema => Box::pin(schema::plan(&place, &answers, progress)).await?,
            PlanOf::Drift => Box::pin(drift::plan(&place, progress)).await?,
        };
        for question in &plan.questions {
            if let Some(answer) = answers.answer(question) {
                plan.answers.insert(question.id.clone(), answer.to_owned());
            }
        }
        Ok(plan)
    })
    .await
}

impl PlanFile {
    /// Reads a plan from a file.
    ///
    /// # Errors
    /// When the file cannot be read, is no plan, or is one of another version of undrift.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let error = |cause| Error::File { doing: "reading", path: path.to_owned(), cause };
        let text = std::fs::read_to_string(path).map_err(error)?;
        let refused = |problem: String| Error::PlanFile { path: path.to_owned(), problem };
        let head: Head = serde_json::from_str(&text)
            .map_err(|cause| refused(format!("that is no plan: {cause}")))?;
        if head.format != FORMAT || head.undrift != env!("CARGO_PKG_VERSION") {
            return Err(refused(format!(
                "it was made by undrift {}, and this is {}; make it again",
                head.undrift,
                env!("CARGO_PKG_VERSION")
            )));
        }
        serde_json::from_str(&text).map_err(|cause| refused(format!("that is no plan: {cause}")))
    }

    /// Writes it to a file.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(|cause| Error::PlanFile {
            path: path.to_owned(),
            problem: cause.to_string(),
        })?;
        files::write_file(path, &format!("{text}\n"))
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.scripts.is_empty()
    }

    /// The questions that are not answered with yes.
    pub fn open_questions(&self) -> Vec<&Question> {
        let is_open = |question: &&Question| {
            !self.answers.get(&*question.id).is_some_and(|answer| question.is_yes(answer))
        };
        self.questions.iter().filter(is_open).collect()
    }

    /// Begins a plan that is made of nothing yet.
    fn new(of: PlanOf, target: Target, files: Files) -> Self {
        Self {
            format: FORMAT,
            undrift: env!("CARGO_PKG_VERSION").to_owned(),
            of,
            target,
            files,
            notices: Vec::new(),
            changes: Vec::new(),
            scripts: Vec::new(),
            losses: Vec::new(),
            stops: Vec::new(),
            questions: Vec::new(),
            answers: BTreeMap::new(),
        }
    }

    /// The data that its statements meet.
    fn stakes(&self) -> impl Iterator<Item = &Stake> {
        self.scripts.iter().flat_map(|script| &script.statements).flat_map(|it| &it.data)
    }

    /// Says of all statements together what data goes, and what stops them.
    fn sum_up(&mut self) {
        let told = |is_meant: fn(Fate) -> bool| -> Vec<String> {
            self.stakes().filter(|it| is_meant(it.fate)).map(ToString::to_string).collect()
        };
        let (losses, stops) = (told(Fate::is_loss), told(|fate| fate == Fate::Stops));
        (self.losses, self.stops) = (losses, stops);
    }
}

/// What tells whether the rest of a file can be read.
#[derive(Deserialize)]
struct Head {
    format: u32,
    undrift: String,
}

/// The project and its database.
struct Place<'a> {
    project: &'a Project,
    settings: &'a Settings,
    url: DatabaseUrl,
    session: Session,
    datasource: Described,
    schemas: Vec<String>,
}

impl<'a> Place<'a> {
    async fn new(
        url: DatabaseUrl,
        project: &'a Project,
        settings: &'a Settings,
    ) -> Result<Self, Error> {
        let declared = schemas::declared(project).map(|declared| declared.schemas);
        let schemas = declared.unwrap_or_else(|_| vec![url.schema().to_owned()]);
        let datasource = datasource::describe(project, &url);
        let session = datasource::connect(&url, settings).await?;
        Ok(Self { project, settings, url, session, datasource, schemas })
    }

    /// The database as it is, in short and in full.
    async fn target(&self) -> Result<(Target, Catalog), Error> {
        let rows = database::history(&self.session).await?;
        let actual = datasource::catalog(&self.session, &self.schemas).await?;
        let described = self.datasource.clone();
        let target = Target::of(described, &self.session, rows.as_deref(), &actual);
        Ok((target, actual))
    }
}

/// The objects that are other in one of two catalogs.
fn changes(catalogs: Pair<&Catalog>) -> Vec<PlannedChange> {
    PlannedChange::all(catalog::every_difference(catalogs))
}
