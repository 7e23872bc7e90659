//! All that is known about a project on one database, for a page to look at.

use std::time::SystemTime;

use serde::Serialize;

use crate::drift::Against;
use crate::progress::Within;
use crate::{
    Answers, Diagram, DiagramRequest, DiagramSource, DriftRequest, Error, Explanation, Lint,
    LintRequest, LintTarget, PlanFile, PlanOf, Progress, Project, Report, Settings, Status,
    Timeline, diagram, explain, lint, plan, status, timeline,
};

/// All that is known about a project on one database.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// The version of undrift that looked.
    pub undrift: &'static str,
    /// When, as a person reads it: `2026-12-01 04:49 UTC`.
    pub at: String,
    /// The schema file or folder, as the user would write it.
    pub schema_path: String,
    /// Whether database, migrations and schema agree; none if no database was asked.
    pub status: Option<Found<Status>>,
    /// The migrations in the order of time; none if no database was asked.
    pub timeline: Option<Found<Timeline>>,
    /// What has drifted, with the SQL of both ways; none if no database was asked.
    pub drift: Option<Found<Explanation>>,
    /// What a deploy would do; none if no database was asked.
    pub plan: Option<Found<PlanFile>>,
    /// What is dangerous in the migrations.
    pub lint: Found<Lint>,
    /// The schema as a diagram, with what of it is other than in the database, or, if none was asked,
    /// than what the migrations make.
    pub diagram: Found<Diagram>,
}

/// Something that was looked for.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "value")]
pub enum Found<T> {
    /// It was found out.
    Known(T),
    /// It was not; why.
    Unknown(Report),
}

impl<T> Found<T> {
    /// What was found out.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

impl<T> From<Result<T, Error>> for Found<T> {
    fn from(result: Result<T, Error>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(error) => Self::Unknown(error.report()),
        }
    }
}

/// Where is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In the files and in the database.
    Database,
    /// In the files alone.
    Files,
}

/// Looks at everything, and changes nothing. What cannot be found out is [`Found::Unknown`], since the
/// rest is worth a look all the same.
///
/// # Errors
/// When the database is to be asked and cannot be.
pub async fn overview(
    project: &Project,
    settings: &Settings,
    scope: Scope,
    now: SystemTime,
    progress: &mut (dyn Progress + '_),
) -> Result<Overview, Error> {
    let progress = &mut Within(progress);
    let mut overview = Overview {
        undrift: env!("CARGO_PKG_VERSION"),
        at: project::utc(now),
        schema_path: project.display(&project.schema_path),
        status: None,
        timeline: None,
        drift: None,
        plan: None,
        lint: linted(project, settings, progress).await.into(),
        diagram: drawn(project, settings, scope, progress).await.into(),
    };
    if scope == Scope::Files {
        return Ok(overview);
    }
    overview.timeline = Some(Found::Known(timeline(project, settings, progress).await?));
    overview.status = Some(Box::pin(status(project, settings, progress)).await.into());
    let request = DriftRequest { against: Against::Migrations, objects: Vec::new(), sql: true };
    overview.drift = Some(Box::pin(explain(project, settings, &request, progress)).await.into());
    let planned = plan(project, settings, PlanOf::Deploy, Answers::default(), progress);
    overview.plan = Some(Box::pin(planned).await.into());
    Ok(overview)
}

async fn linted(
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<Lint, Error> {
    let request = LintRequest { target: LintTarget::All, fix: false };
    Box::pin(lint(Some(project), settings, &request, progress)).await
}

/// The schema against the database; where the schema has a mistake, the database alone.
async fn drawn(
    project: &Project,
    settings: &Settings,
    scope: Scope,
    progress: &mut (dyn Progress + '_),
) -> Result<Diagram, Error> {
    let since = match scope {
        Scope::Database => DiagramSource::Database,
        Scope::Files => DiagramSource::Migrations,
    };
    let mut request = DiagramRequest {
        of: DiagramSource::Schema,
        since: Some(since.clone()),
        only_changes: false,
    };
    match Box::pin(diagram(project, settings, &request, progress)).await {
        Err(Error::Schema { .. }) => request.of = since,
        outcome => return outcome,
    }
    request.since = None;
    Box::pin(diagram(project, settings, &request, progress)).await
}
