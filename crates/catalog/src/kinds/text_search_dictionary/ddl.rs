//! The SQL of text search dictionaries.

use super::TextSearchDictionary;
use crate::Kind;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};

impl Ddl for TextSearchDictionary {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, template, options, comment } = self;
        let this = Address::whole(Kind::TextSearchDictionary, name);
        let on = format!("TEXT SEARCH DICTIONARY {}", write::name(name));
        let options = options.as_ref().map_or_else(String::new, |options| format!(", {options}"));
        let mut elements = vec![
            Element::new(
                this.clone(),
                vec![Statement::new(format!("CREATE {on} (template = {template}{options})"))],
                vec![Statement::new(format!("DROP {on}"))],
            )
            .needs([write::schema(name)]),
        ];
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
