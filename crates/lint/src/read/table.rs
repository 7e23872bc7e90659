//! `CREATE TABLE` and `ALTER TABLE`.

use script::{Words, bare};

use super::Reader;
use super::column::r#type;
use crate::action::{Action, ActionKind, Alteration, NewTable};

/// The words that begin a constraint of a table rather than a column.
const CONSTRAINTS: &[&str] = &["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE"];

impl Reader<'_> {
    /// What follows `CREATE TABLE`.
    pub(super) fn create_table(self, words: Words<'_>) -> Option<NewTable> {
        let (name, rest) = self.name(words.maybe(&["IF", "NOT", "EXISTS"]))?;
        let mut table = NewTable {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            partition_of: None,
            is_partitioned: rest.behind(&["PARTITION", "BY"]).is_some(),
        };
        if let Some(after) = rest.after(&["PARTITION", "OF"]) {
            table.partition_of = Some(self.name(after)?.0);
            return Some(table);
        }
        let Some((inside, _)) = rest.parenthesised() else { return Some(table) };
        for part in inside.parts() {
            if CONSTRAINTS.iter().any(|word| part.starts(&[word])) {
                table.constraints.extend(self.constraint(part));
            } else if !part.starts(&["LIKE"]) {
                table.columns.extend(self.column(part));
            }
        }
        Some(table)
    }

    /// `ALTER TABLE`, part by part.
    pub(super) fn alter_table(self, words: Words<'_>) -> Option<Vec<Action>> {
        let rest = words.after(&["ALTER", "TABLE"])?;
        if rest.starts(&["ALL", "IN", "TABLESPACE"]) {
            return None;
        }
        let rest = rest.maybe(&["IF", "EXISTS"]).maybe(&["ONLY"]);
        let (table, rest) = self.name(rest)?;
        let parts = rest.maybe(&["*"]).parts();
        let read = |part: Words<'_>| {
            let alteration = self.alteration(part).unwrap_or(Alteration::Other);
            self.action(part, ActionKind::AlterTable(table.clone(), alteration))
        };
        Some(parts.into_iter().map(read).collect())
    }

    fn alteration(self, words: Words<'_>) -> Option<Alteration> {
        match words.word(0).to_ascii_uppercase().as_str() {
            "ADD" => self.addition(words.skip(1)),
            "ALTER" => altered_column(words.skip(1).maybe(&["COLUMN"])),
            "DROP" => dropped(words.skip(1)),
            "RENAME" => renamed(words.skip(1)),
            "VALIDATE" => Some(Alteration::Validate(bare(
                words.after(&["VALIDATE", "CONSTRAINT"])?.name()?.0,
            ))),
            "SET" | "RESET" => Some(set(words)),
            "CLUSTER" => Some(Alteration::Tune),
            "ENABLE" | "DISABLE" if words.skip(1).starts(&["ROW"]) => None,
            "ENABLE" | "DISABLE" if words.mentions(&["TRIGGER"]) => Some(Alteration::SwitchTrigger),
            "ATTACH" => {
                Some(Alteration::Attach(self.name(words.after(&["ATTACH", "PARTITION"])?)?.0))
            }
            "DETACH" => {
                let (partition, rest) = self.name(words.after(&["DETACH", "PARTITION"])?)?;
                Some(Alteration::Detach { partition, concurrently: rest.starts(&["CONCURRENTLY"]) })
            }
            _ => None,
        }
    }

    fn addition(self, words: Words<'_>) -> Option<Alteration> {
        let names_constraint = |words: Words<'_>| {
            CONSTRAINTS.iter().any(|word| words.starts(&[word])) || words.starts(&["NOT", "NULL"])
        };
        if words.is_name(0) && names_constraint(words) {
            return self.constraint(words).map(Alteration::AddConstraint);
        }
        let words = words.maybe(&["COLUMN"]).maybe(&["IF", "NOT", "EXISTS"]);
        self.column(words).map(Alteration::AddColumn)
    }
}

fn altered_column(words: Words<'_>) -> Option<Alteration> {
    if words.starts(&["CONSTRAINT"]) {
        return None;
    }
    let (column, rest) = words.name()?;
    let column = bare(column);
    if rest.starts(&["SET", "NOT", "NULL"]) {
        return Some(Alteration::SetNotNull(column));
    }
    if rest.starts(&["DROP", "NOT", "NULL"]) {
        return Some(Alteration::DropNotNull(column));
    }
    if rest.starts(&["SET", "STATISTICS"]) || rest.starts(&["SET", "("]) || rest.starts(&["RESET"])
    {
        return Some(Alteration::Tune);
    }
    let rest = rest.maybe(&["SET", "DATA"]).after(&["TYPE"])?;
    let all = rest;
    let (to, rest) = r#type(rest);
    let written = all.take(all.len() - rest.len()).text().to_owned();
    let using = rest.behind(&["USING"]);
    let expression = using.map(|using| using.text().to_owned());
    let using = using.filter(|using| {
        // USING "c"::type is what PostgreSQL does by itself.
        let cast = using.name().filter(|(name, _)| bare(name) == column);
        let cast = cast.and_then(|(_, rest)| rest.after(&[":", ":"])).map(r#type);
        !cast.is_some_and(|(cast, rest)| cast == to && rest.is_empty())
    });
    let using = using.map(|using| using.text().to_owned());
    Some(Alteration::ChangeType { column, to, using, written, expression })
}

fn dropped(words: Words<'_>) -> Option<Alteration> {
    if let Some(rest) = words.after(&["CONSTRAINT"]) {
        return Some(Alteration::DropConstraint(bare(rest.maybe(&["IF", "EXISTS"]).name()?.0)));
    }
    let (column, rest) = words.maybe(&["COLUMN"]).maybe(&["IF", "EXISTS"]).name()?;
    Some(Alteration::DropColumn { column: bare(column), cascade: rest.starts(&["CASCADE"]) })
}

fn renamed(words: Words<'_>) -> Option<Alteration> {
    if let Some(rest) = words.after(&["TO"]) {
        return Some(Alteration::Rename(bare(rest.name()?.0)));
    }
    if let Some(rest) = words.after(&["CONSTRAINT"]) {
        let (from, rest) = rest.name()?;
        let (to, _) = rest.after(&["TO"])?.name()?;
        return Some(Alteration::RenameConstraint { from: bare(from), to: bare(to) });
    }
    let (from, rest) = words.maybe(&["COLUMN"]).name()?;
    let (to, _) = rest.after(&["TO"])?.name()?;
    Some(Alteration::RenameColumn { from: bare(from), to: bare(to) })
}

fn set(words: Words<'_>) -> Alteration {
    const ANEW: [(&[&str], &str); 4] = [
        (&["SET", "LOGGED"], "SET LOGGED"),
        (&["SET", "UNLOGGED"], "SET UNLOGGED"),
        (&["SET", "TABLESPACE"], "SET TABLESPACE"),
        (&["SET", "ACCESS", "METHOD"], "SET ACCESS METHOD"),
    ];
    if let Some((_, command)) = ANEW.iter().find(|(keywords, _)| words.starts(keywords)) {
        return Alteration::WriteAnew(command);
    }
    if let Some((schema, _)) = words.after(&["SET", "SCHEMA"]).and_then(Words::name) {
        return Alteration::SetSchema(bare(schema));
    }
    // Storage parameters, and SET WITHOUT CLUSTER.
    if words.skip(1).starts(&["("]) || words.starts(&["SET", "WITHOUT", "CLUSTER"]) {
        return Alteration::Tune;
    }
    Alteration::Other
}
