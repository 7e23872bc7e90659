//! The SQL of foreign tables.

use super::{ForeignColumn, ForeignTable};
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::{Kind, quoted};

impl Ddl for ForeignTable {
    /// A foreign table holds no rows, so it is made anew whatever changes.
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let Self { name, server, columns, checks, inherits, bound, options, comment } = self;
        let this = Address::whole(Kind::ForeignTable, name);
        let on = format!("FOREIGN TABLE {}", write::name(name));
        let mut lines: Vec<String> = columns.iter().map(column).collect();
        for check in checks {
            lines.push(format!("    CONSTRAINT {} {}", quoted(&check.name), check.definition));
        }
        let parents: Vec<String> = inherits.iter().map(write::name).collect();
        let inheritance = match (bound, parents.as_slice()) {
            (None, [_, ..]) => format!(" INHERITS ({})", parents.join(", ")),
            (Some(_), _) | (None, []) => String::new(),
        };
        let mut create = vec![Statement::new(format!(
            "CREATE {on} (\n{}\n){inheritance} SERVER {}{}",
            lines.join(",\n"),
            quoted(server),
            write::foreign_options(options)
        ))];
        if let (Some(bound), Some(parent)) = (bound, parents.first()) {
            let table = write::name(name);
            let sql = format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {table} {bound}");
            create.push(Statement::new(sql));
        }
        let drop = vec![Statement::new(format!("DROP {on}"))];
        let mut whole = Element::new(this.clone(), create, drop)
            .needs([write::schema(name), Address::whole(Kind::ForeignServer, server)])
            .needs(inherits.iter().map(|parent| context.relation(parent)))
            .slot(write::relation_slot(name))
            .slot(write::type_slot(name));
        whole.unsupported = write::hidden_option(options);
        let mut elements = vec![whole];
        for ForeignColumn { name: column, comment, .. } in columns {
            let on = format!("COLUMN {}.{}", write::name(name), quoted(column));
            elements.extend(write::comment(&this, on, comment.as_deref()));
        }
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}

fn column(column: &ForeignColumn) -> String {
    let ForeignColumn { name, r#type, nullable, default, options, comment: _ } = column;
    // The collation stands behind the options.
    let (r#type, collation) = match r#type.split_once(" COLLATE ") {
        Some((r#type, collation)) => (r#type, format!(" COLLATE {collation}")),
        None => (r#type.as_str(), String::new()),
    };
    let default =
        match default.as_deref().map(|default| default.strip_suffix(" STORED").ok_or(default)) {
            None => String::new(),
            Some(Ok(generated)) => format!(" GENERATED ALWAYS AS ({generated}) STORED"),
            Some(Err(default)) => format!(" DEFAULT {default}"),
        };
    let not_null = if *nullable { "" } else { " NOT NULL" };
    let options = write::foreign_options(options);
    format!("    {} {type}{options}{collation}{default}{not_null}", quoted(name))
}
