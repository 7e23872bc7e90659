//! The new migration in the form that lets a database in use go on.

use lint::Context;
use project::Migration;
use script::Script;

use super::Run;
use crate::lint::{Safe, SafeForm};
use crate::shadow::Shadow;
use crate::{Error, Progress};

impl Run<'_> {
    /// The migration that was written, or those that it becomes in the form that lets a database in use
    /// go on.
    pub(super) async fn parts(
        &self,
        shadow: &Shadow<'_>,
        earlier: &[Migration],
        written: Migration,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Vec<Migration>, Error> {
        if !self.request.online {
            return Ok(vec![written]);
        }
        let context = Context { migration: Some(&written.name), ..self.context(earlier)? };
        let folder = &self.project.migrations_folder;
        let form = SafeForm { shadow, folder, earlier, next: None };
        match form.of(&written, &context, progress).await? {
            Safe::Rewritten(parts) => {
                crate::lint::write(&parts)?;
                Ok(parts)
            }
            Safe::Already => Ok(vec![written]),
            Safe::Stays(reason) => {
                progress.notice(&format!("written as it is, because {reason}"));
                Ok(vec![written])
            }
        }
    }

    /// What is known behind some migrations.
    pub(super) fn context(&self, earlier: &[Migration]) -> Result<Context<'_>, Error> {
        let schema = self.url.schema();
        let mut context = Context { schema, ..Context::none() };
        for migration in earlier {
            context.known.learn(&Script::parse(&migration.script), schema);
        }
        context.allowed = crate::lint::allowed(self.settings)?;
        Ok(context)
    }
}
