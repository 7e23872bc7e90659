//! The SQL of triggers.

use super::{OnPartition, Trigger};
use crate::ddl::{Address, Context, Ddl, Element, LockMode, Part, Statement, write};
use crate::{Kind, Name, Object as _, quoted};

impl Ddl for Trigger {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let Self { table, name, definition, enabled, partitions, comment } = self;
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
        let trigger = format!("TRIGGER {}", quoted(name));
        match partitions {
            None => elements.extend(write::enabled(&this, table, &trigger, enabled)),
            // Each by itself, or the partitions would get what the parent gets.
            Some(partitions) => {
                let alone = |address: Address, table: &Name, enabled: &str| {
                    let relation = format!("ONLY {}", write::name(table));
                    write::firing(address, table, &relation, &trigger, enabled)
                };
                let own = this.with(Part::Setting("enabled".to_owned()));
                elements.push(alone(own, table, enabled));
                for OnPartition { table, enabled, comment } in partitions {
                    let address = this.with(Part::Setting(format!("enabled on {table}")));
                    let on = format!("{trigger} ON {}", write::name(table));
                    let comment = write::comment(&this, on, comment.as_deref());
                    for mut element in [alone(address, table, enabled)].into_iter().chain(comment) {
                        // The partition goes before its parent, and takes this along.
                        element.within.splice(0..0, context.places(table));
                        elements.push(element);
                    }
                }
            }
        }
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
