//! What the project's database says: its status, and the plan of a deploy.

use std::collections::BTreeMap;

use catalog::Name;
use lint::TableSize;

use crate::progress::Within;
use crate::{
    Answers, Described, Error, PlanFile, PlanOf, Progress, Project, Settings, Status, datasource,
};

/// What the database says.
pub(in crate::check) struct Asked {
    /// Which database it is; none if there is no telling.
    pub(in crate::check) described: Option<Described>,
    pub(in crate::check) status: Result<Status, Error>,
    /// What a deploy would do, with the data that it meets.
    pub(in crate::check) plan: Result<PlanFile, Error>,
    /// The sizes of its tables.
    pub(super) sizes: BTreeMap<Name, TableSize>,
}

/// Asks the database. What it does not tell is an error in its place.
pub(super) async fn ask(
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Asked {
    let progress = &mut Within(progress);
    let status = Box::pin(crate::status(project, settings, progress)).await;
    let plan = match &status {
        Ok(_) => {
            let answers = Answers::default();
            Box::pin(crate::plan(project, settings, PlanOf::Deploy, answers, progress)).await
        }
        Err(error) => Err(Error::Unready(error.to_string())),
    };
    let sizes = match &status {
        Ok(_) => sizes(project, settings, progress).await.unwrap_or_default(),
        Err(_) => BTreeMap::new(),
    };
    let described = match &status {
        Ok(status) => Some(status.datasource.clone()),
        Err(_) => project.database_url().ok().map(|url| datasource::describe(project, &url)),
    };
    Asked { described, status, plan, sizes }
}

async fn sizes(
    project: &Project,
    settings: &Settings,
    progress: &mut Within<'_>,
) -> Result<BTreeMap<Name, TableSize>, Error> {
    datasource::with_url(project, settings, progress, async |url, _| {
        let session = datasource::connect(&url, settings).await?;
        crate::lint::sizes(&session).await
    })
    .await
}
