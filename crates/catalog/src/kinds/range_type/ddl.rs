//! The SQL of range types.

use super::RangeType;
use crate::Kind;
use crate::ddl::{Address, Context, Ddl, Element, Statement, Swap, write};

impl Ddl for RangeType {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, definition, comment } = self;
        let this = Address::whole(Kind::RangeType, name);
        let r#type = write::name(name);
        let mut whole = Element::new(
            this.clone(),
            vec![Statement::new(format!("CREATE TYPE {type} AS RANGE ({definition})"))],
            vec![Statement::new(format!("DROP TYPE {type}"))],
        )
        .needs([write::schema(name)])
        .slot(write::type_slot(name));
        whole.wraps = true;
        // Its multirange type and five functions would be in the way.
        whole.swap = Some(Swap {
            begin: Vec::new(),
            finish: Vec::new(),
            unsupported: Some("columns hold values of the range type"),
        });
        let mut elements = vec![whole];
        elements.extend(write::comment(&this, format!("TYPE {type}"), comment.as_deref()));
        elements
    }
}
