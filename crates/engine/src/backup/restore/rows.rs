//! Putting copied rows back into their tables.

use std::collections::BTreeSet;

use catalog::kinds::table::Table;
use catalog::{Catalog, Name, PutBack, TableCopy, quoted};

use super::{RestoreRequest, RestoreTo, Restored, RestoredTable};
use crate::backup::rows::number_of;
use crate::backup::{CopiedTable, Place};
use crate::questions::{Dialogue, Question};
use crate::{Error, Progress, destruction};

/// What it is called where it is refused.
const DOING: &str = "backup restore with --overwrite";

/// A copied table with the table it goes back to.
struct Back<'a> {
    copied: &'a CopiedTable,
    table: &'a Table,
}

impl Back<'_> {
    fn copy(&self) -> TableCopy<'_> {
        let CopiedTable { copy, columns, column, .. } = self.copied;
        TableCopy { copy, columns, column: column.as_deref() }
    }
}

impl Place<'_> {
    /// Puts copied rows back: those that are missing, and values that are null; with `overwrite`, all.
    pub(super) async fn restore_rows(
        &self,
        copies: &[CopiedTable],
        request: &RestoreRequest,
        dialogue: &mut Dialogue<'_>,
        restored: &mut Restored,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(), Error> {
        if request.to != RestoreTo::Default {
            return Err(Error::Usage(
                "copied rows go back to their tables: leave the target out".to_owned(),
            ));
        }
        self.session.ensure_writable()?;
        progress.busy("comparing the copies with their tables");
        let catalog = database::introspect(self.session, None).await?;
        let backs = self.backs(copies, request, &catalog).await?;
        for back in &backs {
            restored.tables.push(self.compare(back).await?);
        }
        let differing: BTreeSet<(Name, Option<String>)> = backs
            .iter()
            .zip(&restored.tables)
            .filter(|(_, told)| told.differing > 0)
            .map(|(back, _)| (back.table.name.clone(), back.copied.column.clone()))
            .collect();
        let overwrites = request.overwrite && !differing.is_empty();
        if overwrites && !request.dry_run {
            destruction::permit_reviewed(self.url, DOING, self.settings)?;
            self.agree(&restored.tables, dialogue, progress)?;
            progress.busy("keeping what is overwritten");
            restored.overwritten =
                Some(self.take_before_overwriting(&differing, &catalog, progress).await?);
        }
        for told in &mut restored.tables {
            told.overwritten = overwrites && told.differing > 0;
        }
        if request.dry_run {
            return Ok(());
        }
        progress.busy("putting rows back");
        let mut script = "BEGIN;\n".to_owned();
        for back in in_order(&backs) {
            let copy = back.copy();
            let mut ways = vec![PutBack::Missing, PutBack::Nulls];
            if overwrites {
                ways.push(PutBack::Differing);
            }
            for way in ways {
                script.push_str(&back.table.put_back(copy, way).unwrap_or_default());
            }
            script.push_str(&back.table.go_on_counting());
        }
        script.push_str("COMMIT;\n");
        if let Err(error) = self.execute(&script).await {
            drop(self.session.run("rolling back", "ROLLBACK").await);
            return Err(error);
        }
        restored.to = Some("the tables they were copied from".to_owned());
        let is_left = restored.tables.iter().any(|it| it.differing > 0 && !it.overwritten);
        if is_left {
            let id = &request.id;
            restored
                .next
                .push(format!("overwrite what differs: undrift backup restore {id} --overwrite"));
        }
        Ok(())
    }

    /// The tables that copies go back to, and whether the copies are what they were.
    async fn backs<'a>(
        &self,
        copies: &'a [CopiedTable],
        request: &RestoreRequest,
        catalog: &'a Catalog,
    ) -> Result<Vec<Back<'a>>, Error> {
        let mut backs = Vec::new();
        for copied in copies {
            let name = Name::new(&copied.schema, &copied.table);
            let is_meant = |it: &String| *it == name.to_string() || *it == name.name;
            if !request.table.as_ref().is_none_or(is_meant) {
                continue;
            }
            let gone = |what: String| {
                Error::Unready(format!(
                    "there is no {what} to put the copy of {copied} into. If a migration took it away: \
                     undrift rollback, and then this again. The copy stays: SELECT * FROM undrift_backup.{}",
                    quoted(&copied.copy)
                ))
            };
            let Some(table) = catalog.tables.get(&name) else {
                return Err(gone(format!("table {name}")));
            };
            if let Some(column) = &copied.column
                && !table.columns.iter().any(|it| it.name == *column)
            {
                return Err(gone(format!("column {column} of {name}")));
            }
            if self.sum(&copied.copy).await? != (copied.rows, copied.checksum.clone()) {
                return Err(Error::Unready(format!(
                    "the copy undrift_backup.{} is not what it was when it was made: somebody changed it",
                    quoted(&copied.copy)
                )));
            }
            backs.push(Back { copied, table });
        }
        match (&request.table, backs.is_empty()) {
            (Some(table), true) => {
                Err(Error::Usage(format!("--table {table}: the backup has no copy of it")))
            }
            _ => Ok(backs),
        }
    }

    /// Counts what would come back, and what is other than in the copy.
    async fn compare(&self, back: &Back<'_>) -> Result<RestoredTable, Error> {
        let copy = back.copy();
        let mut counts = [0; 3];
        let ways = [PutBack::Missing, PutBack::Nulls, PutBack::Differing];
        for (count, way) in counts.iter_mut().zip(ways) {
            let applies = way != PutBack::Missing || copy.column.is_none();
            let Some(question) = back.table.count_to_put_back(copy, way).filter(|_| applies) else {
                continue;
            };
            *count = number_of(&self.execute(&question).await?).unwrap_or_default();
        }
        let [rows, values, differing] = counts;
        let name = &back.table.name;
        let has_key = back.table.primary_key.is_some();
        if !has_key && copy.column.is_some() {
            return Err(Error::Unready(format!(
                "{name} has no primary key that tells which value belongs where; the copy has whole rows: \
                 SELECT * FROM undrift_backup.{}",
                quoted(copy.copy)
            )));
        }
        if !has_key {
            let all =
                format!("SELECT count(*) FROM {}.{}", quoted(&name.schema), quoted(&name.name));
            if number_of(&self.execute(&all).await?) != Some(0) {
                return Err(Error::Unready(format!(
                    "{name} has rows and no primary key that tells which of the copy are missing: \
                     INSERT INTO {}.{} SELECT … FROM undrift_backup.{}",
                    quoted(&name.schema),
                    quoted(&name.name),
                    quoted(copy.copy)
                )));
            }
        }
        let of = back.copied.to_string();
        Ok(RestoredTable { of, rows, values, differing, overwritten: false })
    }

    /// Whether what differs may be overwritten.
    fn agree(
        &self,
        tables: &[RestoredTable],
        dialogue: &mut Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(), Error> {
        let name = &self.session.server().database;
        let about: Vec<String> = tables
            .iter()
            .filter(|it| it.differing > 0)
            .map(|it| {
                format!(
                    "overwritten: {} rows that are other than in the copy of the {}",
                    it.differing, it.of
                )
            })
            .collect();
        for line in &about {
            progress.notice(line);
        }
        let text = format!(
            "Values that are there now are overwritten, with a copy kept. Type the name of the database, \
             {name}, to go on:"
        );
        let question =
            Question::typed("overwrite", &text, name, &format!("--answer overwrite={name}"))
                .about(&about);
        progress.asking();
        dialogue.ask(std::slice::from_ref(&question))?;
        match dialogue.answers().answer(&question) {
            Some(answer) if question.is_yes(answer) => Ok(()),
            Some(_) | None => Err(Error::Declined("Nothing was changed.")),
        }
    }
}

/// Tables that others refer to come first; in a circle, as they are.
fn in_order<'a>(backs: &'a [Back<'a>]) -> Vec<&'a Back<'a>> {
    let mut left: Vec<&Back<'_>> = backs.iter().collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waits = |back: &&Back<'_>| {
            back.table.foreign_keys.iter().any(|key| {
                let is_it = |other: &&Back<'_>| other.table.name == key.referenced_table;
                key.referenced_table != back.table.name && left.iter().any(is_it)
            })
        };
        let (waiting, ready): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
        if ready.is_empty() {
            order.extend(waiting);
            return order;
        }
        order.extend(ready);
        left = waiting;
    }
    order
}
