//! The SQL of enum types.

use super::EnumType;
use crate::ddl::{Address, Alteration, Context, Ddl, Element, Part, Statement, write};
use crate::{Kind, Pair, literal};

impl Ddl for EnumType {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, labels, comment } = self;
        let this = Address::whole(Kind::EnumType, name);
        let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
        let quoted = write::name(name);
        let create = format!("CREATE TYPE {quoted} AS ENUM ({})", labels.join(", "));
        let element = Element::new(
            this.clone(),
            vec![Statement::new(create)],
            vec![Statement::new(format!("DROP TYPE {quoted}"))],
        )
        .needs([write::schema(name)])
        .slot(write::type_slot(name))
        .swapped("TYPE", name);
        let mut elements = vec![element];
        elements.extend(write::comment(&this, format!("TYPE {quoted}"), comment.as_deref()));
        elements
    }

    /// Adds labels, as long as none goes and all others stay in their order.
    fn alter(objects: Pair<&Self>, _part: &Part) -> Option<Alteration> {
        let labels = objects.map(|object| object.labels.as_slice());
        let kept: Vec<&String> =
            labels.desired.iter().filter(|label| labels.actual.contains(label)).collect();
        if !kept.into_iter().eq(labels.actual) {
            return None;
        }
        let name = write::name(&objects.desired.name);
        let mut statements = Vec::new();
        let mut previous: Option<&String> = None;
        for label in labels.desired {
            if !labels.actual.contains(label) {
                let place = match (previous, labels.actual.first()) {
                    (Some(previous), _) => format!(" AFTER {}", literal(previous)),
                    (None, Some(first)) => format!(" BEFORE {}", literal(first)),
                    (None, None) => String::new(),
                };
                let sql = format!("ALTER TYPE {name} ADD VALUE {}{place}", literal(label));
                statements.push(Statement { needs_commit: true, ..Statement::new(sql) });
            }
            previous = Some(label);
        }
        Some(Alteration::of(statements))
    }
}
