//! The SQL of casts.

use super::Cast;
use crate::Kind;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};

impl Ddl for Cast {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, definition, comment } = self;
        let this = Address::whole(Kind::Cast, name);
        let on = format!("CAST ({name})");
        let mut elements = vec![Element::new(
            this.clone(),
            vec![Statement::new(format!("CREATE {on} {definition}"))],
            vec![Statement::new(format!("DROP {on}"))],
        )];
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
