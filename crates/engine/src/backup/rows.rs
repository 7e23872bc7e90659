//! Copies of rows and values, in the database itself.

use std::collections::BTreeSet;

use catalog::kinds::table::Table;
use catalog::{BACKUP_SCHEMA, Catalog, Name, quoted};
use database::{BackupState, Executed};

use super::{BackupRequest, CopiedTable, Kept, Made, Place, json};
use crate::pending::Pending;
use crate::stake::Stakes;
use crate::{Error, Progress, rollback};

/// What is copied: a table, or a column of it.
type Meant = BTreeSet<(Name, Option<String>)>;

impl Place<'_> {
    /// Copies what the pending migrations take away or change, or the tables that were named, as it is at
    /// one moment.
    pub(super) async fn take_rows(
        &self,
        id: &str,
        request: &BackupRequest,
        pending: &Pending<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Kept, Error> {
        progress.busy("reading the database");
        let catalog = database::introspect(self.session, None).await?;
        let meant = if request.tables.is_empty() {
            let steps: Vec<_> = pending.steps.iter().map(|(_, step)| step.clone()).collect();
            Stakes::new(self.session, &catalog, database::LIMITS).goes(&steps)
        } else {
            self.named(&request.tables, &catalog)?.into_iter().map(|table| (table, None)).collect()
        };
        self.copy(id, &meant, &catalog, progress).await
    }

    /// The tables that were named.
    pub(super) fn named(&self, names: &[String], catalog: &Catalog) -> Result<Vec<Name>, Error> {
        let schema = &self.session.server().schema;
        let find = |written: &String| {
            let (schema, name) = written.split_once('.').unwrap_or((schema, written));
            let name = Name::new(schema, name);
            let found = catalog.tables.get(&name).map(|table| table.name.clone());
            found.ok_or_else(|| {
                Error::Usage(format!("--tables {written}: there is no table {name}"))
            })
        };
        names.iter().map(find).collect()
    }

    /// Copies tables and columns in one transaction, each counted and summed up.
    pub(super) async fn copy(
        &self,
        id: &str,
        meant: &Meant,
        catalog: &Catalog,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Kept, Error> {
        if meant.is_empty() {
            let reason = "no row or value is taken away or changed".to_owned();
            return Ok(Kept::Nothing { reason });
        }
        // Where a policy would hide rows, the server refuses instead.
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL row_security = off";
        self.execute(begin).await?;
        let copied = async {
            let mut copies = Vec::new();
            for (number, (name, column)) in meant.iter().enumerate() {
                let Some(table) = catalog.tables.get(name) else { continue };
                progress.busy(&format!("copying {name}"));
                copies.push(self.copy_one(id, number, table, column.as_deref()).await?);
            }
            Ok(copies)
        };
        let copied: Result<Vec<CopiedTable>, Error> = copied.await;
        match copied {
            Ok(copies) => {
                self.execute("COMMIT").await?;
                Ok(Kept::Rows { copies })
            }
            Err(error) => {
                drop(self.session.run("rolling back", "ROLLBACK").await);
                Err(error)
            }
        }
    }

    async fn copy_one(
        &self,
        id: &str,
        number: usize,
        table: &Table,
        column: Option<&str>,
    ) -> Result<CopiedTable, Error> {
        let Name { schema, name } = &table.name;
        let what = column.map_or_else(|| name.clone(), |column| format!("{name}_{column}"));
        let copy = rollback::copy_name(id, number, &what, "");
        let remark = format!(
            "undrift: {} of {} for the backup {id}",
            column.map_or_else(|| "all".to_owned(), |column| format!("column {column}")),
            table.name
        );
        self.execute(&table.back_up(column, &copy, &remark)).await?;
        let (rows, checksum) = self.sum(&copy).await?;
        let question = format!(
            "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass({}) \
             AND attnum > 0 ORDER BY attnum",
            catalog::literal(&format!("{}.{}", quoted(BACKUP_SCHEMA), quoted(&copy)))
        );
        let columns = self.execute(&question).await?;
        let columns = columns.results.iter().flat_map(|it| &it.rows).flatten().flatten();
        Ok(CopiedTable {
            schema: schema.clone(),
            table: name.clone(),
            column: column.map(str::to_owned),
            columns: columns.cloned().collect(),
            copy,
            rows,
            checksum,
        })
    }

    /// How many rows a copy has, and a sum over all of them.
    pub(super) async fn sum(&self, copy: &str) -> Result<(u64, String), Error> {
        let question = format!(
            "SELECT count(*), coalesce(sum(hashtextextended(c::text, 0)::numeric), 0) FROM {}.{} AS c",
            quoted(BACKUP_SCHEMA),
            quoted(copy)
        );
        let answer = self.execute(&question).await?;
        let row = answer.results.first().and_then(|result| result.rows.first());
        let text =
            |at: usize| row.and_then(|row| row.get(at).cloned().flatten()).unwrap_or_default();
        Ok((text(0).parse().unwrap_or_default(), text(1)))
    }

    /// Makes a backup of what is about to be overwritten, as a backup of its own.
    pub(super) async fn take_before_overwriting(
        &self,
        meant: &Meant,
        catalog: &Catalog,
        progress: &mut (dyn Progress + '_),
    ) -> Result<String, Error> {
        let mut made = Made {
            migrations: Vec::new(),
            plan: String::new(),
            kept: Kept::Nothing { reason: "it was only begun".to_owned() },
        };
        let id = database::begin_backup(self.session, &json(&made)).await?;
        made.kept = self.copy(&id, meant, catalog, progress).await?;
        let script = database::finishing_backup(&id, BackupState::Done, &json(&made));
        self.session.run("writing down how the backup went", &script).await?;
        Ok(id)
    }

    /// Runs a script; an interruption cancels it.
    pub(super) async fn execute(&self, script: &str) -> Result<Executed, Error> {
        Ok(database::execute(self.session, script, self.cancel).await?)
    }
}

/// The number that a query for one gave.
pub(super) fn number_of(answer: &Executed) -> Option<u64> {
    answer.results.first()?.rows.first()?.first()?.as_ref()?.parse().ok()
}
