//! The SQL of extensions.

use super::Extension;
use crate::ddl::{Address, Alteration, Context, Ddl, Element, Part, Statement};
use crate::{Kind, Pair, quoted};

impl Ddl for Extension {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        // The version is what the server has to offer.
        let Self { name, schema, version: _ } = self;
        let this = Address::whole(Kind::Extension, name);
        let name = quoted(name);
        let place = schema
            .as_ref()
            .map_or_else(String::new, |schema| format!(" SCHEMA {}", quoted(schema)));
        let schema = schema.iter().map(|schema| Address::whole(Kind::Schema, schema));
        vec![
            Element::new(
                this,
                vec![Statement::new(format!("CREATE EXTENSION {name}{place}"))],
                vec![Statement::new(format!("DROP EXTENSION {name}"))],
            )
            .needs(schema),
        ]
    }

    fn alter(objects: Pair<&Self>, _part: &Part) -> Option<Alteration> {
        let schema = objects.desired.schema.as_ref()?;
        let name = quoted(&objects.desired.name);
        let sql = format!("ALTER EXTENSION {name} SET SCHEMA {}", quoted(schema));
        Some(Alteration::of(vec![Statement::new(sql)]))
    }
}
