//! The SQL of extended statistics.

use super::Statistics;
use crate::Kind;
use crate::ddl::{Address, Context, Ddl, Element, LockMode, Part, Statement, write};

impl Ddl for Statistics {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let Self { name, table, definition, target, comment } = self;
        let this = Address::whole(Kind::Statistics, name);
        let on = format!("STATISTICS {}", write::name(name));
        let create = Statement::new(definition).locking(LockMode::ShareUpdateExclusive, table);
        let mut whole =
            Element::new(this.clone(), vec![create], vec![Statement::new(format!("DROP {on}"))])
                .needs([write::schema(name)])
                .within(context.relation(table));
        // PostgreSQL forgets the target.
        whole.survives_retyping = target.is_none();
        let mut elements = vec![whole];
        if let Some(target) = target {
            let set = |target: i64| Statement::new(format!("ALTER {on} SET STATISTICS {target}"));
            let part = Part::Setting("target".to_owned());
            elements.push(Element::setting(&this, part, set(*target), set(-1)));
        }
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
