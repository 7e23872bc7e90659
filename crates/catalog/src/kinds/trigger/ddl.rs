//! The SQL of triggers.

use super::Trigger;
use crate::ddl::{Address, Context, Ddl, Element, LockMode, Statement, write};
use crate::{Kind, Object as _, quoted};

impl Ddl for Trigger {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let Self { table, name, definition, enabled, comment } = self;
        let this = Address::whole(Kind::Trigger, &self.id());
        let on = format!("TRIGGER {} ON {}", quoted(name), write::name(table));
        let create = Statement::new(definition).locking(LockMode::ShareRowExclusive, table);
        let drop = Statement::new(format!("DROP {on}")).exclusively(table);
        let whole =
            Element::new(this.clone(), vec![create], vec![drop]).within(context.relation(table));
        let mut elements = vec![whole];
        elements.extend(write::enabled(&this, table, "TRIGGER", name, enabled));
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
