//! The triggers that keep columns in step.

use super::{Beside, Source};
use crate::ddl::write;
use crate::{Name, Pair, quoted};

/// A function and the trigger that calls it.
struct Trigger {
    table: Name,
    name: String,
    when: &'static str,
    body: String,
}

impl Beside {
    /// The statements that make the functions and triggers.
    pub fn keep(&self) -> Vec<String> {
        self.triggers().iter().flat_map(Trigger::create).collect()
    }

    /// The statements that drop them.
    pub fn retire(&self) -> Vec<String> {
        self.triggers().iter().flat_map(Trigger::drop).collect()
    }

    fn triggers(&self) -> Vec<Trigger> {
        let Self { table, column, source, .. } = self;
        // The last one by name runs last: it sees what the user's own triggers did.
        let trigger = |on: &Name, suffix: &str, when, body| Trigger {
            table: on.clone(),
            name: super::free_name(
                &format!("zz_undrift_{}_{}", table.name, column),
                suffix,
                |_| false,
            ),
            when,
            body,
        };
        let (new, row) = (quoted(column), quoted(&table.name));
        let given = |value: &str, indent: &str| {
            format!("{indent}SELECT ({value}) INTO NEW.{new} FROM (SELECT NEW.*) AS {row};\n")
        };
        let each = "BEFORE INSERT OR UPDATE";
        match source {
            Source::Fill(value) => {
                let given = given(value, "        ");
                let body = format!("    IF NEW.{new} IS NULL THEN\n{given}    END IF;\n");
                vec![trigger(table, "", each, body)]
            }
            Source::Type { value, .. } => vec![trigger(table, "", each, given(value, "    "))],
            Source::Name { old, value } => {
                let (given, old) = (given(value, "        "), quoted(old));
                let body = format!(
                    "    -- Whichever was written is right.\n    \
                     IF TG_OP = 'INSERT' AND NEW.{new} IS NOT NULL THEN\n        \
                     NEW.{old} := NEW.{new};\n    \
                     ELSIF TG_OP = 'UPDATE' AND NEW.{new} IS DISTINCT FROM OLD.{new} THEN\n        \
                     NEW.{old} := NEW.{new};\n    \
                     ELSE\n{given}    END IF;\n"
                );
                vec![trigger(table, "", each, body)]
            }
            Source::Moved { from, old, keys, is_one_to_one } => {
                let spread =
                    write_to((table, column), old, keys, |key| (&key.desired, &key.actual));
                let mut all = vec![
                    trigger(
                        table,
                        "",
                        "BEFORE INSERT",
                        format!(
                            "    IF NEW.{new} IS NULL THEN\n{}    END IF;\n",
                            given(&self.value(), "        ")
                        ),
                    ),
                    trigger(from, "_from", "AFTER INSERT OR UPDATE", spread),
                ];
                if *is_one_to_one {
                    let back =
                        write_to((from, old), column, keys, |key| (&key.actual, &key.desired));
                    all.push(trigger(table, "_back", "AFTER INSERT OR UPDATE", back));
                }
                all
            }
        }
    }
}

/// Writes a column of the new row to the rows of another table that belong to it.
fn write_to(
    to: (&Name, &str),
    source: &str,
    keys: &[Pair<String>],
    there_and_here: impl Fn(&Pair<String>) -> (&String, &String),
) -> String {
    let (table, column) = (write::name(to.0), quoted(to.1));
    let is_own: Vec<String> = keys
        .iter()
        .map(|key| {
            let (there, here) = there_and_here(key);
            format!("{} = NEW.{}", quoted(there), quoted(here))
        })
        .collect();
    let source = quoted(source);
    format!(
        "    UPDATE {table} SET {column} = NEW.{source}\n    \
         WHERE {} AND {column} IS DISTINCT FROM NEW.{source};\n",
        is_own.join(" AND ")
    )
}

impl Trigger {
    fn function(&self) -> String {
        write::name(&Name::new(&self.table.schema, &self.name))
    }

    fn create(&self) -> Vec<String> {
        let Self { table, name, when, body } = self;
        let function = self.function();
        let text = format!("\n#variable_conflict use_column\nBEGIN\n{body}    RETURN NEW;\nEND\n");
        let mark = mark("$undrift$", &text);
        vec![
            format!(
                "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql\n\
                 SET search_path FROM CURRENT AS {mark}{text}{mark}"
            ),
            format!(
                "CREATE TRIGGER {} {when} ON {}\nFOR EACH ROW EXECUTE FUNCTION {function}()",
                quoted(name),
                write::name(table)
            ),
        ]
    }

    fn drop(&self) -> Vec<String> {
        vec![
            format!("DROP TRIGGER {} ON {}", quoted(&self.name), write::name(&self.table)),
            format!("DROP FUNCTION {}()", self.function()),
        ]
    }
}

/// Dollar quotes that a text does not contain.
pub(super) fn mark(wanted: &str, text: &str) -> String {
    let mut mark = wanted.to_owned();
    while text.contains(&mark) {
        mark.insert(1, '_');
    }
    mark
}
