//! The SQL of publications.

use super::Publication;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::{Kind, literal, quoted};

impl Ddl for Publication {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, all_tables, tables, schemas, publish, via_root, comment } = self;
        let this = Address::whole(Kind::Publication, name);
        let on = format!("PUBLICATION {}", quoted(name));
        let mut content = Vec::new();
        if *all_tables {
            content.push("ALL TABLES".to_owned());
        }
        if !tables.is_empty() {
            content.push(format!("TABLE {}", tables.join(", ")));
        }
        content.extend(schemas.iter().map(|schema| format!("TABLES IN SCHEMA {}", quoted(schema))));
        let content = match content.as_slice() {
            [] => String::new(),
            content => format!(" FOR {}", content.join(", ")),
        };
        let generated = publish.iter().any(|what| what == "generated columns");
        let publish: Vec<&str> = publish
            .iter()
            .map(String::as_str)
            .filter(|what| *what != "generated columns")
            .collect();
        let mut with = format!("publish = {}", literal(&publish.join(", ")));
        if *via_root {
            with.push_str(", publish_via_partition_root = true");
        }
        if generated {
            with.push_str(", publish_generated_columns = stored");
        }
        let create = format!("CREATE {on}{content} WITH ({with})");
        let schemas = schemas.iter().map(|schema| Address::whole(Kind::Schema, schema));
        let mut elements = vec![
            Element::new(
                this.clone(),
                vec![Statement::new(create)],
                vec![Statement::new(format!("DROP {on}"))],
            )
            .needs(schemas),
        ];
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
