//! The SQL of range types.

use super::RangeType;
use crate::ddl::{Address, Context, Ddl, Element, Statement, Swap, write};
use crate::{Kind, Name, quoted};

impl Ddl for RangeType {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, definition, subtype: _, multirange: _, comment } = self;
        let this = Address::whole(Kind::RangeType, name);
        let r#type = write::name(name);
        let multirange = self.named_multirange().map(quoted);
        let multirange = multirange.map(|it| format!(", multirange_type_name = {it}"));
        let multirange = multirange.unwrap_or_default();
        let mut whole = Element::new(
            this.clone(),
            vec![Statement::new(format!("CREATE TYPE {type} AS RANGE ({definition}{multirange})"))],
            vec![Statement::new(format!("DROP TYPE {type}"))],
        )
        .needs([write::schema(name)])
        .slot(write::type_slot(name));
        whole.wraps = true;
        whole.swap = Some(Swap {
            aside: self.aside(),
            finish: vec![Statement::new(format!("DROP TYPE {}", write::name(&write::old(name))))],
        });
        let mut elements = vec![whole];
        elements.extend(write::comment(&this, format!("TYPE {type}"), comment.as_deref()));
        elements
    }
}

impl RangeType {
    /// Renames the type, and all that PostgreSQL made along with it: the multirange type, and the
    /// functions that make values of both.
    fn aside(&self) -> Vec<Statement> {
        let Self { name, subtype, multirange, .. } = self;
        let rename = |what: &str, name: &Name, arguments: &str| {
            let new = quoted(&write::old(name).name);
            Statement::new(format!("ALTER {what} {}{arguments} RENAME TO {new}", write::name(name)))
        };
        let mut statements = vec![rename("TYPE", name, "")];
        for arguments in
            [format!("({subtype}, {subtype})"), format!("({subtype}, {subtype}, text)")]
        {
            statements.push(rename("FUNCTION", name, &arguments));
        }
        if let Some(multirange) = multirange {
            let multirange = Name::new(name.schema.clone(), multirange.clone());
            let old = write::name(&write::old(name));
            statements.push(rename("TYPE", &multirange, ""));
            for arguments in ["()".to_owned(), format!("({old})"), format!("({old}[])")] {
                statements.push(rename("FUNCTION", &multirange, &arguments));
            }
        }
        statements
    }
}
