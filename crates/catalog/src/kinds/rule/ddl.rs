//! The SQL of rewrite rules.

use super::Rule;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::{Kind, Object as _, quoted};

impl Ddl for Rule {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let Self { table, name, definition, enabled, comment } = self;
        let this = Address::whole(Kind::Rule, &self.id());
        let on = format!("RULE {} ON {}", quoted(name), write::name(table));
        let create = Statement::new(definition.trim_end_matches(';')).exclusively(table);
        let drop = Statement::new(format!("DROP {on}")).exclusively(table);
        let whole =
            Element::new(this.clone(), vec![create], vec![drop]).within(context.relation(table));
        let mut elements = vec![whole];
        elements.extend(write::enabled(&this, table, &format!("RULE {}", quoted(name)), enabled));
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
