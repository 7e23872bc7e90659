//! The SQL of text search configurations.

use super::TextSearchConfiguration;
use crate::Kind;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::quoted;

impl Ddl for TextSearchConfiguration {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, definition, comment } = self;
        let this = Address::whole(Kind::TextSearchConfiguration, name);
        let on = format!("TEXT SEARCH CONFIGURATION {}", write::name(name));
        let mut create = Vec::new();
        for part in definition.split("; ") {
            if let Some(parser) = part.strip_prefix("parser ") {
                create.push(Statement::new(format!("CREATE {on} (parser = {parser})")));
            } else if let Some((token, dictionaries)) = part.split_once(" with ") {
                let mapping = format!("ADD MAPPING FOR {} WITH {dictionaries}", quoted(token));
                create.push(Statement::new(format!("ALTER {on} {mapping}")));
            }
        }
        let drop = vec![Statement::new(format!("DROP {on}"))];
        let mut elements =
            vec![Element::new(this.clone(), create, drop).needs([write::schema(name)])];
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
