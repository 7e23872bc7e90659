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
        let mut whole =
            Element::new(this.clone(), vec![create], vec![drop]).within(context.relation(table));
        // PostgreSQL gives partitions the triggers of their parent.
        let tables = [table].into_iter().chain(context.partitions(table));
        whole.slots.extend(tables.map(|table| format!("trigger {name} on {table}")));
        let mut elements = vec![whole];
        elements.extend(write::enabled(&this, table, "TRIGGER", name, enabled));
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
