//! The SQL of schemas.

use super::Schema;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::{Kind, quoted};

impl Ddl for Schema {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, comment } = self;
        let this = Address::whole(Kind::Schema, name);
        let name = quoted(name);
        let mut elements = vec![Element::new(
            this.clone(),
            vec![Statement::new(format!("CREATE SCHEMA {name}"))],
            vec![Statement::new(format!("DROP SCHEMA {name}"))],
        )];
        elements.extend(write::comment(&this, format!("SCHEMA {name}"), comment.as_deref()));
        elements
    }
}
