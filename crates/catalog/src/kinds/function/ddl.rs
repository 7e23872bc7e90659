//! The SQL of functions, procedures and aggregates.

use super::{Function, Signature};
use crate::ddl::{Address, Alteration, Context, Ddl, Element, Part, Statement, write};
use crate::{Kind, Pair};

impl Ddl for Function {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { signature, routine, definition, comment } = self;
        let this = Address::whole(Kind::Function, signature);
        let Signature { name, arguments } = signature;
        let kind = match routine.as_str() {
            "aggregate" => "AGGREGATE",
            "procedure" => "PROCEDURE",
            _ => "FUNCTION",
        };
        let on = format!("{kind} {}({arguments})", write::name(name));
        let create = match kind {
            "AGGREGATE" => format!("CREATE {on} ({definition})"),
            _ => definition.trim_end().to_owned(),
        };
        let mut elements = vec![
            Element::new(
                this.clone(),
                vec![Statement::new(create)],
                vec![Statement::new(format!("DROP {on}"))],
            )
            .needs([write::schema(name)])
            // The names of arguments do not tell functions apart: one goes before the other comes.
            .slot(format!("function {name}")),
        ];
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }

    /// Replaces the function, which must keep its kind, its arguments with their defaults, and what it
    /// returns.
    fn alter(objects: Pair<&Self>, _part: &Part) -> Option<Alteration> {
        let routines = objects.map(|function| function.routine.as_str());
        let heads = objects.map(|function| head(&function.definition));
        if routines.differs() || routines.desired == "aggregate" || heads.differs() {
            return None;
        }
        let sql = objects.desired.definition.trim_end();
        Some(Alteration::of(vec![Statement::new(sql)]))
    }
}

/// What stands before the language: arguments and result.
fn head(definition: &str) -> &str {
    definition.split("\n LANGUAGE ").next().unwrap_or_default()
}
