//! The SQL of views and materialized views.

use super::View;
use crate::ddl::{Address, Alteration, Context, Ddl, Element, Part, Statement, write};
use crate::{Kind, Pair, quoted};

impl Ddl for View {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let this = Address::whole(Kind::View, &self.name);
        let (kind, view) = (self.sql_kind(), write::name(&self.name));
        let mut elements = vec![
            Element::new(
                this.clone(),
                vec![Statement::new(self.create("CREATE"))],
                vec![Statement::new(format!("DROP {kind} {view}")).exclusively(&self.name)],
            )
            .needs([write::schema(&self.name)])
            .slot(write::relation_slot(&self.name))
            .slot(write::type_slot(&self.name)),
        ];
        elements.extend(write::comment(&this, format!("{kind} {view}"), self.comment.as_deref()));
        for (column, default) in &self.column_defaults {
            let alter = |rest: &str| {
                let column = quoted(column);
                Statement::new(format!("ALTER VIEW {view} ALTER COLUMN {column} {rest}"))
            };
            let part = Part::Default(column.clone());
            let set = alter(&format!("SET DEFAULT {default}"));
            elements.push(Element::setting(&this, part, set, alter("DROP DEFAULT")));
        }
        for (column, comment) in &self.column_comments {
            let on = format!("COLUMN {view}.{}", quoted(column));
            elements.extend(write::comment(&this, on, Some(comment)));
        }
        elements
    }

    /// Replaces the query of a view, which may only add columns behind the others; of a materialized
    /// view, sets its storage parameters.
    fn alter(objects: Pair<&Self>, _part: &Part) -> Option<Alteration> {
        let Pair { actual, desired } = objects;
        if actual.materialized != desired.materialized {
            return None;
        }
        if desired.materialized {
            return desired.set_parameters(actual);
        }
        if actual.columns.is_empty() || !desired.columns.starts_with(&actual.columns) {
            return None;
        }
        let mut statements = Vec::new();
        if !actual.options.is_empty() {
            // What is not named would stay.
            let gone: Vec<String> = actual
                .options
                .iter()
                .map(|option| write::parameter_name(write::key(option)))
                .collect();
            let sql =
                format!("ALTER VIEW {} RESET ({})", write::name(&desired.name), gone.join(", "));
            statements.push(Statement::new(sql).exclusively(&desired.name));
        }
        let replace = desired.create("CREATE OR REPLACE");
        statements.push(Statement::new(replace).exclusively(&desired.name));
        Some(Alteration::of(statements))
    }
}

impl View {
    fn sql_kind(&self) -> &'static str {
        if self.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
    }

    fn create(&self, verb: &str) -> String {
        let special = |key: &str| {
            let mut options = self.options.iter().filter_map(|option| option.split_once('='));
            options.find_map(|(found, value)| (found == key).then(|| quoted(value)))
        };
        let parameters = write::parameters(self.options.iter().filter(|o| is_parameter(o)));
        let clauses = [
            write::clause("USING", special("access_method")),
            write::listed("WITH", &parameters),
            write::clause("TABLESPACE", special("tablespace")),
        ];
        let clauses = clauses.concat();
        format!(
            "{verb} {} {}{clauses} AS\n{}{}",
            self.sql_kind(),
            write::name(&self.name),
            self.definition.trim_end_matches(';'),
            if self.populated { "" } else { "\nWITH NO DATA" }
        )
    }

    /// Sets the storage parameters to those of this materialized view, when all else is the same, and fills it
    /// if it is to be filled.
    fn set_parameters(&self, actual: &Self) -> Option<Alteration> {
        let places = |view: &Self| -> Vec<String> {
            view.options.iter().filter(|option| !is_parameter(option)).cloned().collect()
        };
        if self.definition != actual.definition || places(self) != places(actual) {
            return None;
        }
        let view = write::name(&self.name);
        let mut clauses = Vec::new();
        let gone: Vec<String> = actual
            .options
            .iter()
            .filter(|option| is_parameter(option))
            .filter(|option| !self.options.contains(option))
            .map(|option| write::parameter_name(write::key(option)))
            .collect();
        if !gone.is_empty() {
            clauses.push(format!("RESET ({})", gone.join(", ")));
        }
        let set: Vec<String> = self
            .options
            .iter()
            .filter(|option| is_parameter(option))
            .filter(|option| !actual.options.contains(option))
            .map(|option| write::parameter(option))
            .collect();
        if !set.is_empty() {
            clauses.push(format!("SET ({})", set.join(", ")));
        }
        let statement = |clause: String| {
            Statement::new(format!("ALTER MATERIALIZED VIEW {view} {clause}"))
                .exclusively(&self.name)
        };
        let mut statements: Vec<Statement> = clauses.into_iter().map(statement).collect();
        if self.populated && !actual.populated {
            // What reads it would be refused.
            let refresh = Statement::new(format!("REFRESH MATERIALIZED VIEW {view}"));
            statements.push(refresh.exclusively(&self.name));
        }
        Some(Alteration::of(statements))
    }
}

/// Whether an option is a storage parameter or view option.
fn is_parameter(option: &str) -> bool {
    !["access_method", "tablespace"].contains(&write::key(option))
}
